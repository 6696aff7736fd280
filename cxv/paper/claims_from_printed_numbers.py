"""What the paper's own printed numbers say of its claims; nothing here was typed in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cxv.paper.printed_check_spec import (
    Check,
    Compare,
    Count,
    Rank,
    Refuted,
    Shown,
    Title,
    Unprinted,
)
from cxv.paper.printed_numbers import bound, groups, is_order, pairs, shown, term
from cxv.paper.printed_tables import Printed

PrintedVerdict = Literal["holds", "partly", "fails", "not_checkable"]
FEW = 3  # pairs that a line names


@dataclass(frozen=True, slots=True)
class PartResult:
    """What came of one part of a claim."""

    true: bool | None  # None: no printed number tells
    line: str  # why, with the numbers


@dataclass(frozen=True, slots=True)
class PrintedResult:
    """What came of all parts of a claim."""

    verdict: PrintedVerdict
    findings: tuple[PartResult, ...]

    @property
    def line(self) -> str:
        """The findings in one line; what speaks against the claim first."""
        return "; ".join(finding.line for finding in self._weightiest_first)

    @property
    def headline(self) -> str:
        """The finding that decides."""
        return self._weightiest_first[0].line

    @property
    def _weightiest_first(self) -> list[PartResult]:
        return sorted(self.findings, key=lambda finding: (False, None, True).index(finding.true))


def judge(parts: Sequence[Check], printed: Printed) -> PrintedResult:
    """Return what printed numbers say of a claim.

    It holds if every part is true, fails if every checkable part is false, else holds partly.
    A part that no number decides keeps a claim from holding, and never makes it fail.

    Raises:
        ValueError: a part points at no printed number.
    """
    findings = tuple(find(part, printed) for part in parts)
    decided = [finding.true for finding in findings if finding.true is not None]
    verdict: PrintedVerdict = "partly"
    if not decided:
        verdict = "not_checkable"
    elif not any(decided):
        verdict = "fails"
    elif all(finding.true for finding in findings):
        verdict = "holds"
    return PrintedResult(verdict, findings)


def find(check: Check, printed: Printed) -> PartResult:
    """Return what printed numbers say of one part.

    Raises:
        ValueError: it points at no printed number.
    """
    return _FINDERS[type(check)](check, printed)


def _compare(check: Compare, printed: Printed) -> PartResult:
    found = pairs(printed, check)
    missed = [pair for pair in found if not pair.fits]
    asked = "as claimed" if is_order(check) else bound(check)
    if len(found) == 1:
        against = f", not {asked}" * bool(missed and not is_order(check))
        line = shown(found[0], check) + against
    elif missed:
        few = "; ".join(shown(pair, check) for pair in missed[:FEW])
        such = ", such as" if len(missed) > FEW else ":"
        line = f"not {asked} in {len(missed)} of {len(found)} pairs{such} {few}"
    elif len(found) <= FEW:
        line = "; ".join(shown(pair, check) for pair in found)
    else:
        line = f"{asked} in all {len(found)} pairs, the closest {shown(found[0], check)}"
    return PartResult(true=not missed, line=line)


def _rank(check: Rank, printed: Printed) -> PartResult:
    wanted = {cell.name for cell in printed.select(check.cells)}
    lines, true = [], True
    for rivals in groups(printed.select(check.among), check.same):
        ordered = sorted(rivals, key=lambda cell: cell.value)
        for place, cell in enumerate(ordered, 1):
            if cell.name in wanted:
                true &= place <= check.lowest
                named = term(cell, printed)
                where = f" on {named.place}" if named.place else ""
                lines.append(f"{named.words} is number {place} of {len(rivals)} from below{where}")
    if not lines:
        raise ValueError(f"{check.cells!r} is not among {check.among!r}")
    return PartResult(true=true, line="; ".join(lines))


def _count(check: Count, printed: Printed) -> PartResult:
    count = len(printed.select(check.cells))
    line = f"{count} of {check.equals} {check.of} printed"
    return PartResult(true=count == check.equals, line=line)


def _title(check: Title, printed: Printed) -> PartResult:
    titles = tuple(dict.fromkeys(cell.title for cell in printed.select(check.cells)))
    odd = [title for title in titles if not re.fullmatch(check.matches, title)]
    line = f"printed as {', '.join(odd or titles)}"
    if odd:
        line += f", not {check.matches}"
    return PartResult(true=not odd, line=line)


def _shown(check: Shown, _: Printed) -> PartResult:
    return PartResult(true=True, line=f"{check.says} ({check.by})")


def _refuted(check: Refuted, _: Printed) -> PartResult:
    return PartResult(true=False, line=f"{check.says} ({check.by})")


def _unprinted(check: Unprinted, _: Printed) -> PartResult:
    return PartResult(true=None, line=check.why)


_FINDERS: Mapping[type, Callable[[Any, Printed], PartResult]] = {
    Compare: _compare,
    Rank: _rank,
    Count: _count,
    Title: _title,
    Shown: _shown,
    Refuted: _refuted,
    Unprinted: _unprinted,
}
