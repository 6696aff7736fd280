"""All claims, by the paper's own numbers and by our runs, for a terminal."""

from collections import Counter
from collections.abc import Mapping
from textwrap import shorten

from cxv.paper.claim_family import DECIDED, ClaimResult, family
from cxv.paper.claims_from_runs import WORDS
from cxv.paper.load_claims import Paper
from cxv.paper.tolerances import Tolerances

WIDTH = 120  # characters of a reason
SHOWN = {"holds": "holds", "partly": "partly", "fails": "fails", "not_checkable": "-"}


def table(paper: Paper, outcomes: Mapping[str, ClaimResult]) -> str:
    """Return two lines per claim: verdicts from printed numbers and from our runs, with reasons."""
    lines = [line for id, ours in outcomes.items() for line in _lines(paper, id, ours)]
    said = (
        summary(paper),
        ours_in_short(outcomes),
        by_evidence(outcomes),
        by_chance(outcomes, paper.tolerances.alpha),
        frozen(paper),
    )
    return "\n".join([*lines, "", *filter(None, said), ""])


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
    return f"{len(outcomes)} claims by our runs: {counted}"


def by_chance(outcomes: Mapping[str, ClaimResult], alpha: float) -> str:
    """Return how many words are to be expected to be wrong; empty where chance has no say."""
    found = family(outcomes.values(), alpha)
    if not found.tested:
        return ""
    return (
        f"Chance has a say in {found.tested} hypotheses of claims; {found.decided} of them are"
        f" decided; of these words at most {found.expected_false:.2g} are to be expected to be"
        f" wrong (false discovery rate {100 * alpha:g} %, Benjamini and Hochberg)."
    )


def by_evidence(outcomes: Mapping[str, ClaimResult]) -> str:
    """Return what the claims that are decided, or were fitted, rest on."""
    decided = [one for one in outcomes.values() if one.word in {*DECIDED, "fitted"}]
    if not decided:
        return ""
    counts = Counter(
        f"{' and '.join(one.rests_on)}{' (fitted)' * (one.word == 'fitted')}" for one in decided
    )
    listed = ", ".join(f"{count} on {basis}" for basis, count in counts.most_common())
    return f"They rest: {listed}."


def tolerances_in_words(tolerances: Tolerances) -> str:
    """Return when each tolerance was chosen, and which results were known by then."""
    said = "; ".join(
        f"{name} on {choice.on.isoformat()}, when {choice.known}"
        for name, choice in tolerances.chosen.items()
    )
    return f"Tolerances were chosen: {said}."


def frozen(paper: Paper) -> str:
    """Return by which tolerances the runs are judged."""
    return f"{tolerances_in_words(paper.tolerances)}\ntolerances.yaml {paper.tolerances.sha256}"


def summary(paper: Paper) -> str:
    """Return how many claims there are of each verdict."""
    of_paper = [id for id, claim in paper.claims.items() if not claim.is_control]
    controls = len(paper.claims) - len(of_paper)
    counts = Counter(paper.judgements[id].verdict for id in of_paper)
    more = f" and {controls} that it lacks" if controls else ""
    return (
        f"{len(of_paper)} claims{more}, by the paper's own {len(paper.printed.cells)} numbers:"
        f" {counts['holds']} hold, {counts['partly']} hold partly, {counts['fails']} fail,"
        f" of {counts['not_checkable']} no printed number tells"
    )
