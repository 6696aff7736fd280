"""The paper's claims and contradictions, as a section of a report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from textwrap import shorten

from cxv.paper.claim_family import ClaimResult, TestResult
from cxv.paper.claims_from_printed_numbers import PrintedResult
from cxv.paper.claims_from_runs import WORDS, judge_claims
from cxv.paper.judging_context import JudgedPair
from cxv.paper.listing import (
    by_chance,
    by_evidence,
    ours_in_short,
    summary,
    tolerances_in_words,
)
from cxv.paper.load_claims import Paper
from cxv.paper.selection import is_asked_for, runs_wanted
from cxv.results.records import Records

VERDICTS = {
    "holds": "holds",
    "partly": "holds partly",
    "fails": "fails",
    "not_checkable": "no number tells",
}
MARKS = {True: "true", False: "false", None: "not printed"}
HOW = (
    "A claim is reproduced if the {:g} % interval of every comparison that it makes is wholly where"
    " the claim says, and not reproduced if that of a single one is wholly elsewhere. Else it is"
    " inconclusive: a wide interval decides nothing. A comparison that speaks against a claim of"
    " many has to do so after Bonferroni's correction for their number."
)
WIDTH = 160  # characters of a reason; the evidence has all of it
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of our runs, as printed."""

    what: str
    verdict: str
    estimate: str
    interval: str
    seeds: str
    p: str  # at which its word would change


@dataclass(frozen=True, slots=True)
class Tested:
    """One test of a claim, and the comparisons of it that were made."""

    rests_on: str
    verdict: str
    reason: str
    asks: str  # the hypothesis, and from which words
    note: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A claim or a contradiction, and what the printed numbers say of it."""

    id: str
    says: str
    where: str  # section of the claim; claims and numbers that a contradiction touches
    verdict: str
    headline: str  # what printed numbers say, in short
    reasons: tuple[tuple[str, str], ...]  # a mark, and the numbers
    ours: str = ""  # by our runs
    why: str = ""
    tests: tuple[Tested, ...] = ()
    quote: str = ""  # the words of the paper, and where they stand
    family: int = 0  # comparisons that chance has a say in
    sources: tuple[str, ...] = ()


def context(paper: Paper, records: Records) -> dict[str, object]:
    """Return what the templates ``claims.html.j2`` and ``claims.md.j2`` need.

    First come the claims for which the study has both sides of a comparison. The others follow,
    judged by the paper's own numbers alone. A study with every run for the claims has them all.
    """
    whole = all(map(records.seeds, runs_wanted(paper.claims)))
    outcomes = judge_claims(paper, records)
    tested = [
        id
        for id, claim in paper.claims.items()
        if whole or any(is_asked_for(test, records) for test in claim.tests)
    ]
    shown = {id: outcomes[id] for id in tested}
    others = {id: outcome for id, outcome in outcomes.items() if id not in shown}
    contradictions = [
        _line(id, entry.what, ", ".join(entry.touches), paper.shown[id])
        for id, entry in paper.inconsistencies.items()
    ]
    return {
        "claims": by_section(paper, shown),
        "claims_tested": len(shown),
        "claims_all": len(paper.claims),
        "other_claims": by_section(paper, others),
        "contradictions": contradictions,
        "claims_by_print": summary(paper),
        "claims_by_runs": ours_in_short(shown) if shown else "",
        "claims_how": HOW.format(100 * (1 - paper.tolerances.alpha)),
        "claims_rest_on": by_evidence(shown),
        "claims_by_chance": by_chance(shown, paper.tolerances.alpha),
        "tolerances_chosen": tolerances_in_words(paper.tolerances),
        "tolerances_sha256": paper.tolerances.sha256,
    }


def by_section(paper: Paper, outcomes: Mapping[str, ClaimResult]) -> Mapping[str, list[Line]]:
    """Return claims under the title of the section in which they first stand."""
    found: dict[str, list[Line]] = {}
    for id, ours in outcomes.items():
        claim = paper.claims[id]
        line = _line(id, claim.claim, claim.section, paper.judgements[id], ours)
        quote = f"{claim.quote} ({claim.place})" if claim.quote else ""
        line = replace(line, quote=quote)
        found.setdefault(claim.first, []).append(line)
    return {title: found[first] for first, title in paper.sections.items() if first in found}


def _line(
    id: str, says: str, where: str, judged: PrintedResult, ours: ClaimResult | None = None
) -> Line:
    reasons = tuple((MARKS[finding.true], finding.line) for finding in judged.findings)
    by_print = (VERDICTS[judged.verdict], _short(judged.headline), reasons)
    if ours is None:
        return Line(id, says, where, *by_print)
    return Line(
        id,
        says,
        where,
        *by_print,
        ours=WORDS[ours.word],
        why=_short(ours.reason),
        tests=tuple(map(_tested, ours.tests)),
        family=len(ours.hypothesis),
        sources=ours.sources,
    )


def _tested(test: TestResult) -> Tested:
    return Tested(
        rests_on=test.rests_on,
        verdict=WORDS[test.word],
        reason=test.reason,
        asks=test.asks,
        note=test.note,
        comparisons=_comparisons(test.pairs),
    )


def _short(reason: str) -> str:
    return shorten(reason, WIDTH, placeholder=" ...")


def _comparisons(pairs: Iterable[JudgedPair]) -> tuple[Comparison, ...]:
    """Return those that were made; of the others the test's reason tells."""
    return tuple(_comparison(pair) for pair in pairs if pair.verdict.word != "not_run")


def _comparison(pair: JudgedPair) -> Comparison:
    verdict = pair.verdict
    value = verdict.mean if verdict.mean is not None else verdict.estimate
    ends = [_number(x) for x in (verdict.low, verdict.high) if x is not None]
    return Comparison(
        what=pair.what,
        verdict=WORDS[verdict.word],
        estimate="" if value is None else f"{_number(value)} {pair.unit}",
        interval=f"[{', '.join(ends)}]" if ends else "",
        seeds=str(verdict.n or ""),
        p="" if verdict.p is None or verdict.word == "inconclusive" else f"{verdict.p:.2g}",
    )


def _number(value: float) -> str:
    return f"{value:.3g}".replace("-", MINUS)
