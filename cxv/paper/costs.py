"""Tests of what is counted or predicted of networks: one number each, without seeds."""

from collections.abc import Iterable, Iterator
from itertools import product

from cxv.paper.claim_tests import MemoryTest, NumberTest, RatioTest, StaticCostTest, Test
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.paper_spec import SCALES, Macs, Parameters
from cxv.paper.printed_tables import Cell
from cxv.paper.selection import networks
from cxv.paper.verdict_rules import Verdict, less_memory, not_run, ratio, static
from cxv.records.config_search import GIGA
from cxv.records.run import CostProfile, Counted
from cxv.results.records import Records
from cxv.results.selection import Pair


def compared(test: Test, pair: Pair, context: JudgingContext) -> JudgedPair:
    """R-mem, R-ratio, and R-num of a cost: left against right."""
    column = getattr(test, "column", "")
    names = [one.network for one in pair.members]
    left, right = (_cost(context.records.measured(name), column) for name in names)
    if left is None or right is None:
        verdict = _missing(context.records, names)
    else:
        verdict = _judge(test, pair, context, left, right)
    return JudgedPair(
        what=pair.words(context.usual_recipe),
        unit="GB" if isinstance(test, MemoryTest) else "left / right",
        verdict=verdict,
        sources=_sources(context.records, names),
    )


def _judge(test: Test, pair: Pair, context: JudgingContext, left: float, right: float) -> Verdict:
    if isinstance(test, MemoryTest):
        names = (side.words(context.usual_recipe) for side in (pair.left, pair.right) if side)
        one, other = ({name: x / GIGA} for name, x in zip(names, (left, right), strict=True))
        less, more = (one, other) if test.direction == "below" else (other, one)
        return less_memory(less, more, "predicted")
    return ratio(left, right, *_band(test, context))


def _band(test: Test, context: JudgingContext) -> tuple[float, float]:
    if isinstance(test, NumberTest):  # relative
        off = context.tolerances.num[test.tolerance]
        return 1 + test.value - off, 1 + test.value + off
    if not isinstance(test, RatioTest):
        raise TypeError(f"{type(test).__name__} claims no ratio")
    if test.value is not None and test.tolerance is not None:
        off = context.tolerances.ratio[test.tolerance]
        return test.value - off, test.value + off
    return test.at_least or 0.0, test.at_most or float("inf")


def static_counts(test: StaticCostTest, context: JudgingContext) -> Iterator[JudgedPair]:
    """R-static: every count of every network, against what a column prints of its model."""
    for network, column in product(networks(test), test.columns):
        _, _, variant = network.split("/")
        cell = printed_count(context.printed.cells.values(), network, column)
        if cell is None:
            raise ValueError(f"no {column} of {network} is printed")
        found = context.records.counted(network)
        lost = _missing(context.records, [network])
        verdict = counted(cell, found[0], context) if found else lost
        yield JudgedPair(
            what=f"{cell.title}{f' {variant}' * (variant != 'base')}",
            unit=_unit(cell),
            verdict=verdict,
            sources=(found[1],) if found else (),
        )


def printed_count(cells: Iterable[Cell], network: str, column: str) -> Cell | None:
    """Return what a column prints of a network, or else of its model as it is; None: nothing."""
    dataset, model, _ = network.split("/")
    found = {cell.of.network: cell for cell in cells if cell.column == column}
    return found.get(network) or found.get(f"{dataset}/{model}/base")


def _unit(cell: Cell) -> str:
    if isinstance(cell.metric, Macs):
        return f"{cell.metric.unit} MACs"
    return f"{cell.metric.unit if cell.metric else ''} parameters"


def counted(cell: Cell, counts: CostProfile | Counted, context: JudgingContext) -> Verdict:
    """R-static of one printed number.

    Raises:
        TypeError: what is printed is no count.
    """
    metric = cell.metric
    if not isinstance(metric, Parameters | Macs):
        raise TypeError(f"{cell.name} is no count")
    count = getattr(counts, metric.field)
    tolerance = context.tolerances.static[cell.column]
    return static({"by the paper's rules": count}, cell.digits, SCALES[metric.unit], tolerance)


def _missing(records: Records, names: list[str]) -> Verdict:
    lost = [f"{name} ({why})" for name in names if (why := records.unmeasured(name))]
    return not_run(f"profile of {', '.join(lost)}")


def _cost(measured: CostProfile | None, column: str) -> float | None:
    """Return a cost; memory as the paper prints it, with the CUDA context (D21)."""
    if measured is None:
        return None
    context = measured.predicted_context_bytes if column == "predicted_peak_bytes" else 0
    return float(getattr(measured, column) + context)


def _sources(records: Records, names: list[str]) -> tuple[str, ...]:
    return tuple(records.profiles[name].source for name in names if records.measured(name))
