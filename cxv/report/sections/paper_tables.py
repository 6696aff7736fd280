"""The paper's Tables 1 to 4 as they are printed, each number with ours."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from cxv.networks.registry import ZOO
from cxv.paper.cells import NOT_JUDGED, JudgedCell
from cxv.paper.printed_tables import ROWS
from cxv.paper.run_checks import WORDS
from cxv.paper.verdict_rules import Verdict
from cxv.report.wording import GROUPS, anchor, network_anchor
from cxv.results.selection import Trained, is_as_named
from cxv.results.table import Row, Table


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a printed table."""

    heading: str
    unit: str
    show: Callable[[float], str]


def _places(count: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{count}f}"


HEADS: Mapping[str, Head] = MappingProxyType(
    {
        "params_m": Head("Params", "M", _places(1)),
        "gpu_gb": Head("GPU", "GB", _places(1)),
        "macs_g": Head("MACs", "G", _places(2)),
        "cifar10": Head("CIFAR-10", "top-1, %", _places(2)),
        "cifar100": Head("CIFAR-100", "top-1, %", _places(2)),
        "tiny_imagenet": Head("Tiny ImageNet", "top-1, %", _places(2)),
        "adamw": Head("AdamW", "top-1, %", _places(2)),
        "dualopt": Head("DualOpT", "top-1, %", _places(2)),
        "increase_percent": Head("Increase", "% of AdamW's", _places(2)),
        "randaugment": Head("RandAugment", "top-1, %", _places(2)),
        "posttrain": Head("Post-training", "top-1, %", _places(2)),
    }
)
TITLES: Mapping[str, str] = MappingProxyType(
    {
        "table1": "Table 1: every model, its cost and its top-1",
        "table2": "Table 2: convolutions in the embedding of CNV",
        "table3": "Table 3: AdamW alone and DualOpT",
        "table4": "Table 4: RandAugment, then clean images (CIFAR-10)",
    }
)
MARKS = MappingProxyType(
    {"reproduced": "✓", "not_reproduced": "✗", "contradicted": "✗", "inconclusive": "?"}
)


@dataclass(frozen=True, slots=True)
class ComparedNumber:
    """One printed number and ours, as a page shows them."""

    id: str
    paper: str  # as printed
    ours: str  # with as many digits; empty: not run
    mark: str  # of the verdict; empty: none was given
    word: str
    kind: str  # of verdicts, for a page's colours
    title: str
    facts: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    runs: str  # anchor of the study's own row, where it has one
    cost: str  # and of what its network costs


@dataclass(frozen=True, slots=True)
class Line:
    """A row as printed."""

    title: str
    cells: tuple[ComparedNumber, ...]


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table as printed."""

    name: str
    title: str
    heads: tuple[Head, ...]
    groups: Mapping[str, tuple[Line, ...]]  # of rows; a single group has no title
    tally: str  # of verdicts
    asked: bool  # whether the study has the runs, the profile or the counts of any number
    trained: bool  # whether it has any runs


def printed_tables(judged: Mapping[str, JudgedCell], table: Table) -> tuple[PrintedTable, ...]:
    """Return Tables 1 to 4, whatever of them the study has."""
    rows = {
        Trained(row.dataset.name, row.model.name, row.variant.name, name): row
        for row in table.rows
        if is_as_named(row.dataset, row.model, row.variant)
        for name in row.recipe.split(" = ")
    }
    return tuple(
        _table(name, [one for one in judged.values() if one.printed.table == name], rows)
        for name in ROWS
    )


def _table(name: str, cells: list[JudgedCell], rows: Mapping[Trained, Row]) -> PrintedTable:
    groups: dict[str, list[Line]] = {}
    for row, found in groupby(cells, key=lambda one: (one.printed.row, one.printed.title)):
        line = Line(row[1], tuple(_compared_number(one, rows) for one in found))
        groups.setdefault(_group(name, row[0]), []).append(line)
    columns = dict.fromkeys(one.printed.column for one in cells)
    return PrintedTable(
        name=name,
        title=TITLES[name],
        heads=tuple(HEADS[column] for column in columns),
        groups={title: tuple(lines) for title, lines in groups.items()},
        tally=tally(cells),
        asked=any(one.asked for one in cells),
        trained=any(one.asked and one.rule == "R-acc" for one in cells),
    )


def _group(table: str, row: Mapping[str, str]) -> str:
    if table == "table1":
        return GROUPS[ZOO[row["model"]].group]
    return HEADS[row["dataset"]].heading if "dataset" in row else ""


def tally(cells: Iterable[JudgedCell]) -> str:
    """Return how many printed numbers came out how."""
    counts = Counter(one.words for one in cells)
    order = [word for word in (*WORDS.values(), NOT_JUDGED) if word in counts]
    return ", ".join(f"{counts[word]} {word}" for word in order)


def _compared_number(one: JudgedCell, rows: Mapping[Trained, Row]) -> ComparedNumber:
    cell, verdict, head = one.printed, one.verdict, HEADS[one.printed.column]
    row = rows.get(one.of)
    return ComparedNumber(
        id=cell.name.replace(".", "-"),
        paper=cell.digits,
        ours="" if verdict.estimate is None else head.show(verdict.estimate),
        mark=MARKS.get(verdict.word, ""),
        word=one.words,
        kind=verdict.word.replace("_", "-"),
        title=f"{cell.title}, {head.heading} ({head.unit})",
        facts=tuple(_facts(one, verdict, head)),
        sources=one.sources,
        runs=anchor(row) if row else "",
        cost=network_anchor(row) if row else "",
    )


def _facts(one: JudgedCell, verdict: Verdict, head: Head) -> Iterator[tuple[str, str]]:
    yield "Paper", f"{one.printed.digits}, {TITLES[one.printed.table].partition(':')[0]}"
    if verdict.estimate is not None:
        yield "Ours", head.show(verdict.estimate)
    yield "Verdict", f"{one.words} by {one.rule}: {verdict.reason}"
    if verdict.mean is not None:
        spread = "" if verdict.sd is None else f" ± {head.show(verdict.sd)}"
        yield "Mean ± sd", f"{head.show(verdict.mean)}{spread}, n = {verdict.n}"
    if verdict.low is not None and verdict.high is not None:
        ends = f"[{head.show(verdict.low)}, {head.show(verdict.high)}]"
        yield "Interval of the mean", f"{ends}, over seeds"
