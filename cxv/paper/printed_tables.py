"""The numbers that a paper prints, and how a check points at some of them."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from cxv.errors import UserError
from cxv.paper.paper_spec import Column, Macs, Metric, PaperFile, Parameters, Table, Top1
from cxv.results.selection import Trained

NUMBER = re.compile(r"\d+(\.\d+)?")


class PrintedError(UserError):
    """A file of printed numbers cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One printed number."""

    table: str
    row: Mapping[str, str]  # e.g. {"dataset": "cifar10", "model": "cpv"}
    title: str  # of the row, as printed
    column: str
    digits: str  # as printed
    of: Trained  # the runs that it is about, or those whose network it counts
    metric: Metric | None  # None: computed of the cells ``parts`` of its row
    parts: tuple[str, str] | None = None  # names of the cells, whose difference it is in percent
    recipe: str = ""  # as printed, where rows or columns of the table differ in it

    @property
    def value(self) -> Decimal:
        """The number, exactly as printed."""
        return Decimal(self.digits)

    @property
    def name(self) -> str:
        """How a check names it, e.g. ``table3.cifar10.cpv.adamw``."""
        return ".".join((self.table, *self.row.values(), self.column))

    @property
    def is_top1(self) -> bool:
        """Tell a top-1 from a cost."""
        return isinstance(self.metric, Top1)

    @property
    def is_count(self) -> bool:
        """Tell parameters and MACs from what is measured."""
        return isinstance(self.metric, Parameters | Macs)

    @property
    def rule(self) -> str:
        """By which rule it is compared with ours."""
        if self.is_count:
            return "rounds to the print"
        return "arithmetic" if self.metric is None else "equivalence"

    @property
    def axes(self) -> Mapping[str, str]:
        """What two cells may share: keys of the row, the column, and the dataset of a top-1."""
        is_cost = not (self.is_top1 or self.metric is None)
        place = self.column if is_cost else self.of.dataset
        return {**self.row, "column": self.column, "dataset": place}


class Printed:
    """All printed numbers, by name, and named sets of rows or columns."""

    def __init__(
        self, cells: Sequence[Cell], paper: PaperFile, groups: Mapping[str, Sequence[str]]
    ) -> None:
        self.cells = {cell.name: cell for cell in cells}
        self.paper = paper
        self.groups = groups
        self._placed: dict[str, list[tuple[Cell, Mapping[str, str]]]] = {}
        for cell in cells:
            self._placed.setdefault(cell.table, []).append((cell, cell.axes))

    def select(self, selector: str) -> tuple[Cell, ...]:
        """Return the cells that ``table1.{cxv,vit}.cifar10`` or ``table3.*.*.adamw`` points at.

        A word is a name, a group of names, or ``*``; braces hold several. Of a group, the members
        that the table has are meant.

        Raises:
            ValueError: a word stands for nothing, or no cell is left; says what is known.
        """
        table, *words = selector.split(".")
        tables = self.paper.tables
        if table not in tables:
            raise ValueError(f"no table {table!r} in {selector!r} (known: {', '.join(tables)})")
        placed = every = self._placed.get(table, [])
        axes = (*tables[table].axes, "column")
        if len(words) != len(axes):
            raise ValueError(f"{selector!r} should read {'.'.join((table, *axes))}")
        for axis, word in zip(axes, words, strict=True):
            wanted = set(self._meant(word, axis, {place[axis] for _, place in every}))
            placed = [(cell, place) for cell, place in placed if place[axis] in wanted]
        if not placed:
            raise ValueError(f"{selector!r} points at no printed number")
        return tuple(cell for cell, _ in placed)

    def fitted(self) -> Mapping[str, str]:
        """Return the decision that each number was fitted by, by its name."""
        return {
            cell.name: by for cells, by in self.paper.fitted.items() for cell in self.select(cells)
        }

    def _meant(self, word: str, axis: str, known: set[str]) -> Iterator[str]:
        if word == "*":
            yield from known
            return
        for name in word.strip("{}").split(","):
            if name in known:
                yield name
            elif name in self.groups:
                yield from self.groups[name]
            else:
                allowed = ", ".join(sorted(known | self.groups.keys()))
                raise ValueError(f"no {axis} {name!r} (known: {allowed})")


def load_cells(folder: Path, paper: PaperFile) -> tuple[Cell, ...]:
    """Return the numbers of every ``<table>.csv`` in ``folder``.

    Raises:
        PrintedError: a file is missing, or a cell is no number; names file and line.
    """
    return tuple(
        cell
        for name, table in paper.tables.items()
        for cell in _cells(folder / f"{name}.csv", name, table, paper)
    )


def _cells(path: Path, name: str, table: Table, paper: PaperFile) -> Iterator[Cell]:
    lines = _lines(path, {*table.axes, "title", *table.columns})
    seen: set[tuple[str, ...]] = set()
    for number, line in lines:
        where = f"{path}:{number}"
        if None in line:
            raise PrintedError(f"{where}: has more cells than there are columns")
        row: dict[str, str] = {axis: line[axis] for axis in table.axes}
        if (names := tuple(row.values())) in seen:
            raise PrintedError(f"{where}: {'.'.join(names)} stands twice")
        seen.add(names)
        for column, settings in table.columns.items():
            digits = line[column]
            if not isinstance(digits, str) or not NUMBER.fullmatch(digits):
                raise PrintedError(f"{where}: {column}: {digits!r} is no number")
            yield _cell(name, row, column, settings, line["title"], digits, paper)


def _lines(path: Path, wanted: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each line, and its cells, of a file that has these columns alone."""
    try:
        reader = csv.DictReader(path.read_text("utf-8").splitlines())
        there = set(reader.fieldnames or ())
        if missing := wanted - there:
            raise PrintedError(f"{path}:1: no column {', '.join(sorted(missing))}")
        if more := there - wanted:
            raise PrintedError(f"{path}:1: paper.yaml has no column {', '.join(sorted(more))}")
        for line in reader:
            yield reader.line_num, line
    except OSError as error:
        raise PrintedError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PrintedError(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from error
    except csv.Error as error:
        raise PrintedError(f"{path}: is no CSV file: {error}") from error


def _cell(
    table: str,
    row: Mapping[str, str],
    column: str,
    settings: Column,
    title: str,
    digits: str,
    paper: PaperFile,
) -> Cell:
    parts = settings.percent
    source = paper.tables[table].columns[parts[0]] if parts else settings
    return Cell(
        table=table,
        row=row,
        title=title,
        column=column,
        digits=digits,
        of=_about(paper, paper.tables[table], row, source),
        metric=paper.metrics[settings.metric] if settings.metric else None,
        parts=tuple(".".join((table, *row.values(), part)) for part in parts) if parts else None,  # type: ignore[arg-type]
        recipe=_recipe(table, row, column, paper),
    )


def _recipe(table: str, row: Mapping[str, str], column: str, paper: PaperFile) -> str:
    """Return how the recipe is printed, in whose place a column may stand; else nothing."""
    if recipe := row.get("recipe"):
        return paper.named(recipe)
    scores = paper.tables[table].columns[column].of.recipe is not None
    return paper.named(column) if scores else ""


def _about(paper: PaperFile, table: Table, row: Mapping[str, str], column: Column) -> Trained:
    """Return what a cell is about: of all that say it, the last."""
    said = paper.about.model_dump() | table.of.said | dict(row) | column.of.said
    for name in tuple(said.values()):
        if but := column.but.get(name):
            said |= but.said
    if missing := set(Trained._fields) - said.keys():
        axes = ", ".join(sorted(missing))
        raise PrintedError(
            f"paper.yaml: what is printed of {'.'.join(row.values())} is about no {axes}:"
            " say it in `of` of its table or column"
        )
    return Trained(**said)
