"""What the paper's own numbers say of its claims, in one line."""

from collections import Counter

from cxv.paper.load_claims import Paper


def summary(paper: Paper) -> str:
    """Return how many claims there are of each verdict."""
    counts = Counter(judged.verdict for judged in paper.judgements.values())
    return (
        f"{len(paper.claims)} claims, by the paper's own {len(paper.printed.cells)} numbers:"
        f" {counts['holds']} hold, {counts['partly']} hold partly, {counts['fails']} fail,"
        f" of {counts['not_checkable']} no printed number tells"
    )
