"""Printed numbers side by side: pairs, what is computed of a pair, and how that reads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean

from cxv.paper.printed_check_spec import Axis, Compare, Measure
from cxv.paper.printed_tables import NUMBER, Cell, Printed

TAKEN = re.compile(r"(max|min|mean)\((.*)\)")
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Term:
    """A side of a comparison: a printed number, a mean of some, or a number of the claim."""

    value: Decimal
    words: str  # "CPV-5/4 57.34"
    place: str = ""  # a dataset's name
    axes: Mapping[str, str] | None = None  # None: may be compared with anything

    def shares(self, other: "Term", same: Sequence[Axis]) -> bool:
        """Tell whether both have the same place on every one of the axes."""
        mine, theirs = self.axes, other.axes
        if mine is None or theirs is None:
            return True
        return all(mine.get(axis) == theirs.get(axis) for axis in same)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides, what is computed of them, and by how much that is inside the bound."""

    left: Term
    right: Term
    value: Decimal
    slack: Decimal
    fits: bool


def term(cell: Cell, printed: Printed) -> Term:
    """Return a printed number with its name, unit and dataset."""
    named = printed.paper.named
    words = " ".join(filter(None, (cell.title, cell.recipe, cell.digits)))
    place = named(cell.of.dataset) if cell.is_top1 or cell.metric is None else ""
    return Term(cell.value, words + _unit(cell), place, cell.axes)


def _unit(cell: Cell) -> str:
    if cell.is_top1:
        return ""
    return f" {cell.metric.unit}" if cell.metric else " %"


def terms(printed: Printed, operand: str | float) -> tuple[Term, ...]:
    """Return what one side of a comparison stands for.

    Raises:
        ValueError: it stands for nothing.
    """
    words = operand if isinstance(operand, str) else f"{operand:g}"
    if NUMBER.fullmatch(words):
        return (Term(Decimal(words), words),)
    taken = TAKEN.fullmatch(words)
    if not taken:
        return tuple(term(cell, printed) for cell in printed.select(words))
    found = [term(cell, printed) for cell in printed.select(taken[2])]
    if taken[1] == "mean":
        value = mean(one.value for one in found)
        return (Term(value, f"mean of {len(found)} {value:.2f}", found[0].place),)
    best = max if taken[1] == "max" else min
    return (best(found, key=lambda one: one.value),)


def pairs(printed: Printed, check: Compare) -> list[Pair]:
    """Return every pair of a comparison, the least inside its bound first.

    Raises:
        ValueError: a side stands for nothing, or no two numbers are to be compared.
    """
    found, rights = [], terms(printed, check.right)
    for left in terms(printed, check.left):
        for right in rights:
            if left.shares(right, check.same):
                value = MEASURES[check.by](left.value, right.value)
                slack, fits = _inside(printed, check, left, value)
                found.append(Pair(left, right, value, slack, fits))
    if not found:
        shared = ", ".join(check.same)
        raise ValueError(f"{check.left!r} and {check.right!r} share no {shared}")
    return sorted(found, key=lambda pair: pair.slack)


MEASURES = {
    "difference": lambda left, right: left - right,
    "ratio": lambda left, right: left / right,
    "percent": lambda left, right: 100 * (left - right) / right,
}


def _inside(printed: Printed, check: Compare, left: Term, value: Decimal) -> tuple[Decimal, bool]:
    """Return how far a value is inside the bound of its comparison, and whether it is."""
    if check.above is not None:
        slack = value - Decimal(str(check.above))
        return slack, slack > 0
    if check.below is not None:
        slack = Decimal(str(check.below)) - value
        return slack, slack > 0
    if check.within is not None:
        low, high = (Decimal(str(end)) for end in check.within)
    else:
        low, high = _rounding(printed, str(check.rounds_to), left, check.same)
    slack = min(value - low, high - value)
    return slack, slack >= 0


def _rounding(
    printed: Printed, target: str, left: Term, same: Sequence[Axis]
) -> tuple[Decimal, Decimal]:
    """Return between which numbers a number rounds to the digits of its target."""
    digits = next(one.value for one in terms(printed, target) if left.shares(one, same))
    half = Decimal(1).scaleb(int(digits.as_tuple().exponent)) / 2
    return digits - half, digits + half


def bound(check: Compare) -> str:
    """Say what a comparison asks for."""
    unit = " %" if check.by == "percent" else ""
    if check.above is not None:
        return _minus(f"above {check.above:g}{unit}")
    if check.below is not None:
        return f"below {check.below:g}{unit}"
    if check.within is not None:
        low, high = check.within
        return _minus(f"from {low:g} to {high:g}{unit}")
    return f"{check.rounds_to}{unit}" if NUMBER.fullmatch(str(check.rounds_to)) else "as printed"


def is_order(check: Compare) -> bool:
    """Tell a comparison that asks for an order, or for equality, alone."""
    return check.by == "difference" and (0 in (check.above, check.below) or check.within == (0, 0))


def shown(pair: Pair, check: Compare) -> str:
    """Return ``CPV-5/4 57.34 < ConvMixer-16 61.80, CIFAR-100``."""
    return f"{_side_by_side(pair, check.by, order=is_order(check))}{_place(pair)}"


def _side_by_side(pair: Pair, by: Measure, *, order: bool) -> str:
    left, right = pair.left.words, pair.right.words
    if order:
        sign = (pair.left.value > pair.right.value) - (pair.left.value < pair.right.value)
        return f"{left} {'=><'[sign]} {right}"
    if by == "ratio":
        return f"{left} / {right} = {pair.value:.2f}"
    if by == "percent":
        return f"{left} against {right}: {_signed(pair.value)} %"
    return f"{left} {MINUS} {right} = {_signed(pair.value)}"


def _signed(value: Decimal) -> str:
    """Return two decimals behind a sign."""
    return _minus(f"{value:+.2f}")


def _minus(words: str) -> str:
    return words.replace("-", MINUS)


def _place(pair: Pair) -> str:
    return f", {pair.left.place}" if pair.left.place else ""


def groups(cells: Sequence[Cell], same: Sequence[Axis]) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells that share a place on all of the axes."""
    places = dict.fromkeys(tuple(cell.axes.get(axis) for axis in same) for cell in cells)
    for place in places:
        yield tuple(cell for cell in cells if tuple(cell.axes.get(axis) for axis in same) == place)
