"""All claims that runs decide are one family: how many of their words are wrong by chance?

The false discovery rate is held to ``alpha`` over the claims of a report (Benjamini and Hochberg
1995): of the words given, at most this share is expected to be false. A claim's p-value is of the
word that it would get by itself, either way (Benjamini and Yekutieli 2005). Claims that make the
very same comparisons are one hypothesis, and count once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cxv.paper.claim_tests import Evidence
from cxv.paper.judging_context import JudgedPair
from cxv.paper.verdict_rules import Word

Hypothesis = frozenset[tuple[str, str, str, str]]
"""Comparisons, each by what is read, its unit, its sides, and where the number has to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """What came of one test of a claim."""

    rule: str
    rests_on: Evidence
    asks: str  # where the number has to be, and from which words; empty: for nothing of the kind
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
    hypothesis: Hypothesis = frozenset()
    p: float | None = None  # at which the word would change; None: chance has no part in it

    @property
    def sources(self) -> tuple[str, ...]:
        """Every record used, once."""
        found = (x for test in self.tests for pair in test.pairs for x in pair.sources)
        return tuple(dict.fromkeys(found))

    @property
    def rests_on(self) -> tuple[Evidence, ...]:
        """What the word rests on: that of the tests which have the same, or else of all."""
        same = [test for test in self.tests if test.word == self.word] or self.tests
        return tuple(dict.fromkeys(test.rests_on for test in same))


@dataclass(frozen=True, slots=True)
class Family:
    """The claims on which chance has a say."""

    tested: int  # hypotheses
    decided: int  # of these, reproduced or not
    alpha: float  # the false discovery rate

    @property
    def expected_false(self) -> float:
        """How many of the words given are to be expected to be wrong, at most."""
        return self.alpha * self.decided


def one_family(alone: Mapping[str, ClaimResult], alpha: float) -> Mapping[str, ClaimResult]:
    """Return all claims held to one false discovery rate: what fails it is inconclusive."""
    from scipy import stats  # noqa: PLC0415 - takes a second, and a dry run needs none of it

    by_chance: dict[Hypothesis, float] = {}
    for one in alone.values():  # where more is claimed, it may be open for another reason
        if one.p is not None:
            by_chance[one.hypothesis] = min(one.p, by_chance.get(one.hypothesis, 1.0))
    adjusted = dict(
        zip(by_chance, stats.false_discovery_control([*by_chance.values()]), strict=True)
        if by_chance
        else ()
    )
    return {id: _held(one, adjusted, alpha) for id, one in alone.items()}


def family(outcomes: Iterable[ClaimResult], alpha: float) -> Family:
    """Return how many of some claims chance has a say in."""
    tested = [one for one in outcomes if one.p is not None]
    decided = {one.hypothesis for one in tested if one.word in DECIDED}
    return Family(len({one.hypothesis for one in tested}), len(decided), alpha)


DECIDED: frozenset[Word] = frozenset({"reproduced", "not_reproduced"})


def _held(one: ClaimResult, adjusted: Mapping[Hypothesis, float], alpha: float) -> ClaimResult:
    if one.p is None or one.word not in DECIDED:
        return one
    p = float(adjusted[one.hypothesis])
    if p < alpha:
        return replace(one, p=p)
    reason = f"{one.reason}; among all claims p = {p:.2g}"
    return replace(one, word="inconclusive", reason=reason, p=p)
