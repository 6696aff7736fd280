"""All claims, by the paper's own numbers and by our runs, for a terminal."""

from collections import Counter
from collections.abc import Mapping
from textwrap import shorten

from cxv.paper.claim_family import ClaimResult
from cxv.paper.claims_from_runs import WORDS
from cxv.paper.load_claims import Paper

WIDTH = 120  # characters of a reason
SHOWN = {"holds": "holds", "partly": "partly", "fails": "fails", "not_checkable": "-"}


def table(paper: Paper, outcomes: Mapping[str, ClaimResult]) -> str:
    """Return two lines per claim: verdicts from printed numbers and from our runs, with reasons."""
    lines = [line for id, ours in outcomes.items() for line in _lines(paper, id, ours)]
    return "\n".join([*lines, "", summary(paper), ours_in_short(outcomes), frozen(paper), ""])


def _lines(paper: Paper, id: str, ours: ClaimResult) -> tuple[str, str]:
    printed = paper.judgements[id]
    section = paper.claims[id].section
    return (
        f"{id:7} {section:19} printed:  {SHOWN[printed.verdict]:14} {_short(printed.headline)}",
        f"{'':27} our runs: {WORDS[ours.word]:14} {_short(ours.reason)}",
    )


def _short(reason: str) -> str:
    return shorten(reason, WIDTH, placeholder=" ...")


def ours_in_short(outcomes: Mapping[str, ClaimResult]) -> str:
    """Return how many claims there are of each verdict of our runs."""
    counts = Counter(outcome.word for outcome in outcomes.values())
    counted = ", ".join(f"{counts[word]} {words}" for word, words in WORDS.items() if counts[word])
    return f"{len(outcomes)} claims, by our runs: {counted}"


def frozen(paper: Paper) -> str:
    """Return by which tolerances the runs are judged."""
    return f"tolerances.yaml {paper.tolerances.sha256}"


def summary(paper: Paper) -> str:
    """Return how many claims there are of each verdict."""
    counts = Counter(judged.verdict for judged in paper.judgements.values())
    return (
        f"{len(paper.claims)} claims, by the paper's own {len(paper.printed.cells)} numbers:"
        f" {counts['holds']} hold, {counts['partly']} hold partly, {counts['fails']} fail,"
        f" of {counts['not_checkable']} no printed number tells"
    )
