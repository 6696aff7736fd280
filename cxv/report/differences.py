"""What a recipe or an ablation adds, on the same seeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from cxv.records import Cell
from cxv.report.evidence import Gap, top1, why_none
from cxv.report.tables import FRACTION, Row, Table, counted


@dataclass(frozen=True, slots=True)
class Difference:
    """What a row adds to its baseline on the same seeds; top-1 as a fraction of 1."""

    row: Row
    base: Row
    by_seed: Mapping[int, float]
    cell: Cell | Gap


def differences(table: Table, axis: Literal["recipe", "variant"]) -> tuple[Difference, ...]:
    """Return what each recipe adds to the first of its model, or each ablation to the base."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in table.rows:
        other = row.variant.name if axis == "recipe" else row.recipe
        found.setdefault((row.dataset.name, row.model.name, other), []).append(row)
    return tuple(
        _difference(row, rows[0])
        for rows in found.values()
        if axis == "recipe" or not rows[0].variant.is_edited
        for row in rows[1:]
    )


def _difference(row: Row, base: Row) -> Difference:
    theirs = {seed.spec.seed: seed for seed in base.seeds}
    pairs = [(seed, theirs[seed.spec.seed]) for seed in row.seeds if seed.spec.seed in theirs]
    scored = [
        (ours, other, gain - loss)
        for ours, other in pairs
        if (gain := top1(ours)) is not None and (loss := top1(other)) is not None
    ]
    if not scored:
        lost = (row if row.note else base).seeds
        gap = why_none(lost) if pairs else Gap("no pair", "no seed in common")
        return Difference(row, base, {}, gap)
    sources = tuple(seed.source for ours, other, _ in scored for seed in (ours, other))
    by_seed = {ours.spec.seed: gain for ours, _, gain in scored}
    rule = f"mean of paired differences, {counted(len(scored))}"
    return Difference(row, base, by_seed, Cell(fmean(by_seed.values()), FRACTION, rule, sources))
