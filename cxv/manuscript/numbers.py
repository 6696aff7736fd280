"""Every number that the report of a study shows, by the key that a manuscript names it by."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cxv.config.grid import Params
from cxv.paper.printed_against_ours import JudgedCell
from cxv.records.run import Cell
from cxv.report.contents import ReportData
from cxv.report.sections.differences import Axis, Difference
from cxv.report.sections.pooled import PooledDifference
from cxv.report.wording import anchor, between, ends, signed
from cxv.results.accuracies import AccuracyInterval
from cxv.results.lookup import Gap, Lookup, RunLookup, top1
from cxv.results.table import COLUMNS, Row
from cxv.statistics import Interval

PERCENT, POINTS = "%", "points"
WITHHELD = {"altered", "stale"}
"""Statuses of a record that is there and may not be used."""

PRINTED: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "top1_best": (PERCENT, 100),
        "top1_mean": (PERCENT, 100),
        "top1_sd": (POINTS, 100),
        "top1_optimism": (POINTS, 100),
        "top1_without_optimism": (PERCENT, 100),
        "n": ("seeds", 1),
        "params": ("parameters", 1),
        "params_modules": ("parameters", 1),
        "macs_thop": ("million MACs", 1e-6),
        "macs_fvcore": ("million MACs", 1e-6),
        "predicted_peak_bytes": ("GB", 1e-9),
        "predicted_lean_peak_bytes": ("GB", 1e-9),
        "inference_images_per_second": ("images/s", 1),
        "inference_spread": (PERCENT, 100),
    }
)
"""By column of ``table.csv``: the unit in a text, and how many of these one unit of a cell is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number, in the unit in which a text has it."""

    key: str
    value: float
    shown: str  # as the report prints it
    unit: str
    interval: Interval | None = None
    shown_interval: str = ""  # as the report prints it
    rule: str
    sources: tuple[str, ...]  # "results/runs/.../metrics.json#<spec digest>"


@dataclass(frozen=True, slots=True)
class StudyNumbers:
    """What a manuscript can name of a study."""

    study: str
    records: str  # SHA-256 over all that its records say
    numbers: Mapping[str, Number]  # by key
    missing: Mapping[str, str]  # by key: why there is no number
    withheld: Mapping[str, tuple[str, ...]]  # by key: records left out as altered or stale, and why
    made_of: Mapping[str, Lookup[Any, Any]]  # by path: each record
    settings: frozenset[float]  # numbers of its phases, models and variants


def study_numbers(params: Params, report: ReportData, records: str) -> StudyNumbers:
    """Return the numbers of ``params.study``.

    Args:
        params: the grid, cut to the study.
        report: what its report shows.
        records: the digest of its records.
    """
    table = report.table
    looked_up: tuple[Lookup[Any, Any], ...] = (*table.runs, *table.profiles)
    if report.counts:
        looked_up += (report.counts,)
    found = [
        *(one for row in table.rows for one in _of_row(table.study, row, report.intervals)),
        *(one for axis, all_of in report.comparisons.items()
          for difference in all_of for one in _of_difference(table.study, axis, difference)),
    ]  # fmt: skip
    more = [
        *(_of_pooled(table.study, axis, one) for axis, line in report.pooled.items()
          for one in line),
        *(one for run in table.runs for one in _of_run(table.study, run)),
        *(one for cell in report.cells.values() for one in _of_paper(table.study, cell)),
    ]  # fmt: skip
    numbers = [one for one, _ in found if isinstance(one, Number)] + more
    return StudyNumbers(
        study=table.study,
        records=records,
        numbers={one.key: one for one in numbers},
        missing={one[0]: one[1] for one, _ in found if not isinstance(one, Number)},
        withheld={one.key if isinstance(one, Number) else one[0]: why for one, why in found if why},
        made_of={one.path.as_posix(): one for one in looked_up},
        settings=frozenset(
            _numbers_of(params.model_dump(include={"phases", "models", "variants", "training"}))
        ),
    )


Known = Number | tuple[str, str]
"""A number, or its key and why there is none."""


def _of_row(
    study: str, row: Row, intervals: Mapping[str, AccuracyInterval]
) -> Iterator[tuple[Known, tuple[str, ...]]]:
    trained = _withheld(*row.seeds)
    for column, cell in row.cells.items():
        unit, scale = PRINTED[column]
        why = trained if column in {"n"} or column.startswith("top1") else _withheld(row.profile)
        key = _key(study, *_names(row), column)
        if isinstance(cell, Gap):
            yield (key, f"{cell.status}: {cell.reason}"), why
            continue
        show = COLUMNS[column].show if column in COLUMNS else signed
        found = intervals.get(anchor(row)) if column == "top1_mean" else None
        interval = found.interval if found else None
        yield _number(key, cell, show, unit, scale, interval, interval and ends(interval)), why


def _number(
    key: str,
    cell: Cell,
    show: Callable[[float], str],
    unit: str,
    scale: float,
    interval: Interval | None,
    ends_shown: str | None,
) -> Number:
    return Number(
        key=key,
        value=cell.value * scale,
        shown=show(cell.value),
        unit=unit,
        interval=interval,
        shown_interval=ends_shown or "",
        rule=cell.rule,
        sources=cell.sources,
    )


def _of_difference(
    study: str, axis: Axis, one: Difference
) -> Iterator[tuple[Known, tuple[str, ...]]]:
    against = one.base.recipe if axis == "recipe" else one.base.variant.name
    key = _key(study, *_names(one.row), f"{axis}_minus_{against}")
    why = _withheld(*one.row.seeds, *one.base.seeds)
    if isinstance(one.cell, Gap):
        yield (key, f"{one.cell.status}: {one.cell.reason}"), why
    else:
        shown = between(one.interval)
        yield _number(key, one.cell, signed, POINTS, 100, one.interval, shown), why


def _of_pooled(study: str, axis: Axis, one: PooledDifference) -> Number:
    data = "all_datasets" if len(one.datasets) > 1 else one.datasets[0]
    return Number(
        key=_key(study, "pooled", data, one.variant, one.recipe, f"{axis}_minus_{one.against}"),
        value=one.found.mean,
        shown=signed(one.found.mean / 100),
        unit=POINTS,
        interval=one.interval,
        shown_interval=between(one.interval),
        rule=f"mean over {one.who}, each counted once",
        sources=(),
    )


def _of_run(study: str, run: RunLookup) -> Iterator[Number]:
    share = top1(run)
    if share is None or isinstance(run.record, Gap):
        return
    epochs = run.record.outcome.epochs
    for column, value, shown, unit in (
        ("top1", 100 * share, COLUMNS["top1_best"].show(share), PERCENT),
        ("epochs", float(epochs), f"{epochs}", "epochs"),
    ):
        yield Number(
            key=_key(study, "run", run.spec.id, column),
            value=value,
            shown=shown,
            unit=unit,
            rule="of this run",
            sources=(run.source,),
        )


def _of_paper(study: str, one: JudgedCell) -> Iterator[Number]:
    """Yield ours in the place of a printed number, in its unit and with its digits."""
    estimate, metric = one.verdict.estimate, one.printed.metric
    if estimate is None or not one.asked:
        return
    places = metric.digits if metric else len(one.printed.digits.partition(".")[2])
    low, high = one.verdict.low, one.verdict.high
    interval = None if low is None or high is None else Interval(low, high)
    yield Number(
        key=_key(study, "paper", one.printed.name, "ours"),
        value=estimate,
        shown=f"{estimate:.{places}f}",
        unit=PERCENT if metric is None or one.printed.is_top1 else str(metric.unit),
        interval=interval,
        shown_interval=f"[{low:.{places}f}, {high:.{places}f}]" if interval else "",
        rule=one.printed.rule,
        sources=one.sources,
    )


def _withheld(*looked_up: Lookup[Any, Any]) -> tuple[str, ...]:
    gaps = (one.record for one in looked_up if isinstance(one.record, Gap))
    return tuple(f"{gap.status}: {gap.reason}" for gap in gaps if gap.status in WITHHELD)


def _names(row: Row) -> tuple[str, ...]:
    return row.dataset.name, row.model.name, row.variant.name, row.recipe


def _key(*parts: str) -> str:
    """Return a key without spaces: ``adamw = first`` is two names of one recipe."""
    return "/".join(parts).replace(" ", "")


def _numbers_of(settings: object) -> Iterator[float]:
    if isinstance(settings, Mapping):
        settings = list(settings.values())
    if isinstance(settings, list | tuple):
        for one in settings:
            yield from _numbers_of(one)
    elif isinstance(settings, int | float) and not isinstance(settings, bool):
        yield float(settings)
