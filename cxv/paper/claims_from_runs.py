"""Verdicts of pairs -> the verdict of a test -> that of a claim, and of all claims together.

A claim speaks of all its pairs, so it is reproduced if every one is, each at ``alpha`` by itself:
that all hold at once needs no correction (Berger 1982). It is not reproduced if a single one is
not, and with many pairs one will be by chance: its p-value counts as often as there are pairs
(Bonferroni). Anything else, a pair without runs among them, leaves it open. All claims that runs
decide are then one family, see ``claim_family``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cxv.paper.claim_comparisons import judged
from cxv.paper.claim_family import ClaimResult, Hypothesis, TestResult, one_family
from cxv.paper.claim_spec import Claim
from cxv.paper.claim_tests import (
    ArithmeticTest,
    AsPrintedTest,
    CurveTest,
    StructureTest,
    Test,
    Untestable,
    asks,
    evidence,
)
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.load_claims import Paper
from cxv.paper.selection import networks, pairs
from cxv.paper.verdict_rules import Word
from cxv.results.records import Records, few

NO_RUNS: frozenset[Word] = frozenset({"under_test", "not_testable"})


def judge_claims(paper: Paper, records: Records) -> Mapping[str, ClaimResult]:
    """Return what the records say of every claim, by its id."""
    context = JudgingContext(records, paper.printed, paper.tolerances)
    alone = {id: judge_claim(claim, context) for id, claim in paper.claims.items()}
    return one_family(alone, paper.tolerances.alpha)


def judge_claim(claim: Claim, context: JudgingContext) -> ClaimResult:
    """Return what the records say of one claim, were it the only one."""
    alone = [() if test.missing else judged(test, context) for test in claim.tests]
    return judge_comparisons(claim.tests, alone, context)


def judge_comparisons(
    claimed: Sequence[Test], alone: Sequence[Sequence[JudgedPair]], context: JudgingContext
) -> ClaimResult:
    """Return what the comparisons of a claim's tests say of it."""
    tested = hypothesis(claimed, alone)
    alpha = context.tolerances.alpha
    weighed = [[_among(pair, len(tested), alpha) for pair in found] for found in alone]
    tests = tuple(
        _outcome(test, found, context) for test, found in zip(claimed, weighed, strict=True)
    )
    word = combined([test.word for test in tests])
    weighty = sorted(tests, key=lambda test: test.word != word)
    return ClaimResult(
        word=word,
        reason="; ".join(test.reason for test in weighty if test.reason),
        tests=tests,
        hypothesis=tested,
        p=_p(word, [one for found in weighed for one in found], len(tested)) if tested else None,
    )


def hypothesis(claimed: Sequence[Test], found: Sequence[Sequence[JudgedPair]]) -> Hypothesis:
    """Return the comparisons of a claim on which chance has a say."""
    return frozenset(
        (test.curve if isinstance(test, CurveTest) else test.rule, one.unit, one.what, one.claimed)
        for test, pairs in zip(claimed, found, strict=True)
        for one in pairs
        if one.verdict.p is not None
    )


def _p(word: Word, pairs: Sequence[JudgedPair], tested: int) -> float | None:
    """Return the alpha at which the word would change; None: chance has no part in it."""
    found = [x.verdict for x in pairs]
    if word == "not_reproduced":
        against = [x.p for x in found if x.word == word and x.p is not None]
        certain = any(x.word == word and x.p is None for x in found)
        return None if certain or not against else min(1.0, tested * min(against))
    if word != "reproduced":
        return 1.0
    return max(x.p for x in found if x.p is not None)


def combined(words: Sequence[Word]) -> Word:
    """Return the verdict on all of something from those on its parts.

    What was fitted neither confirms nor refutes, where anything else is judged.
    """
    judged = [word for word in words if word not in NO_RUNS]
    if not judged:
        return "under_test" if "under_test" in words else "not_testable"
    free: set[Word] = {word for word in judged if word != "fitted"} or {"fitted"}
    if "not_reproduced" in free:
        return "not_reproduced"
    return free.pop() if len(free) == 1 else "inconclusive"


def _outcome(test: Test, found: Sequence[JudgedPair], context: JudgingContext) -> TestResult:
    word, reason = _judged(test, found, context) if found else _without_runs(test)
    return TestResult(
        rule=test.rule,
        rests_on=evidence(test),
        asks=asks(test),
        note=test.note,
        word=word,
        reason=reason,
        pairs=tuple(found),
    )


def _judged(test: Test, found: Sequence[JudgedPair], context: JudgingContext) -> tuple[Word, str]:
    word = combined([pair.verdict.word for pair in found])
    lacks = _unrun(test, context)
    reason = lacks if word == "not_run" and lacks else _reason(found, word, lacks)
    if word == "reproduced" and test.fitted:
        return "fitted", f"{reason}; chosen because it gives the print ({', '.join(test.fitted)})"
    return word, reason


def _among(pair: JudgedPair, tested: int, alpha: float) -> JudgedPair:
    """Return what a pair says of its claim: against it by chance, among many, says nothing."""
    verdict = pair.verdict
    if verdict.word != "not_reproduced" or verdict.p is None or tested * verdict.p < alpha:
        return pair
    p = min(1.0, tested * verdict.p)
    reason = f"{verdict.reason}; among {tested} comparisons p = {p:.2g}"
    return replace(pair, verdict=replace(verdict, word="inconclusive", reason=reason))


def _unrun(test: Test, context: JudgingContext) -> str:
    """Say what is missing for all pairs together; empty if nothing is."""
    if names := networks(test):
        known = context.records
        lost = [
            f"{name} ({why})"
            for name in names
            if not (isinstance(test, AsPrintedTest) and known.counted(name))
            and (why := known.unmeasured(name))
        ]
        have = len(names) - len(lost)
        return f"{have} of {len(names)} profiles; missing: {few(lost)}" if lost else ""
    return context.records.gaps(one for pair in pairs(test) for one in pair.members)


def _without_runs(test: Test) -> tuple[Word, str]:
    if test.missing:
        return "not_run", f"not there yet: {', '.join(test.missing)}"
    if isinstance(test, StructureTest):
        sides = (("shown by", test.shown_by), ("shown false by", test.refuted_by))
        named = "; ".join(f"{how} {', '.join(by)}" for how, by in sides if by)
        return "under_test", named
    if isinstance(test, ArithmeticTest):
        return "not_testable", "arithmetic on printed numbers alone"
    return "not_testable", test.untestable if isinstance(test, Untestable) else ""


def _reason(found: Sequence[JudgedPair], word: Word, lacks: str) -> str:
    """Say how many pairs came out how, what the first of the weightiest says, what is missing."""
    first = next((one for one in found if one.verdict.word == word), None) or next(
        one for one in found if one.verdict.word != "not_run"
    )
    decisive = f"{first.what}: {first.verdict.reason}"
    if len(found) == 1:
        return decisive
    counts = Counter(one.verdict.word for one in found)
    counted = ", ".join(f"{count} {WORDS[one]}" for one, count in counts.most_common())
    run = len(found) - counts["not_run"]
    judged_of = f"{run} of {len(found)} pairs judged ({counted})"
    return "; ".join(filter(None, (judged_of, decisive, lacks)))


WORDS: Mapping[Word, str] = {
    "reproduced": "reproduced",
    "not_reproduced": "not reproduced",
    "inconclusive": "inconclusive",
    "fitted": "fitted to the printed numbers",
    "not_run": "not run",
    "under_test": "under test",
    "not_testable": "not testable",
}
