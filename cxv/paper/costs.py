"""Tests of what is counted or predicted of networks: one number each, without seeds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from statistics import fmean
from types import MappingProxyType

from cxv.paper.claim_tests import AsPrintedTest, Column, CostTest
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.paper_spec import SCALES, Macs, Parameters
from cxv.paper.printed_check_spec import Measure
from cxv.paper.printed_tables import Cell
from cxv.paper.selection import networks
from cxv.paper.verdict_rules import Verdict, compare_exactly, not_run, static
from cxv.records.config_search import GIGA, MEGA
from cxv.records.costs import CostProfile, Counted
from cxv.results.records import Records
from cxv.results.selection import Pair, Side

MEASURES: Mapping[Measure, Callable[[float, float], float]] = MappingProxyType(
    {
        "difference": lambda left, right: left - right,
        "ratio": lambda left, right: left / right,
        "percent": lambda left, right: 100 * (left - right) / right,
    }
)
UNITS: Mapping[Measure, str] = MappingProxyType({"ratio": "left / right", "percent": "% of right"})
COSTS: Mapping[str, tuple[float, str]] = MappingProxyType(
    {"params": (MEGA, "M"), "macs": (GIGA, "G MACs"), "predicted": (GIGA, "GB")}
)
"""What a column begins with -> how much of it is one unit, and the unit."""


def compared(test: CostTest, pair: Pair, context: JudgingContext) -> JudgedPair:
    """Judge a cost of left against that of right.

    Memory is compared as the paper prints it, with a CUDA context (D21). What that takes is not
    known, and so the claim has to hold over its whole range.
    """
    records, names = context.records, [one.network for one in pair.members]
    scale, unit = COSTS[test.column.partition("_")[0]]
    left, right = (_mean_cost(records, side, test.column) for side in (pair.left, pair.right))
    if left is None or right is None:
        verdict = _missing(records, names)
    else:
        verdict = _judge(test, left / scale, right / scale, unit, context)
    return JudgedPair(
        what=pair.words(context.usual_recipe),
        unit=UNITS.get(test.by, unit),
        verdict=verdict,
        claimed=test.claimed.words,
        sources=_sources(records, names, test.column),
    )


def _judge(
    test: CostTest, left: float, right: float, unit: str, context: JudgingContext
) -> Verdict:
    in_memory = test.column == "predicted_peak_bytes"
    contexts = context.tolerances.context_gb if in_memory else (0.0, 0.0)
    values = [MEASURES[test.by](left + more, right + more) for more in contexts]
    low, high = round(min(values), 9), round(max(values), 9)  # of digits: 0.9 - 0.6 is 0.3
    shown = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
    over = f" over contexts of {contexts[0]:g} to {contexts[1]:g} GB" if low != high else ""
    reason = f"{left:.3g} against {right:.3g} {unit}: {shown}{over}, claimed {test.claimed.words}"
    return compare_exactly(low, high, test.claimed, reason)


def static_counts(test: AsPrintedTest, context: JudgingContext) -> Iterator[JudgedPair]:
    """Judge every count of every network against what a column prints of its model."""
    for network, column in product(networks(test), test.columns):
        _, _, variant = network.split("/")
        cell = printed_count(context.printed.cells.values(), network, column)
        if cell is None:
            raise ValueError(f"no {column} of {network} is printed")
        found = context.records.counted(network)
        lost = _missing(context.records, [network])
        verdict = counted(cell, found[0]) if found else lost
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


def counted(cell: Cell, counts: CostProfile | Counted) -> Verdict:
    """Judge one printed count.

    Raises:
        TypeError: what is printed is no count.
    """
    metric = cell.metric
    if not isinstance(metric, Parameters | Macs):
        raise TypeError(f"{cell.name} is no count")
    count = getattr(counts, metric.field)
    return static({"by the paper's rules": count}, cell.digits, SCALES[metric.unit])


def _missing(records: Records, names: list[str]) -> Verdict:
    lost = [f"{name} ({why})" for name in names if (why := records.unmeasured(name))]
    return not_run(f"profile of {', '.join(lost)}")


def _mean_cost(records: Records, side: Side | None, column: Column) -> float | None:
    """Return the cost of a side: of several networks their mean; None if one lacks it."""
    found = [_cost(records, one.network, column) for one in side.members] if side else []
    costs = [x for x in found if x is not None]
    return fmean(costs) if costs and len(costs) == len(found) else None


def _cost(records: Records, name: str, column: Column) -> float | None:
    """Return a cost; of a network that is only counted, what was counted."""
    if found := _found(records, name, column):
        return float(getattr(found[0], column))
    return None


def _found(records: Records, name: str, column: Column) -> tuple[CostProfile | Counted, str] | None:
    found = records.counted(name)
    return found if found and hasattr(found[0], column) else None


def _sources(records: Records, names: list[str], column: Column) -> tuple[str, ...]:
    found = (_found(records, name, column) for name in names)
    return tuple(dict.fromkeys(one[1] for one in found if one))
