"""Each use of our macros in a manuscript, against the records and the files of macros."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from cxv.manuscript.comparison import NEAREST, compare, of_another_row
from cxv.manuscript.findings import Finding
from cxv.manuscript.latex_calls import Call
from cxv.manuscript.latex_source import LatexSource
from cxv.manuscript.macros import MacrosFile, Printed, printed
from cxv.manuscript.numbers import PERCENT, POINTS, Number
from cxv.manuscript.studies import Study
from cxv.manuscript.typed_numbers import typed_numbers, unit_behind

PARAMETER = re.compile(r"#\d")


@dataclass(frozen=True, slots=True)
class Known:
    """All keys that a manuscript may use, of all its studies."""

    numbers: Mapping[str, Number]
    missing: Mapping[str, str]  # why there is no number
    withheld: Mapping[str, tuple[str, ...]]
    printed: Mapping[str, Printed]  # what the files of macros print

    @classmethod
    def of(cls, studies: Sequence[Study], files: Sequence[MacrosFile]) -> "Known":
        """Gather the keys of studies, and what files of macros say of them."""
        return cls(
            {key: one for study in studies for key, one in study.numbers.numbers.items()},
            {key: why for study in studies for key, why in study.numbers.missing.items()},
            {key: why for study in studies for key, why in study.numbers.withheld.items()},
            {key: one for file in files for key, one in file.printed.items()},
        )


def check_call(call: Call, source: LatexSource, known: Known) -> Iterator[Finding]:
    """Yield what is wrong with one use of a macro."""
    wanted = 2 if call.name in {"cxvrounded", "cxvquoted"} else 1
    key = call.arguments[-1].strip() if call.arguments else ""

    def finding(kind: str, says: str, **more: object) -> Finding:
        number = rf"\{call.name}{{{'}{'.join(call.arguments)}}}"
        return Finding(
            file=source.path, line=source.line(call.start), kind=kind, number=number, says=says,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip

    if len(call.arguments) < wanted or not key:
        what = "a number and its source" if call.name == "cxvquoted" else "a key"
        yield finding("source" if call.name == "cxvquoted" else "unknown key", f"wants {what}")
    elif call.name == "cxvquoted":
        return
    elif PARAMETER.search(key):
        yield finding("unknown key", f"{key} has a parameter: define the command by \\newcommand")
    elif key not in known.numbers:
        yield finding(*_why_none(key, known), nearest=_near(key, known))
    else:
        number = known.numbers[key]
        for kind, says in _faults(call, number, source, known):
            yield finding(kind, says, write=_instead(kind, number))


def _why_none(key: str, known: Known) -> tuple[str, str]:
    if key in known.withheld:
        kind, _, _ = known.withheld[key][0].partition(":")
        return kind, "; ".join(known.withheld[key])
    if key in known.missing:
        return "no number", known.missing[key]
    return "unknown key", f"no number has the key {key}"


def _near(key: str, known: Known) -> tuple[str, ...]:
    if key in known.missing:
        return ()
    return tuple(get_close_matches(key, known.numbers, NEAREST, cutoff=0.5))


def _faults(
    call: Call, number: Number, source: LatexSource, known: Known
) -> Iterator[tuple[str, str]]:
    """Yield kind and words; the first fault of a number is enough."""
    if number.key in known.withheld:
        kind, _, _ = known.withheld[number.key][0].partition(":")
        yield kind, "; ".join(known.withheld[number.key])
        return
    if call.name == "cxvrounded":
        yield from _of_rounded(call.arguments[0], number, known)
    elif call.name == "cxvinterval" and number.interval is None:
        yield "interval", f"{number.key} has no interval"
    elif (said := known.printed.get(number.key)) != printed(number):
        yield "old", _old(said, number)
    elif call.name == "cxv":
        yield from _of_unit(unit_behind(source.text, call.end), number)


def _old(said: Printed | None, number: Number) -> str:
    if said is None:
        return "no file of macros that is input has it"
    shown = printed(number)
    pairs = zip(
        (said.value, said.unit, said.interval),
        (shown.value, shown.unit, shown.interval),
        strict=True,
    )
    differing = [f"prints {was}, the records give {now}" for was, now in pairs if was != now]
    return f"{'; '.join(differing)}: write the macros again"


def _of_unit(behind: str, number: Number) -> Iterator[tuple[str, str]]:
    if behind and number.unit not in {PERCENT, POINTS}:
        yield "unit", f"{number.key} is in {number.unit}, not {behind}"


def _of_rounded(said: str, number: Number, known: Known) -> Iterator[tuple[str, str]]:
    found = list(typed_numbers(said, ()))
    if len(found) != 1:
        yield "value", f"wants one number, not {len(found)}"
        return
    comparison = compare(found[0], number)
    if comparison.kind == "value" and (other := of_another_row(found[0], number, known.numbers)):
        yield "other row", f"{comparison.says}; that is {other}"
    elif comparison.kind:
        yield comparison.kind, comparison.says


def _instead(kind: str, number: Number) -> str:
    if kind in {"old", "stale", "altered"}:
        return ""
    name = "cxvinterval" if kind == "interval" and number.interval else "cxv"
    return rf"\{name}{{{number.key}}}"
