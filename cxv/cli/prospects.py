"""What a study can tell of claims, in lines for a terminal."""

from collections.abc import Sequence

from cxv.paper.prospects import WANTED, Prospect
from cxv.paper.tolerances import Tolerances
from cxv.statistics.power import MOST_SEEDS

HEADINGS = ("claim", "pairs", "seeds", "chance", f"seeds for {100 * WANTED:.0f} %", "deviation")
HARDLY = 0.5


def table(found: Sequence[Prospect], tolerances: Tolerances) -> str:
    """Return a line for each claim under a header, and what was assumed."""
    rows = [_cells(one) for one in found]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    lines = [
        f"{name:{widths[0]}}  "
        + "  ".join(f"{x:>{width}}" for x, width in zip(cells, widths[1:-1], strict=True))
        + f"  {last}"
        for name, *cells, last in (HEADINGS, *rows)
    ]
    return "\n".join([*lines, *_assumptions(tolerances), ""])


def _cells(one: Prospect) -> tuple[str, ...]:
    notes = [one.deviation] if one.deviation else []
    notes += [f"{one.lacking} more pairs are not in this study"] if one.lacking else []
    notes += ["curves: not known before a pilot"] if one.curves else []
    if one.chance is None:
        return one.claim, "-", "-", "-", "-", "; ".join(notes)
    needed = f"more than {MOST_SEEDS}" if one.needed is None else str(one.needed)
    percent = f"{100 * one.chance:.0f} %"
    return one.claim, str(one.pairs), str(one.seeds), percent, needed, "; ".join(notes)


def _assumptions(tolerances: Tolerances) -> list[str]:
    assumed = tolerances.planned
    return [
        "Chance: that every pair comes out as claimed, were the claim exactly true, each at alpha"
        f" {tolerances.alpha:g};",
        "as if pairs were independent: those that share a side come out together more often.",
        f"More, or less, is taken to be by {assumed.difference:g} points of top-1. Assumed where no"
        " pilot tells, in points:",
        f"deviation of a difference between seeds {assumed.seed_sd:g}, error from images"
        f" {assumed.image_error:g}.",
    ]


def warning(study: str, found: Sequence[Prospect]) -> str:
    """Return a line on claims that can hardly come out, true or not; empty if there is none.

    Claims that are only partly in a study are left out: they need another one.
    """
    chances = [one.chance for one in found if one.chance is not None and not one.lacking]
    hardly = sum(chance < HARDLY for chance in chances)
    if not hardly:
        return ""
    said = f"{hardly} of {len(chances)} claims come out in under half of such studies, if true"
    return f"  {said}: python -m cxv plan {study}\n"
