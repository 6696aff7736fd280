"""All claims and what the paper's own numbers say of them, for a terminal."""

from collections import Counter
from textwrap import shorten

from cxv.claims.load import Paper

WIDTH = 120  # characters of a reason
SHOWN = {"holds": "holds", "partly": "partly", "fails": "fails", "not_checkable": "-"}


def table(paper: Paper) -> str:
    """Return a line for each claim: id, section, verdict, and the number that decides."""
    lines = [
        f"{id:7} {claim.section:19} {SHOWN[judged.verdict]:7} "
        + shorten(judged.headline, WIDTH, placeholder=" ...")
        for (id, claim), judged in zip(paper.claims.items(), paper.judgements.values(), strict=True)
    ]
    return "\n".join([*lines, "", summary(paper), ""])


def summary(paper: Paper) -> str:
    """Return how many claims there are of each verdict."""
    counts = Counter(judged.verdict for judged in paper.judgements.values())
    return (
        f"{len(paper.claims)} claims, by the paper's own {len(paper.printed.cells)} numbers:"
        f" {counts['holds']} hold, {counts['partly']} hold partly, {counts['fails']} fail,"
        f" of {counts['not_checkable']} no printed number tells"
    )
