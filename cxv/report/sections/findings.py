"""What a study found, in a few sentences, each with its interval and the place of its evidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from cxv.networks.registry import ZOO
from cxv.records.run import Cell
from cxv.report.sections.differences import LEVEL, Axis, Difference
from cxv.report.sections.pooled import PooledDifference
from cxv.report.wording import GROUPS, MINUS, anchor, ends, label
from cxv.results.accuracies import AccuracyInterval
from cxv.results.differences import estimated, sample_of
from cxv.results.lookup import Gap
from cxv.results.records import Records
from cxv.results.table import COLUMNS, Row, Table
from cxv.statistics import ALPHA, Interval

MOST_EFFECTS, MOST_OTHERS = 3, 1
"""Sentences, so that they are read: on effects, and on anything else."""


AXES: tuple[Axis, ...] = ("recipe", "variant")


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and the id of what it rests on."""

    says: str
    evidence: str


def findings(
    table: Table,
    records: Records,
    intervals: Mapping[str, AccuracyInterval],
    pooled: Mapping[Axis, Sequence[PooledDifference]],
    comparisons: Mapping[Axis, Sequence[Difference]],
) -> tuple[Finding, ...]:
    """Return the sentences, the most general first."""
    several = _has_several(table)
    effects = chain.from_iterable(
        _effects(axis, pooled[axis], comparisons[axis], several=several) for axis in AXES
    )
    return (
        *islice(effects, MOST_EFFECTS),
        *islice(_leads(table, records), MOST_OTHERS),
        *islice(_best(table, intervals), MOST_OTHERS),
    )


def _has_several(table: Table) -> bool:
    return len({row.dataset.name for row in table.rows}) > 1


def _effects(
    axis: Axis,
    pooled: Sequence[PooledDifference],
    comparisons: Sequence[Difference],
    *,
    several: bool,
) -> Iterator[Finding]:
    """Yield what each recipe or ablation adds: over all models that have it, else in one."""
    over_all = {(one.variant, one.recipe): one for one in pooled if one.interval}  # last: widest
    said = set()
    for one in comparisons:
        key = (one.row.variant.name, one.row.recipe)
        if key in said or one.estimate is None:
            continue
        what, found = _what(axis, one), over_all.get(key)
        if found:
            said.add(key)
            where = f"on average over {found.who}{f' on {found.data}' * several}"
            spread = f"; {found.spread}" if found.spread else ""
            adds = _adds(found.interval, found.found.mean)
            alone = "" if _clear(found.interval) else _clear_alone(comparisons, key)
            yield Finding(f"{what}: {adds} {where}{spread}{alone}.", f"by-{axis}")
        else:
            where = f"in {label(one.row.model)}{f' on {one.row.dataset.name}' * several}"
            yield Finding(
                f"{what}: {_adds(one.interval, one.estimate.mean)} {where}.", f"by-{axis}"
            )


def _clear(interval: Interval | None) -> bool:
    return interval is not None and (interval.low > 0 or interval.high < 0)


def _clear_alone(comparisons: Sequence[Difference], key: tuple[str, str]) -> str:
    """Name the models in which the difference is clear, though it is not on average."""
    clear = [
        f"{label(one.row.model)} ({_signed(one.estimate.mean)})"
        for one in comparisons
        if (one.row.variant.name, one.row.recipe) == key and one.estimate and _clear(one.interval)
    ]
    *others, last = clear or [""]
    named = f"{', '.join(others)} and {last}" if others else last
    return f"; of single models, it is clear in {named}" if clear else ""


def _what(axis: Axis, one: Difference) -> str:
    """Name both sides: recipes with their optimizers and epochs, ablations as they are called."""
    if axis == "variant":
        return f"{_opening(_word(one.row.variant.name))}, in place of the model as it is"
    return f"{_opening(_recipe(one.row))} against {_recipe(one.base)}"


def _opening(words: str) -> str:
    """Return words as they begin a sentence; capitals of names stay."""
    return words[:1].upper() + words[1:]


def _recipe(row: Row) -> str:
    """Return ``demo dualopt (AdamW up to 8, then SGD up to 5 epochs)``."""
    phases = [f"{phase.optimizer.name} up to {phase.max_epochs}" for phase in row.phases]
    return f"{_word(row.recipe)} ({', then '.join(phases)} epochs)"


def _word(name: str) -> str:
    return name.replace("_", " ")


def _adds(interval: Interval | None, mean: float) -> str:
    """Say in which direction a difference is, if its interval says so."""
    points = f"{_signed(mean)} points of top-1"
    if interval is None:
        return f"{points}, without an interval, which takes three seeds,"
    points += f" [{_signed(interval.low)}, {_signed(interval.high)}]"
    if not _clear(interval):
        return f"no clear difference, {points}"
    return f"{'better' if interval.low > 0 else 'worse'}, {points}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", MINUS)


def _leads(table: Table, records: Records) -> Iterator[Finding]:
    """Yield how far the best model is ahead of the best of another group, dataset by dataset.

    The interval is for the best of all such pairs: which are the best was seen in the results.
    """
    for dataset, rows in _scored(table).items():
        leaders: dict[str, Row] = {}
        kinds: dict[str, int] = {}
        for row in sorted(rows, key=_mean, reverse=True):
            kind = _group(row)
            leaders.setdefault(kind, row)
            kinds[kind] = kinds.get(kind, 0) + 1
        if len(leaders) < 2:  # noqa: PLR2004 - one kind has nothing to lead
            continue
        (first, best), (second, other), *_ = leaders.items()
        one, two = (sample_of({run.spec.seed: run for run in row.seeds}) for row in (best, other))
        estimate, _ = estimated(records, one, two)
        choices = kinds[first] * kinds[second]
        interval = estimate.interval(ALPHA / choices) if estimate else None
        if estimate is None or interval is None:
            continue
        widened = (
            f"; the interval is wider than others, as results picked this pair out of {choices}"
            if choices > 1
            else ""
        )
        yield Finding(
            f"{label(best.model)}, the best model on {dataset} ({_kind(best)}), against"
            f" {label(other.model)}, the best that is not in its group ({_kind(other)}):"
            f" {_adds(interval, estimate.mean)}{widened}.",
            f"table-{dataset}",
        )


def _group(row: Row) -> str:
    return GROUPS[ZOO[row.model.zoo].group]


def _kind(row: Row) -> str:
    """Return ``Convolutional, 11,173,962 parameters, 555.6 M MACs``: what the row is, and costs."""
    costs = (("params_modules", "parameters"), ("macs_thop", "M MACs"))
    shown = (
        f"{COLUMNS[key].show(cell.value)} {unit}"
        for key, unit in costs
        if isinstance(cell := row.cells[key], Cell)
    )
    return ", ".join([_group(row), *shown])


def _best(table: Table, intervals: Mapping[str, AccuracyInterval]) -> Iterator[Finding]:
    for dataset, rows in _scored(table).items():
        best = max(rows, key=_mean)
        seeds, interval = len(best.seeds), intervals.get(anchor(best))
        if interval is None:
            continue
        yield Finding(
            f"The highest mean top-1 on {dataset} is {100 * _mean(best):.2f} %"
            f" {ends(interval.interval)} (over {interval.over}), of"
            f" {label(best.model)} under {_word(best.recipe)},"
            f" {seeds} seed{'s' if seeds > 1 else ''}.",
            f"table-{dataset}",
        )


def _scored(table: Table) -> dict[str, list[Row]]:
    """Return the unedited rows that have a top-1, by dataset."""
    found: dict[str, list[Row]] = {}
    for row in _finished(table.rows):
        found.setdefault(row.dataset.name, []).append(row)
    return found


def _finished(rows: Iterable[Row]) -> Iterator[Row]:
    return (
        row
        for row in rows
        if not row.variant.is_edited and not isinstance(row.cells["top1_mean"], Gap)
    )


def _mean(row: Row) -> float:
    cell = row.cells["top1_mean"]
    return -1.0 if isinstance(cell, Gap) else cell.value


def about_intervals(table: Table) -> str:
    """Say once what the intervals hold, and what they leave out."""
    picked = (
        " Epochs were picked on the test split, which flatters every top-1: see the column"
        " Corrected."
        if table.training.select_on == "test"
        else ""
    )
    return (
        f"In brackets: {LEVEL} intervals. Of three seeds or more, they allow for other seeds and"
        " other test images of the same kind; of fewer, for other test images alone. They do not"
        f" cover other datasets, other settings or another choice of training images.{picked}"
    )
