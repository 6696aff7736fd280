r"""The numbers of a study as LaTeX macros: ``\cxv{study/dataset/model/variant/recipe/column}``.

A LaTeX name holds letters alone, so each number is found by ``\csname``, under its whole key. All
but the errors is expandable: the macros work in captions, headings and tables.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cxv.manuscript.latex_calls import find_calls
from cxv.manuscript.numbers import Number, StudyNumbers
from cxv.records.run import PREDICTIONS, RunRecord
from cxv.report.wording import MINUS
from cxv.results.lookup import Gap

HEADER = "% cxv-macros of study "
RECORDS = "% records: "

PREAMBLE = r"""% \cxv{key} prints a number as the report rounds it, \cxvunit{key} its unit, \cxvinterval{key} its interval.
% \cxvrounded{93.1}{key} prints 93.1, which `cxv audit` holds against the number; so do [88.6, 94.5] and 93.1\,\%.
% \cxvquoted{93.1}{\cite{source}} prints a number of others with its source.
\makeatletter
\providecommand*\cxv[1]{\cxv@get{value}{#1}}
\providecommand*\cxvunit[1]{\cxv@get{unit}{#1}}
\providecommand*\cxvinterval[1]{\cxv@get{interval}{#1}}
\providecommand*\cxvrounded[2]{\ifcsname cxv@value@\detokenize{#2}\endcsname#1\else\cxv@unknown{number}{#2}\fi}
\providecommand*\cxvquoted[2]{#1~#2}
\providecommand*\cxv@get[2]{\ifcsname cxv@#1@\detokenize{#2}\endcsname\csname cxv@#1@\detokenize{#2}\endcsname\else\cxv@unknown{#1}{#2}\fi}
\DeclareRobustCommand*\cxv@unknown[2]{\PackageError{cxv}{No #1 of `\detokenize{#2}'}{The file of macros has no such key. `cxv audit' lists those that are near.}}
\def\cxv@set#1#2#3#4{\@namedef{cxv@value@\detokenize{#1}}{#2}\@namedef{cxv@unit@\detokenize{#1}}{#3}\def\cxv@empty{#4}\ifx\cxv@empty\@empty\else\@namedef{cxv@interval@\detokenize{#1}}{#4}\fi}
"""  # noqa: E501 - lines of LaTeX
END = "\\makeatother\n"


@dataclass(frozen=True, slots=True)
class Printed:
    """What the macros of a key print."""

    value: str
    unit: str
    interval: str  # empty: it has none


@dataclass(frozen=True, slots=True)
class MacrosFile:
    """A file of macros, as it was written."""

    study: str
    records: str  # SHA-256 over the records that it was written from
    printed: Mapping[str, Printed]  # by key


def macros(found: StudyNumbers) -> str:
    """Return the file of macros of a study; each number has its rule and records as a comment."""
    lines = [
        f"{HEADER}{found.study}, written by `cxv latex-macros {found.study}`; not to be edited",
        f"{RECORDS}{found.records}",
    ]
    entries = (line for one in found.numbers.values() for line in _entry(one, found))
    gaps = (f"% no number: {key}: {' '.join(why.split())}" for key, why in found.missing.items())
    return "\n".join([*lines, PREAMBLE + "\n".join([*entries, *gaps]), END])


def printed(number: Number) -> Printed:
    """Return what the macros of a number print, in LaTeX."""
    return Printed(*map(_latex, (number.shown, number.unit, number.shown_interval)))


def _entry(number: Number, found: StudyNumbers) -> Iterator[str]:
    yield f"% {' '.join(number.rule.split())}: {number.value!r} {number.unit}"
    yield from (f"%   {_source(source, found)}" for source in number.sources)
    shown = printed(number)
    yield rf"\cxv@set{{{number.key}}}{{{shown.value}}}{{{shown.unit}}}{{{shown.interval}}}"


def _source(source: str, found: StudyNumbers) -> str:
    """Return a record, what it was made with, and the file that proves it."""
    looked_up = found.made_of.get(source.partition("#")[0])
    if looked_up is None or isinstance(looked_up.record, Gap):
        return source
    record = looked_up.record
    commit = record.stamp.commit or "no git checkout"
    made = f"{source}, code {record.stamp.code}, commit {commit}{', edited' * record.stamp.dirty}"
    if isinstance(record, RunRecord):
        made += f", {PREDICTIONS} {record.sha256[PREDICTIONS]}"
    return made


def _latex(text: str) -> str:
    """Return a number or a unit as LaTeX prints it, within formulas too."""
    return text.replace("%", r"\%").replace(MINUS, r"\ensuremath{-}")


def is_macros_file(text: str) -> bool:
    """Tell whether a file is one of macros."""
    return text.startswith(HEADER)


def read_macros(text: str) -> MacrosFile:
    """Return what a file of macros has."""
    study = re.match(r"\w*", text.removeprefix(HEADER))
    records = re.search(rf"^{RECORDS}(\w+)", text, re.MULTILINE)
    calls = find_calls(text.partition(r"\def\cxv@set")[2], {"cxv@set": 4})
    return MacrosFile(
        study=study[0] if study else "",
        records=records[1] if records else "",
        printed={
            call.arguments[0]: Printed(*call.arguments[1:])
            for call in calls
            if len(call.arguments) == 4  # noqa: PLR2004 - key, value, unit, interval
        },
    )
