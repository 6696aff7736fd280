"""Verdicts of pairs -> the verdict of a test -> that of a claim.

A claim speaks of all its pairs, so it is reproduced if every one is, each at ``alpha`` by itself:
that all hold at once needs no correction (Berger 1982). A single pair may contradict it, and with
many pairs one will by chance: pairs are held to the family of all pairs of the claim (Holm 1979)
before one counts as contradicted, or as reproduced where not all are. One that is excluded makes it
not reproduced. Anything else, a pair without runs among them, leaves it open.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from cxv.paper.claim_comparisons import judged
from cxv.paper.claim_spec import Claim
from cxv.paper.claim_tests import (
    ArithmeticTest,
    DirectionTest,
    StaticCostTest,
    StructureTest,
    Test,
    Untestable,
)
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.load_claims import Paper
from cxv.paper.selection import networks, pairs
from cxv.paper.verdict_rules import Verdict, Word, within_family
from cxv.results.records import Records, few
from cxv.statistics import power, seeds_needed

WANTED_POWER, MOST_SEEDS = 0.8, 1000
NO_RUNS: frozenset[Word] = frozenset({"under_test", "not_testable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """What came of one test of a claim."""

    rule: str
    note: str
    word: Word
    reason: str
    pairs: tuple[JudgedPair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimResult:
    """What our runs say of one claim."""

    word: Word
    reason: str
    tests: tuple[TestResult, ...]
    tested: int = 0  # pairs whose p-values are held to one alpha

    @property
    def sources(self) -> tuple[str, ...]:
        """Every record used, once."""
        found = (x for test in self.tests for pair in test.pairs for x in pair.sources)
        return tuple(dict.fromkeys(found))


def judge_claims(paper: Paper, records: Records) -> Mapping[str, ClaimResult]:
    """Return what the records say of every claim, by its id."""
    context = JudgingContext(records, paper.printed, paper.tolerances)
    return {id: judge_claim(claim, context) for id, claim in paper.claims.items()}


def judge_claim(claim: Claim, context: JudgingContext) -> ClaimResult:
    """Return what the records say of one claim."""
    alone = [() if test.missing else judged(test, context) for test in claim.tests]
    flat = [one for found in alone for one in found]
    held = iter(_held_to_family(flat, context))
    tests = tuple(
        _outcome(test, found, [next(held) for _ in found], context)
        for test, found in zip(claim.tests, alone, strict=True)
    )
    word = combined([test.word for test in tests])
    weighty = sorted(tests, key=lambda test: test.word != word)
    return ClaimResult(
        word=word,
        reason="; ".join(test.reason for test in weighty if test.reason),
        tests=tests,
        tested=sum(one.verdict.p is not None for one in flat),
    )


def combined(words: Sequence[Word]) -> Word:
    """Return the verdict on all of something from those on its parts."""
    judged = [word for word in words if word not in NO_RUNS]
    if not judged:
        return "under_test" if "under_test" in words else "not_testable"
    for word in ("contradicted", "not_reproduced"):
        if word in judged:
            return word
    if set(judged) in ({"reproduced"}, {"not_run"}):
        return judged[0]
    return "inconclusive"


def _held_to_family(alone: Sequence[JudgedPair], context: JudgingContext) -> list[JudgedPair]:
    held = within_family([one.verdict for one in alone], context.tolerances)
    return [replace(one, verdict=verdict) for one, verdict in zip(alone, held, strict=True)]


def _outcome(
    test: Test, alone: Sequence[JudgedPair], held: Sequence[JudgedPair], context: JudgingContext
) -> TestResult:
    if not alone:
        word, reason = _without_runs(test)
        return TestResult(rule=test.rule, note=test.note, word=word, reason=reason)
    all_hold = {pair.verdict.word for pair in alone} == {"reproduced"}
    found = tuple(held)
    if all_hold:
        found = tuple(replace(x, verdict=replace(x.verdict, word="reproduced")) for x in found)
    elif isinstance(test, DirectionTest):
        found = tuple(replace(x, verdict=_with_power(x.verdict, test, context)) for x in found)
    word = combined([pair.verdict.word for pair in found])
    lacks = _unrun(test, context)
    reason = lacks if word == "not_run" and lacks else _reason(found, word, lacks)
    return TestResult(rule=test.rule, note=test.note, word=word, reason=reason, pairs=found)


def _unrun(test: Test, context: JudgingContext) -> str:
    """Say what is missing for all pairs together; empty if nothing is."""
    if names := networks(test):
        known = context.records
        lost = [
            f"{name} ({why})"
            for name in names
            if not (isinstance(test, StaticCostTest) and known.counted(name))
            and (why := known.unmeasured(name))
        ]
        have = len(names) - len(lost)
        return f"{have} of {len(names)} profiles; missing: {few(lost)}" if lost else ""
    return context.records.gaps(one for pair in pairs(test) for one in pair.members)


def _without_runs(test: Test) -> tuple[Word, str]:
    if test.missing:
        return "not_run", f"means.yaml lacks {', '.join(test.missing)}"
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


def _with_power(verdict: Verdict, test: DirectionTest, context: JudgingContext) -> Verdict:
    """Say of how many seeds a difference as large as the one found would tell."""
    if verdict.word != "inconclusive" or not verdict.mean or not verdict.sd:
        return verdict
    alpha = context.tolerances.alpha
    if not isfinite(verdict.mean) or (
        power(verdict.mean, verdict.sd, MOST_SEEDS, alpha) < WANTED_POWER
    ):
        needed = f"more than {MOST_SEEDS}"
    else:
        found = seeds_needed(verdict.mean, verdict.sd, alpha, WANTED_POWER)
        needed = str(max(found, test.seeds_min))
        if found <= verdict.n:
            return verdict  # images are too few, or pairs too many: seeds would not help
    advice = (
        f"{needed} seeds would tell such a difference at these images (power {WANTED_POWER:.0%})"
    )
    return replace(verdict, reason=f"{verdict.reason}; {advice}")


WORDS: Mapping[Word, str] = {
    "reproduced": "reproduced",
    "not_reproduced": "not reproduced",
    "contradicted": "contradicted",
    "inconclusive": "inconclusive",
    "not_run": "not run",
    "under_test": "under test",
    "not_testable": "not testable",
}
