"""The numbers that the paper prints in Tables 1 to 4, and how a check points at some of them."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from types import MappingProxyType

from cxv.errors import UserError

ROWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "table1": ("model",),
        "table2": ("variant",),
        "table3": ("dataset", "model"),
        "table4": ("model",),
    }
)
"""What names a row of each table; its other columns are ``title`` and numbers."""

PLACES = {"table2": "cifar10", "table4": "cifar10"}  # Table 3 says it by row, Table 1 by column
NUMBER = re.compile(r"\d+(\.\d+)?")


class PrintedError(UserError):
    """A file of printed numbers cannot be used."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One printed number."""

    table: str
    row: Mapping[str, str]  # e.g. {"dataset": "cifar10", "model": "cpv"}
    title: str  # of the row, as printed
    column: str
    digits: str  # as printed

    @property
    def value(self) -> Decimal:
        """The number, exactly as printed."""
        return Decimal(self.digits)

    @property
    def name(self) -> str:
        """How a check names it, e.g. ``table3.cifar10.cpv.adamw``."""
        return ".".join((self.table, *self.row.values(), self.column))

    @property
    def axes(self) -> Mapping[str, str]:
        """What two cells may share: keys of the row, the column, and the dataset."""
        place = self.row.get("dataset") or PLACES.get(self.table, self.column)
        return {**self.row, "column": self.column, "dataset": place}


class Printed:
    """All printed numbers, by name, and named sets of rows or columns."""

    def __init__(self, cells: Sequence[Cell], groups: Mapping[str, Sequence[str]]) -> None:
        self.cells = {cell.name: cell for cell in cells}
        self.groups = groups

    def select(self, selector: str) -> tuple[Cell, ...]:
        """Return the cells that ``table1.{cxv,vit}.cifar10`` or ``table3.*.*.adamw`` points at.

        A word is a name, a group of names, or ``*``; braces hold several. Of a group, the members
        that the table has are meant.

        Raises:
            ValueError: a word stands for nothing, or no cell is left; says what is known.
        """
        table, *words = selector.split(".")
        if table not in ROWS:
            raise ValueError(f"no table {table!r} in {selector!r} (known: {', '.join(ROWS)})")
        cells = [cell for cell in self.cells.values() if cell.table == table]
        axes = (*ROWS[table], "column")
        if len(words) != len(axes):
            raise ValueError(f"{selector!r} should read {'.'.join((table, *axes))}")
        for axis, word in zip(axes, words, strict=True):
            known = {cell.axes[axis] for cell in self.cells.values() if cell.table == table}
            wanted = set(self._meant(word, axis, known))
            cells = [cell for cell in cells if cell.axes[axis] in wanted]
        if not cells:
            raise ValueError(f"{selector!r} points at no printed number")
        return tuple(cells)

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


def load_printed(folder: Path, groups: Mapping[str, Sequence[str]]) -> Printed:
    """Return the numbers of ``table1.csv`` to ``table4.csv`` in ``folder``.

    Raises:
        PrintedError: a file is missing, or a cell is no number; names file and line.
    """
    return Printed([*chain.from_iterable(_cells(folder / f"{t}.csv", t) for t in ROWS)], groups)


def _cells(path: Path, table: str) -> Iterator[Cell]:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise PrintedError(f"{path}: {error.strerror}") from error
    reader = csv.DictReader(text.splitlines())
    keys = (*ROWS[table], "title")
    if missing := set(keys) - set(reader.fieldnames or ()):
        raise PrintedError(f"{path}:1: no column {', '.join(sorted(missing))}")
    for line in reader:
        if None in line:
            raise PrintedError(f"{path}:{reader.line_num}: has more cells than there are columns")
        row = {key: line[key] for key in ROWS[table]}
        for column, digits in line.items():
            if column in keys:
                continue
            if not isinstance(digits, str) or not NUMBER.fullmatch(digits):
                raise PrintedError(f"{path}:{reader.line_num}: {column}: {digits!r} is no number")
            yield Cell(table, row, line["title"], column, digits)
