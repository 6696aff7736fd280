"""What becomes of the claims where the truth is known? ``-m benchmarks.claims_grid [--grids 200]``.

A made-up full grid: every comparison of top-1 and of learning curves that the paper's claims make,
with a difference that is true by construction, drawn with the deviations of ``planned`` in
``tolerances.yaml`` (those of pairs differ by a log-deviation of 1/2) and judged by the rules of the
product, all claims as one family. Comparisons are drawn one by one: claims of the paper contradict
each other, so that no single table of top-1 makes all of them true.

The worlds: every claim is exactly true (see ``Claimed.exactly_true``); every claim is off by three
margins; every truth is at the end of what is claimed, where either word is wrong; one half is true
and one half off. The margin of an equivalence is half of its width, that of any other claim the
``difference`` of ``planned``. A word is false if it is *reproduced* of a claim that is not true, or
*not reproduced* of one that is. Five minutes on one thread.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from types import MappingProxyType

import numpy as np

from cxv.config.vocabulary import NO_MEANS
from cxv.paper.claim_family import DECIDED, ClaimResult, one_family
from cxv.paper.claim_tests import CurveTest, Top1Test
from cxv.paper.claims_from_runs import judge_comparisons
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.load_claims import load_paper
from cxv.paper.selection import pairs
from cxv.paper.tolerances import Planned
from cxv.paper.verdict_rules import Claimed, compare
from cxv.results.records import Records
from cxv.statistics import Estimate, fit_prior

PAPER = load_paper(Path(__file__).parents[1] / "data/paper")
SEEDS = (3, 5, 10)
LOG_DEVIATION = 0.5

Truth = Callable[[Claimed, Planned, int], float]
"""What is claimed, what is assumed, the number of the claim -> the true difference."""


def exactly(claimed: Claimed, planned: Planned, _: int) -> float:
    """The truth that the sentence states."""
    return claimed.exactly_true(planned.difference)


def margin(claimed: Claimed, planned: Planned) -> float:
    """Half of the width of an equivalence, else what is assumed of a mere direction."""
    width = claimed.high - claimed.low
    return width / 2 if isfinite(width) else planned.difference


def off(claimed: Claimed, planned: Planned, _: int) -> float:
    """Three margins outside."""
    end = claimed.low if isfinite(claimed.low) else claimed.high
    away = -3 if isfinite(claimed.low) else 3
    return end + away * margin(claimed, planned)


def at_the_end(claimed: Claimed, _: Planned, __: int) -> float:
    """Where the claim ceases to be true."""
    return claimed.low if isfinite(claimed.low) else claimed.high


def half(claimed: Claimed, planned: Planned, number: int) -> float:
    """True of every other claim."""
    return (off if number % 2 else exactly)(claimed, planned, number)


WORLDS: Mapping[str, tuple[Truth, Callable[[int], bool | None]]] = MappingProxyType(
    {
        "exactly true": (exactly, lambda _: True),
        "off by three margins": (off, lambda _: False),
        "at the end": (at_the_end, lambda _: None),
        "half true, half off": (half, lambda number: not number % 2),
    }
)
"""Truths, and whether the claim of a number is true by them; None: either word is wrong."""

Noisy = Top1Test | CurveTest
CLAIMS: Mapping[str, tuple[Noisy, ...]] = MappingProxyType(
    {
        id: found
        for id, claim in PAPER.claims.items()
        if (found := tuple(x for x in claim.tests if isinstance(x, Noisy) and not x.missing))
    }
)
"""The claims that trained runs decide by an interval, without their tests of costs."""

CONTEXT = JudgingContext(Records(NO_MEANS, (), ()), PAPER.printed, PAPER.tolerances)


def draw(
    truths: Sequence[float], seeds: int, planned: Planned, random: np.random.Generator
) -> list[Estimate]:
    """Return an estimate of each true difference, variances between seeds moderated over all."""
    count = len(truths)
    variances = planned.seed_sd**2 * np.exp(LOG_DEVIATION * random.standard_normal(count))
    error = np.sqrt(variances / seeds + planned.image_error**2)
    means = np.array(truths) + error * random.standard_normal(count)
    found = variances * random.chisquare(seeds - 1, count) / (seeds - 1)
    prior = fit_prior(found.tolist(), [seeds - 1] * count, least=1e-4)
    images = planned.image_error**2
    return [
        Estimate(float(mean), float(own / seeds), images, seeds, images, prior)
        for mean, own in zip(means, found, strict=True)
    ]


def grid(truth: Truth, seeds: int, random: np.random.Generator) -> Mapping[str, ClaimResult]:
    """Draw every comparison once, and judge every claim."""
    planned, alpha = PAPER.tolerances.planned, PAPER.tolerances.alpha
    asked = [
        (id, test, pair) for id, tests in CLAIMS.items() for test in tests for pair in pairs(test)
    ]
    numbers = {id: number for number, id in enumerate(CLAIMS)}
    scales = [_unit(test) for _, test, _ in asked]
    truths = [
        truth(_in_points(test.claimed, scale), planned, numbers[id])
        for (id, test, _), scale in zip(asked, scales, strict=True)
    ]
    estimates = draw(truths, seeds, planned, random)
    judged: dict[tuple[str, Noisy], list[JudgedPair]] = {}
    for (id, test, pair), scale, one in zip(asked, scales, estimates, strict=True):
        verdict = compare(one, _in_points(test.claimed, scale), alpha)
        found = JudgedPair(
            what=f"{pair.words('')} {test.rule}",
            unit="",
            verdict=verdict,
            claimed=f"{test.claimed}",
        )
        judged.setdefault((id, test), []).append(found)
    alone = {
        id: judge_comparisons(tests, [judged[id, test] for test in tests], CONTEXT)
        for id, tests in CLAIMS.items()
    }
    return one_family(alone, alpha)


def _unit(test: Noisy) -> float:
    """Return how much of a curve's unit is as sure as a point of top-1."""
    return 0.1 if isinstance(test, CurveTest) else 1.0


def _in_points(claimed: Claimed, scale: float) -> Claimed:
    return Claimed(claimed.low / scale, claimed.high / scale)


def main() -> None:
    """Print a line a world and number of seeds: words a grid, false words, and those expected."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grids", type=int, default=200)
    grids = parser.parse_args().grids
    alpha = PAPER.tolerances.alpha
    compared = sum(len(pairs(test)) for tests in CLAIMS.values() for test in tests)
    print(f"{len(CLAIMS)} claims, {compared} comparisons, {grids} grids")
    print("world | seeds | reproduced | inconclusive | not | false words | expected at most")
    for name, (truth, is_true) in WORLDS.items():
        for seeds in SEEDS:
            random = np.random.default_rng(seeds)
            words: Counter[str] = Counter()
            false = 0
            for _ in range(grids):
                results = grid(truth, seeds, random)
                words.update(one.word for one in results.values())
                false += sum(
                    one.word in DECIDED and (one.word == "reproduced") != is_true(number)
                    for number, one in enumerate(results.values())
                )
            decided = words["reproduced"] + words["not_reproduced"]
            shares = (words[x] / grids for x in ("reproduced", "inconclusive", "not_reproduced"))
            shown = " | ".join(f"{share:.2f}" for share in shares)
            print(
                f"{name} | {seeds} | {shown} | {false / grids:.3f} | {alpha * decided / grids:.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
