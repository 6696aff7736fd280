"""A paper's tables as they are printed, each number with ours."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from cxv.config.vocabulary import Means
from cxv.paper.claims_from_runs import WORDS
from cxv.paper.load_claims import Paper
from cxv.paper.paper_spec import Column, PaperFile, Top1
from cxv.paper.printed_against_ours import NOT_JUDGED, JudgedCell
from cxv.paper.verdict_rules import Verdict
from cxv.report.wording import anchor, network_anchor
from cxv.results.selection import Trained
from cxv.results.table import Row, Table


@dataclass(frozen=True, slots=True)
class Head:
    """A column of a printed table."""

    heading: str
    unit: str
    show: Callable[[float], str]


def _places(count: int) -> Callable[[float], str]:
    return lambda value: f"{value:.{count}f}"


MARKS = MappingProxyType(
    {"reproduced": "✓", "fitted": "=", "not_reproduced": "✗", "inconclusive": "?"}
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
    heading: str  # of its rows
    heads: tuple[Head, ...]
    groups: Mapping[str, tuple[Line, ...]]  # of rows; a single group has no title
    verdict_counts: str  # of verdicts
    asked: bool  # whether the study has the runs, the profile or the counts of any number
    trained: bool  # whether it has any runs


def printed_tables(
    judged: Mapping[str, JudgedCell], table: Table, paper: Paper
) -> tuple[PrintedTable, ...]:
    """Return every table of the paper, whatever of it the study has."""
    rows = _rows(table, paper.description.means)
    file = paper.printed.paper
    return tuple(
        _table(name, [one for one in judged.values() if one.printed.table == name], rows, file)
        for name in file.tables
    )


def _rows(table: Table, means: Means) -> Mapping[Trained, Row]:
    """Return the study's own rows that are as the paper means them."""
    return {
        Trained(row.dataset.name, row.model.name, row.variant.name, name): row
        for row in table.rows
        if means.has(row.seeds[0].spec)
        for name, chain in means.recipes.items()
        if chain == tuple(phase.name for phase in row.phases)
    }


def _table(
    name: str, cells: list[JudgedCell], rows: Mapping[Trained, Row], paper: PaperFile
) -> PrintedTable:
    settings = paper.tables[name]
    heads = {key: _head(key, column, paper) for key, column in settings.columns.items()}
    groups: dict[str, list[Line]] = {}
    for _, found in groupby(cells, key=lambda one: one.printed.row):
        line = [*found]
        numbers = tuple(_compared_number(x, heads[x.printed.column], rows, paper) for x in line)
        groups.setdefault(_group(line[0], paper), []).append(Line(_row(line[0]), numbers))
    return PrintedTable(
        name=name,
        title=settings.title,
        heading=settings.heading,
        heads=tuple(heads.values()),
        groups={title: tuple(lines) for title, lines in groups.items()},
        verdict_counts=count_verdicts(cells),
        asked=any(one.asked for one in cells),
        trained=any(one.asked and one.printed.is_top1 for one in cells),
    )


def top1_in_words(paper: PaperFile) -> str:
    """Say what ours is of the seeds."""
    counts = {metric.best_of for metric in paper.metrics.values() if isinstance(metric, Top1)}
    [seeds] = counts if len(counts) == 1 else [0]
    if seeds == 1:
        return "Top-1 is that of the first seed, as the paper prints one run"
    of = f"{seeds} seeds" if seeds else "seeds"
    return f"Top-1 is the best of the first {of}, as the paper prints it"


def _head(key: str, column: Column, paper: PaperFile) -> Head:
    named = paper.named(key)
    heading = named[:1].upper() + named[1:]
    if column.metric is None:
        return Head(heading, column.unit, _places(column.digits))
    metric = paper.metrics[column.metric]
    return Head(heading, metric.unit, _places(metric.digits))


def _row(one: JudgedCell) -> str:
    """Return how a row is headed: a recipe that names it stands behind its title."""
    recipe = one.printed.recipe if "recipe" in one.printed.row else ""
    return ", ".join(filter(None, (one.printed.title, recipe)))


def _group(one: JudgedCell, paper: PaperFile) -> str:
    """Return the heading above a row: its block, its dataset, or none."""
    if paper.tables[one.printed.table].by_block:
        return next(x.title for x in paper.blocks.values() if one.of.model in x.models)
    return paper.named(one.of.dataset) if "dataset" in one.printed.row else ""


def count_verdicts(cells: Iterable[JudgedCell]) -> str:
    """Return how many printed numbers came out how."""
    counts = Counter(one.words for one in cells)
    order = [word for word in (*WORDS.values(), NOT_JUDGED) if word in counts]
    return ", ".join(f"{counts[word]} {word}" for word in order)


def _compared_number(
    one: JudgedCell, head: Head, rows: Mapping[Trained, Row], paper: PaperFile
) -> ComparedNumber:
    cell, verdict, row = one.printed, one.verdict, rows.get(one.of)
    source = f"{cell.digits}, {paper.tables[cell.table].title.partition(':')[0]}"
    return ComparedNumber(
        id=cell.name.replace(".", "-"),
        paper=cell.digits,
        ours="" if verdict.estimate is None else head.show(verdict.estimate),
        mark=MARKS.get(verdict.word, ""),
        word=one.words,
        kind=verdict.word.replace("_", "-"),
        title=f"{_row(one)}, {head.heading} ({head.unit})",
        facts=(("Paper", source), *_facts(one, verdict, head)),
        sources=one.sources,
        runs=anchor(row) if row else "",
        cost=network_anchor(row) if row else "",
    )


def _facts(one: JudgedCell, verdict: Verdict, head: Head) -> Iterator[tuple[str, str]]:
    if verdict.estimate is not None:
        yield "Ours", head.show(verdict.estimate)
    yield "Verdict", f"{one.words} by {one.printed.rule}: {verdict.reason}"
    if verdict.mean is not None:
        spread = "" if verdict.sd is None else f" ± {head.show(verdict.sd)}"
        yield "Mean ± sd", f"{head.show(verdict.mean)}{spread}, n = {verdict.n}"
    if verdict.low is not None and verdict.high is not None:
        ends = f"[{head.show(verdict.low)}, {head.show(verdict.high)}]"
        yield "Interval", f"{ends}, over seeds"
