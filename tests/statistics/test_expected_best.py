"""The interval of the best of some seeds to expect, as accuracy() uses it."""

from math import pi, sqrt

import numpy as np
import pytest
from scipy import stats

from cxv.paper.verdict_rules.printed_top1 import deviations_above, expected_best
from cxv.statistics import Estimate, Prior, mean_over_seeds

ALPHA = 0.05


@pytest.mark.parametrize(
    ("best_of", "deviations"), [(1, 0.0), (2, 1 / sqrt(pi)), (3, 1.5 / sqrt(pi)), (5, 1.16296)]
)
def test_how_far_the_best_is_above_the_mean(best_of: int, deviations: float) -> None:
    """Order statistics of a normal sample (of five: Harter 1961)."""
    assert deviations_above(best_of) == pytest.approx(deviations, abs=1e-5)


def test_the_best_of_one_is_the_mean() -> None:
    found = Estimate(90.0, 0.1, 0.0, 3)
    assert expected_best(found, 1, ALPHA) == pytest.approx(found.interval(ALPHA))


def test_the_ends_by_their_definition() -> None:
    """At the lower end, a mean as high as ours or higher has a chance of 2.5 %; upper: as low.

    (mean - end) / error is noncentral t about -0.8463 sqrt(seeds), the end being a quantile.
    """
    found = Estimate(90.0, 0.04, 0.0, 5)
    low, high = expected_best(found, 3, ALPHA) or (0.0, 0.0)
    shift = -1.5 / sqrt(pi) * sqrt(5)
    assert stats.nct.sf((90 - low) / 0.2, 4, shift) == pytest.approx(ALPHA / 2)
    assert stats.nct.cdf((90 - high) / 0.2, 4, shift) == pytest.approx(ALPHA / 2)


def test_it_leaves_out_what_no_top1_can_be() -> None:
    """Of three seeds far apart near 100 % it would reach beyond."""
    found = mean_over_seeds({0: 99.9, 1: 95.0, 2: 92.0})
    assert found is not None
    low, high = expected_best(found, 3, ALPHA) or (0.0, 0.0)
    assert low < 99.9 < high == 100


def test_other_models_narrow_it() -> None:
    alone = Estimate(90.0, 0.1, 0.0, 3)
    pooled = Estimate(90.0, 0.1, 0.0, 3, prior=Prior(0.3, 20.0, 6.0, 10))
    wide, narrow = (expected_best(x, 3, ALPHA) or (0, 0) for x in (alone, pooled))
    assert narrow[1] - narrow[0] < 0.6 * (wide[1] - wide[0])


def test_without_an_interval_of_the_mean_there_is_none_of_the_best() -> None:
    for few in ({0: 90.0, 1: 91.0}, {0: 90.0, 1: 90.0, 2: 90.0}):
        mean = mean_over_seeds(few)
        assert mean is not None
        assert expected_best(mean, 3, ALPHA) is None


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_it_misses_as_often_as_it_says_on_either_side(seeds: int) -> None:
    """2.5 % each, of 1,500 normal samples: with an error of 0.4 points."""
    drawn = np.random.default_rng(seeds).standard_normal((1500, seeds))
    below = above = 0
    for sample in drawn:
        found = mean_over_seeds(dict(enumerate(sample.tolist())))
        assert found is not None
        low, high = expected_best(found, 3, ALPHA) or (0.0, 0.0)
        below += high < 1.5 / sqrt(pi)
        above += low > 1.5 / sqrt(pi)
    assert below / 1500 == pytest.approx(0.025, abs=0.012)
    assert above / 1500 == pytest.approx(0.025, abs=0.012)
