"""A manuscript against the records: each number that does not follow from them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cxv.manuscript.comparison import Comparison, nearest
from cxv.manuscript.findings import Audit, Finding
from cxv.manuscript.latex_source import LatexSource
from cxv.manuscript.macro_calls import Known, check_call
from cxv.manuscript.macros import MacrosFile, printed
from cxv.manuscript.manuscript import Manuscript
from cxv.manuscript.numbers import Number
from cxv.manuscript.studies import Study, has_table
from cxv.manuscript.typed_numbers import TypedNumber

NEVER_BY_CHANCE = 10_000
"""An integer as large that is one of the study's was copied from there."""
OUTDATED = {"old", "stale", "altered"}
"""Kinds of findings after which a file of macros needs no finding of its own."""


def audit(manuscript: Manuscript, studies: Mapping[str, Study]) -> Audit:
    """Return every number of a manuscript that does not follow from the records of its studies.

    Args:
        manuscript: with all its files.
        studies: by name, those that its numbers are of.
    """
    known = Known.of([*studies.values()], [file for _, file in manuscript.macros])
    settings = {one for study in studies.values() for one in study.numbers.settings}
    found = [one for source, call in manuscript.calls() for one in check_call(call, source, known)]
    found += [one for source in manuscript.sources for one in _of_source(source, known, settings)]
    found.sort(key=lambda one: (one.file, one.line))
    found += [
        Finding(
            file=one.source.path, line=one.line, kind="missing", number=one.name,
            says="this file is input and is not there",
        )
        for one in manuscript.missing
    ]  # fmt: skip
    if not any(one.kind in OUTDATED for one in found):
        found += _of_macros(manuscript.macros, studies)
    found += [
        Finding(
            file=path, line=1, kind="old", number="a table of a report",
            says=f"no table of {', '.join(studies)} is this one now: copy it again",
        )
        for path, text in manuscript.fragments
        if not any(has_table(study, text) for study in studies.values())
    ]  # fmt: skip
    return Audit(manuscript.path, tuple(studies), _counts(manuscript), tuple(found))


def _counts(manuscript: Manuscript) -> Mapping[str, int]:
    calls = [call.name for _, call in manuscript.calls()]
    return {
        "files": len(manuscript.sources) + len(manuscript.macros) + len(manuscript.fragments),
        "numbers by macros": sum(name in {"cxv", "cxvinterval"} for name in calls),
        "rounded": calls.count("cxvrounded"),
        "quoted": calls.count("cxvquoted"),
        "marked as not ours": sum(source.not_ours for source in manuscript.sources),
        "tables of reports": len(manuscript.fragments),
    }


def _of_source(source: LatexSource, known: Known, settings: set[float]) -> Iterator[Finding]:
    for typed in source.typed:
        if not _is_setting(typed, settings):
            finding = _of_typed(typed, source, known.numbers)
            if finding is not None:
                yield finding


def _is_setting(typed: TypedNumber, settings: set[float]) -> bool:
    """Whether a number is one that ``params.yaml`` states, such as a learning rate."""
    return not (typed.unit or typed.high or typed.in_table) and typed.value in settings


def _of_typed(
    typed: TypedNumber, source: LatexSource, numbers: Mapping[str, Number]
) -> Finding | None:
    """Return what to write in place of a number that was typed by hand."""
    near = nearest(typed, numbers.values())
    best, comparison = near[0] if near else (None, Comparison("value", ""))
    if not typed.counts and (comparison.kind or not _is_count(typed, best)):
        return None
    return Finding(
        file=source.path,
        line=source.line(typed.start),
        kind=comparison.kind or "typed",
        number=" ".join(typed.text.split()),
        says=_says(comparison, best),
        nearest=tuple(_shown(one) for one, _ in near),
        write=_macro(typed, comparison, best) if best else "",
    )


def _is_count(typed: TypedNumber, best: Number | None) -> bool:
    """Whether an integer is one of the study's that nobody types by chance."""
    return (
        best is not None and typed.value >= NEVER_BY_CHANCE and typed.digits == f"{best.value:.0f}"
    )


def _says(comparison: Comparison, best: Number | None) -> str:
    if best is None:
        return "typed by hand, and no record gives a number in this unit"
    if not comparison.kind:
        return f"typed by hand; it is {best.key}"
    if comparison.kind == "value":
        return "typed by hand, and no record gives it"
    return f"typed by hand; {comparison.says}"


def _shown(number: Number) -> str:
    interval = f" {number.shown_interval}" if number.shown_interval else ""
    return f"{number.key}  {number.shown} {number.unit}{interval}"


def _macro(typed: TypedNumber, comparison: Comparison, best: Number) -> str:
    if typed.high:
        return rf"\cxvinterval{{{best.key}}}"
    if not comparison.kind and typed.digits != printed(best).value.replace(",", ""):
        return rf"\cxvrounded{{{typed.text}}}{{{best.key}}}"
    return rf"\cxv{{{best.key}}}"


def _of_macros(
    files: Sequence[tuple[Path, MacrosFile]], studies: Mapping[str, Study]
) -> Iterator[Finding]:
    for path, file in files:
        numbers = studies[file.study].numbers
        if file.records != numbers.records:
            says = f"written from other records of {file.study}"
        elif file.printed != {key: printed(one) for key, one in numbers.numbers.items()}:
            says = "edited after it was written"
        else:
            continue
        write = f"cxv latex-macros {file.study} --out {path}"
        yield Finding(file=path, line=2, kind="old", number="macros", says=says, write=write)
