r"""Numbers that were typed into a LaTeX text and read like results.

What counts: a number with a decimal point; a number before a percent sign, "percent" or "points";
within a table, an integer with separators of thousands as well. Two such numbers in brackets are an
interval. What does not count: a number that names something (Section 4.2, version 2.0),
a version with two points, a length (0.8\textwidth, 3.5mm), a DOI or an arXiv identifier, and the
level of an interval (95\,\% interval).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["%", "points", ""]

SEPARATOR = r"(?:,|\{,\}|\\,)"
DIGITS = rf"(?:\d{{1,3}}(?:{SEPARATOR}\d{{3}})+(?!\d)|\d+)(?:\.\d+)?|\.\d+"
SIGN = r"[-+\N{MINUS SIGN}]|\$[-+]\$|\\ensuremath\{[-+]\}"
NUMBER = re.compile(rf"(?<![\w.\\])(?P<sign>{SIGN})?(?P<digits>{DIGITS})(?!\.?\d)")
SPACE = r"(?:\s|~|\\[ ,;:!]|\$|\{\}|\}\{?)*"
PERCENT = rf"{SPACE}(?:\\%|\\percent\b|per ?cent(?!age)\b)"
POINTS = rf"{SPACE}(?:percentage[ -])?points?\b|{SPACE}p\.?p\.?\b"
UNIT = re.compile(rf"(?P<percent>{PERCENT})|(?P<points>{POINTS})")
BETWEEN = r"\s*(?:,|;|--|\N{EN DASH}|to\b)\s*"
INTERVAL = re.compile(
    rf"[\[(]\s*(?P<low>(?:{SIGN})?(?:{DIGITS}))(?:{PERCENT})?{BETWEEN}"
    rf"(?P<high>(?:{SIGN})?(?:{DIGITS}))(?:{PERCENT})?\s*[\])]"
)
NAMES = re.compile(
    r"(?:\b(?:[Ss]ections?|[Ss]ec\.|[Cc]hapters?|[Tt]ables?|[Tt]ab\.|[Ff]igures?|[Ff]igs?\.|[Ee]q\."
    r"|equations?|Equations?|[Aa]ppendix|[Aa]lgorithms?|[Tt]heorems?|[Ll]emma|[Vv]ersions?|[Pp]ython"
    r"|[Pp]y[Tt]orch|CUDA|LaTeX|Snakemake|DVC|MLflow|v|v\.)|\\S|§|arXiv:|doi:|CC BY)[\s~\\]*$"
)
NAMED_WITHIN = 24
"""Characters before a number in which a word stands that it belongs to."""
LENGTH = re.compile(
    r"(?:pt|mm|cm|in|ex|em|pc|bp|sp|mu|dd|cc|fil{1,3})\b"
    r"|\s*\\(?:[a-z]*(?:width|height|skip|sep|size|unit|dimen))\b"
)
IDENTIFIER = re.compile(r"10\.\d{4,}/|\d{4}\.\d{4,5}(?:v\d+)?(?!\d)")
LEVEL = re.compile(r"[\s~-]*(?:confidence|credible|prediction|intervals?|CIs?)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedNumber:
    """A number, or an interval of two, as it was typed."""

    text: str
    start: int
    digits: str  # without sign and separators; of an interval, its lower end with a sign
    negative: bool | None  # None: it has no sign
    unit: Unit
    high: str = ""  # of an interval
    in_table: bool = False
    counts: bool = True  # False: an integer, which counts if it is one of the study's

    @property
    def value(self) -> float:
        """The number without its sign; of an interval, its lower end."""
        return float(self.digits)

    @property
    def places(self) -> int:
        """How many digits stand behind the point."""
        return len(self.digits.partition(".")[2])


def typed_numbers(text: str, tables: Sequence[tuple[int, int]]) -> Iterator[TypedNumber]:
    """Yield what reads like a result, in order of kind: intervals first.

    Args:
        text: LaTeX, with blanks in place of all that prints no number.
        tables: where tables begin and end.
    """
    taken: list[tuple[int, int]] = []
    for found in INTERVAL.finditer(text):
        if "." in found["low"] and "." in found["high"]:
            taken.append(found.span())
            yield TypedNumber(
                text=found[0],
                start=found.start(),
                digits=plain(found["low"]),
                negative=None,
                unit="",
                high=plain(found["high"]),
            )
    for found in NUMBER.finditer(text):
        inside = _within(found, taken)
        if not inside and (one := _number(text, found, in_table=_within(found, tables))):
            yield one


def _within(found: re.Match[str], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= found.start() < end for start, end in spans)


def _number(text: str, found: re.Match[str], *, in_table: bool) -> TypedNumber | None:
    if _is_no_result(text, found):
        return None
    digits, unit = plain(found["digits"]), _unit(text, found.end())
    if unit == "%" and LEVEL.match(text, UNIT.match(text, found.end()).end()):  # type: ignore[union-attr]
        return None
    grouped = len(digits) < len(found["digits"])
    return TypedNumber(
        text=found[0],
        start=found.start(),
        digits=digits,
        negative="-" in plain(found["sign"]) if found["sign"] else None,
        unit=unit,
        in_table=in_table,
        counts="." in digits or bool(unit) or (grouped and in_table),
    )


def _is_no_result(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - NAMED_WITHIN) : found.start()]
    return bool(
        NAMES.search(before)
        or LENGTH.match(text, found.end())
        or IDENTIFIER.match(text, found.start("digits"))
    )


def _unit(text: str, position: int) -> Unit:
    found = UNIT.match(text, position)
    if found is None:
        return ""
    return "%" if found["percent"] else "points"


def unit_behind(text: str, position: int) -> Unit:
    """Return the unit that a text gives a number which ends at ``position``."""
    return _unit(text, position)


def plain(typed: str) -> str:
    """Return a typed number as Python reads it."""
    bare = re.sub(SEPARATOR, "", typed)
    bare = re.sub(r"\\ensuremath|[${}\s]", "", bare)
    return bare.replace("\N{MINUS SIGN}", "-")
