"""The paper's claims and contradictions, as a section of a report."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cxv.claims.judging import Judgement
from cxv.claims.listing import summary
from cxv.claims.load import Paper
from cxv.report.rendering import environment

SECTIONS = {
    "abstract": "Abstract",
    "1": "1 Introduction",
    "2": "2 Related works",
    "3": "3 Architecture and training",
    "4": "4 Experiments and results",
    "5": "5 Ablations",
    "6": "6 Conclusions",
    "not in the paper": "Controls that the paper lacks",
}
VERDICTS = {
    "holds": "holds",
    "partly": "holds partly",
    "fails": "fails",
    "not_checkable": "no number tells",
}
MARKS = {True: "true", False: "false", None: "not printed"}
Form = Literal["html", "md"]


@dataclass(frozen=True, slots=True)
class Line:
    """A claim or a contradiction, and what the printed numbers say of it."""

    id: str
    says: str
    where: str  # section of the claim; claims and numbers that a contradiction touches
    verdict: str
    reasons: tuple[tuple[str, str], ...]  # a mark, and the numbers


def claims_section(paper: Paper, form: Form) -> str:
    """Return the section by itself; a page that includes its template needs ``context``."""
    template = environment(autoescape=form == "html").get_template(f"claims.{form}.j2")
    return template.render(context(paper))


def context(paper: Paper) -> dict[str, object]:
    """Return what the templates ``claims.html.j2`` and ``claims.md.j2`` need."""
    contradictions = [
        _line(id, entry.what, ", ".join(entry.touches), paper.shown[id])
        for id, entry in paper.inconsistencies.items()
    ]
    return {
        "claims": by_section(paper),
        "contradictions": contradictions,
        "claims_summary": summary(paper),
    }


def by_section(paper: Paper) -> Mapping[str, list[Line]]:
    """Return the claims under the title of the section in which they first stand."""
    found: dict[str, list[Line]] = {title: [] for title in SECTIONS.values()}
    for id, claim in paper.claims.items():
        first = claim.section.partition(",")[0].partition(".")[0]
        line = _line(id, claim.claim, claim.section, paper.judgements[id])
        found[SECTIONS[first]].append(line)
    return found


def _line(id: str, says: str, where: str, judged: Judgement) -> Line:
    reasons = tuple((MARKS[finding.true], finding.line) for finding in judged.findings)
    return Line(id, says, where, VERDICTS[judged.verdict], reasons)
