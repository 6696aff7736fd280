"""A typed number against the numbers of studies: is it one of them, rounded rightly?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cxv.manuscript.numbers import PERCENT, POINTS, Number
from cxv.manuscript.typed_numbers import TypedNumber

NEAREST = 3
"""How many numbers a finding names."""
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a typed number differs from one of a study."""

    kind: str  # empty: it does not
    says: str


SAME = Comparison("", "")


def compare(typed: TypedNumber, number: Number) -> Comparison:
    """Return in what way a typed number is not ``number`` in as many digits."""
    if typed.high:
        return _compare_interval(typed, number)
    value = _signed_like(typed, number.value)
    right = _rounded(value, typed.places)
    if _same_unit(typed, number) and typed.digits == right:
        return SAME
    exact = f"{number.key} is {number.value:.6g} {number.unit}"
    if not _same_unit(typed, number):
        return Comparison("unit", f"{exact}, not {typed.unit}")
    for scale, said in ((HUNDRED, "a fraction of 1"), (1 / HUNDRED, "a percentage")):
        if number.unit in {PERCENT, POINTS} and typed.digits == _rounded(
            value / scale, typed.places
        ):
            return Comparison("unit", f"{exact}: typed as {said}")
    if abs(typed.value - value) < 10**-typed.places:
        return Comparison("rounding", f"{exact}, which rounds to {right}")
    return Comparison("value", exact)


def _compare_interval(typed: TypedNumber, number: Number) -> Comparison:
    if number.interval is None:
        return Comparison("interval", f"{number.key} has no interval")
    for end, said in zip(number.interval, (typed.digits, typed.high), strict=True):
        if float(said) != float(f"{end:.{len(said.partition('.')[2])}f}"):
            return Comparison("interval", f"the interval of {number.key} is {_ends(number)}")
    return SAME


def _ends(number: Number) -> str:
    return number.shown_interval or "none"


def _same_unit(typed: TypedNumber, number: Number) -> bool:
    """Whether the unit behind a typed number, if there is any, is the number's."""
    return not typed.unit or number.unit in {PERCENT, POINTS}


def _signed_like(typed: TypedNumber, value: float) -> float:
    """Return the value as a typed number without a sign has it: a loss of 0.5 may be typed 0.5."""
    if typed.negative is None:
        return abs(value)
    return -value if typed.negative else value


def _rounded(value: float, places: int) -> str:
    return f"{value:.{places}f}"


def of_another_row(typed: TypedNumber, number: Number, known: Mapping[str, Number]) -> str:
    """Return the key of the same column in another row that the typed number is; empty if none."""
    column = number.key.rpartition("/")[2]
    for other in known.values():
        same_column = other.key != number.key and other.key.rpartition("/")[2] == column
        if same_column and compare(typed, other) is SAME:
            return other.key
    return ""


def nearest(typed: TypedNumber, known: Iterable[Number]) -> list[tuple[Number, Comparison]]:
    """Return the numbers that a typed one may be meant to be, the most likely first."""
    order = ("", "rounding", "unit", "interval", "value")
    fitting = [one for one in known if _fits(typed, one)]
    found = [(one, compare(typed, one)) for one in fitting]
    distance = _distance_to(typed)
    found.sort(key=lambda pair: (order.index(pair[1].kind), distance(pair[0])))
    return found[:NEAREST]


def _fits(typed: TypedNumber, number: Number) -> bool:
    if typed.high:
        return number.interval is not None
    return _same_unit(typed, number)


def _distance_to(typed: TypedNumber) -> Callable[[Number], float]:
    def distance(number: Number) -> float:
        if typed.high and number.interval:
            low, high = number.interval
            return abs(float(typed.digits) - low) + abs(float(typed.high) - high)
        value = abs(number.value)
        return abs(typed.value - value) / max(typed.value, value, 1e-12)

    return distance
