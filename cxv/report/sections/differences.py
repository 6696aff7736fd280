"""What a recipe or an ablation adds, on the same seeds and the same test images."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from cxv.records.run import Cell
from cxv.results.differences import estimated, sample_of
from cxv.results.lookup import FRACTION, Gap, counted, top1, why_none
from cxv.results.records import Records
from cxv.results.table import Row, Table
from cxv.statistics import ALPHA, Estimate, Interval

LEVEL = f"{1 - ALPHA:.0%}".replace("%", " %")
"""With which it holds the difference, as printed."""

Axis = Literal["recipe", "variant"]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a row adds to its baseline on the same seeds; top-1 as a fraction of 1."""

    row: Row
    base: Row
    by_seed: Mapping[int, float]
    cell: Cell | Gap
    estimate: Estimate | None = None  # percentage points; as verdicts on claims take it: D27

    @property
    def interval(self) -> Interval | None:
        """In percentage points; None of fewer than three seeds."""
        return self.estimate.interval(ALPHA) if self.estimate else None


def compare(table: Table, records: Records) -> Mapping[Axis, tuple[Difference, ...]]:
    """Return the differences along both axes."""
    return {
        "recipe": differences(table, records, "recipe"),
        "variant": differences(table, records, "variant"),
    }


def differences(table: Table, records: Records, axis: Axis) -> tuple[Difference, ...]:
    """Return what each recipe adds to the first of its model, or each ablation to the base."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in table.rows:
        other = row.variant.name if axis == "recipe" else row.recipe
        found.setdefault((row.dataset.name, row.model.name, other), []).append(row)
    return tuple(
        _difference(row, rows[0], records)
        for rows in found.values()
        if axis == "recipe" or not rows[0].variant.is_edited
        for row in rows[1:]
    )


def _difference(row: Row, base: Row, records: Records) -> Difference:
    ours, theirs = ({run.spec.seed: run for run in one.seeds} for one in (row, base))
    estimate, lacks = estimated(records, sample_of(ours), sample_of(theirs))
    if estimate is None:
        lost = (row if row.note else base).seeds
        gap = why_none(lost) if ours.keys() & theirs else Gap("no pair", "no seed in common")
        return Difference(row, base, {}, gap)
    by_seed = {
        seed: gain - loss
        for seed, run in ours.items()
        if seed in theirs
        and (gain := top1(run)) is not None
        and (loss := top1(theirs[seed])) is not None
    }
    gaps = (f"{side.recipe}, {side.variant.name}: {side.note}" for side in (row, base) if side.note)
    basis = "; ".join(filter(None, (counted(len(by_seed)), lacks, *gaps)))
    rule = f"mean of paired differences, {basis}"
    sources = tuple(side[seed].source for seed in by_seed for side in (ours, theirs))
    stale = any(run.stale for side in (ours, theirs) for run in side.values())
    cell = Cell(fmean(by_seed.values()), FRACTION, rule, sources, stale)
    return Difference(row, base, by_seed, cell, estimate)
