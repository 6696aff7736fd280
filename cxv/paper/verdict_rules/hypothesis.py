"""One decision for every claim: is the interval wholly where the claim says, or wholly elsewhere?

A claim of *above* is one of superiority, or by a negative margin of non-inferiority; one of
*within* is one of equivalence, by two one-sided tests. Where an interval is on both sides the
answer is open, however wide it is: imprecision decides nothing.
"""

import math
from dataclasses import dataclass
from operator import le, lt
from typing import Literal

from cxv.paper.verdict_rules.verdict import Verdict, Word, not_run
from cxv.statistics import MIN_SEEDS, Estimate, Interval

Kind = Literal["superiority", "non-inferiority", "equivalence"]


@dataclass(frozen=True, slots=True)
class Claimed:
    """Where a claim says that a number is: between two ends; one may be infinite."""

    low: float
    high: float

    @property
    def kind(self) -> Kind:
        """What such a hypothesis is called, of a difference whose null is 0."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return "equivalence"
        bar = self.low if math.isfinite(self.low) else -self.high
        return "superiority" if bar >= 0 else "non-inferiority"

    @property
    def words(self) -> str:
        """Say it: ``above 0``, ``below -4``, ``from -1 to 1``."""
        if math.isinf(self.high):
            return f"above {self.low:g}"
        if math.isinf(self.low):
            return f"below {self.high:g}"
        return f"from {self.low:g} to {self.high:g}"

    def exactly_true(self, beyond: float) -> float:
        """Return the number that a claim speaks of, if it is true and no more than that.

        Of equivalence the middle. Of superiority a number ``beyond`` the bar, for on the bar no
        number of seeds would show it. Of non-inferiority, that is of no gain or no loss, none.
        """
        if self.kind == "equivalence":
            return (self.low + self.high) / 2
        if self.kind == "non-inferiority":
            return 0.0
        return self.low + beyond if math.isfinite(self.low) else self.high - beyond

    def holds(self, interval: Interval) -> bool:
        """Tell whether all of an interval is inside; an end that is claimed is not."""
        return self.low < interval.low and interval.high < self.high

    def fails(self, interval: Interval) -> bool:
        """Tell whether all of an interval is outside."""
        return interval.high < self.low or self.high < interval.low

    def word(self, interval: Interval) -> Word:
        """Return what an interval decides."""
        if self.holds(interval):
            return "reproduced"
        return "not_reproduced" if self.fails(interval) else "inconclusive"


def compare(
    estimate: Estimate | None, claimed: Claimed, alpha: float, *, choices: int = 1
) -> Verdict:
    """Judge a mean over seeds.

    Args:
        estimate: None: no runs.
        claimed: in its unit.
        alpha: of the interval.
        choices: among how many estimates this one was taken as the best (Bonferroni).
    """
    if estimate is None:
        return not_run("runs with a seed that both sides share")
    interval = estimate.interval(alpha / choices)
    if interval is None:
        return judged("inconclusive", lacks_spread(estimate), estimate, None)
    word = claimed.word(interval)
    shown = f"{estimate.mean:+.2f} in [{interval.low:+.2f}, {interval.high:+.2f}]"
    reason = f"{shown}, claimed {claimed.words}"
    p = min(1.0, choices * _p(estimate, claimed, word))
    return judged(word, reason, estimate, interval, p)


def compare_exactly(low: float, high: float, claimed: Claimed, reason: str) -> Verdict:
    """Judge a number that is counted or computed, from ``low`` to ``high`` by what is unknown.

    The ends of an equivalence belong to it here, as the end of more or of less does not: a count
    has no chance in it.
    """
    before = le if claimed.kind == "equivalence" else lt
    word: Word = "inconclusive"
    if before(claimed.low, low) and before(high, claimed.high):
        word = "reproduced"
    elif not (before(claimed.low, high) and before(low, claimed.high)):
        word = "not_reproduced"
    ends = (None, None) if low == high else (low, high)
    return Verdict(word=word, reason=reason, estimate=(low + high) / 2, low=ends[0], high=ends[1])


def _p(estimate: Estimate, claimed: Claimed, word: Word) -> float:
    """Return the alpha at which the interval stops to decide: it then touches an end."""
    if word == "inconclusive":
        return 1.0
    ends = [end for end in (claimed.low, claimed.high) if math.isfinite(end)]
    if word == "not_reproduced":
        ends = [min(ends, key=lambda end: abs(end - estimate.mean))]
    return max(estimate.p_value(end) or 0.0 for end in ends)


def lacks_spread(estimate: Estimate) -> str:
    """Say why there is no interval."""
    if estimate.seeds < MIN_SEEDS:
        return f"{estimate.seeds} of at least {MIN_SEEDS} seeds"
    return f"all {estimate.seeds} seeds give {estimate.mean:.3g}: nothing tells how far others are"


def judged(
    word: Word, reason: str, mean: Estimate, interval: Interval | None, p: float | None = None
) -> Verdict:
    """Return a verdict with the numbers of an estimate."""
    low, high = interval or (None, None)
    return Verdict(
        word=word,
        reason=reason,
        estimate=mean.mean,
        low=low,
        high=high,
        mean=mean.mean,
        sd=None if math.isnan(mean.sd) else mean.sd,
        n=mean.seeds,
        p=p,
    )
