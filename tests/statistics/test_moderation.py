"""The prior of variances: values by hand where trigamma is known, and draws of a known prior.

Of three seeds, two degrees of freedom, digamma(1) is -0.5772 and log(1) is 0, so that a logarithm
of a variance is raised by 0.5772. trigamma(1) is pi²/6, and trigamma(1/2) is pi²/2.
"""

from math import exp, inf, pi, sqrt

import numpy as np
import pytest
from scipy import special

from cxv.statistics import MIN_PAIRS, Prior, fit_prior
from cxv.statistics.moderation import SHARE_OF_FREEDOM, _inverse_trigamma

TINY = 1e-12


@pytest.mark.parametrize(
    ("excess", "freedom", "scale"),
    [(pi**2 / 6, 2.0, 1.0), (pi**2 / 2, 1.0, 0.5), (pi**2 / 6 - 1, 4.0, exp(1) / 2)],
)
def test_the_prior_by_hand(excess: float, freedom: float, scale: float) -> None:
    """Three pairs of exp(-a) and three of exp(a): logarithms have variance 6 a² / 5.

    That is to exceed trigamma(1) by trigamma(half the freedom). The scale is exp(0.5772 +
    digamma(half) - log(half)): of 2, 1, 4 degrees exp(0), exp(-log 2), exp(1 - log 2).
    """
    a = sqrt((excess + pi**2 / 6) * 5 / 6)
    found = fit_prior([exp(-a), exp(a)] * 3, [2] * 6, TINY)
    assert found is not None
    assert found.freedom == pytest.approx(freedom)
    assert found.variance == pytest.approx(scale)
    assert found.pairs == 6


def test_twice_the_deviations_have_four_times_the_variance() -> None:
    some = [0.1, 0.2, 1.0, 5.0, 30.0, 900.0]
    once, twice = (fit_prior([k * x for x in some], [2] * 6, TINY) for k in (1, 4))
    assert once is not None
    assert twice is not None
    assert twice.variance == pytest.approx(4 * once.variance)
    assert twice.freedom == pytest.approx(once.freedom)


@pytest.mark.parametrize("variances", [[3.0] * 6, [1.0, 2.0, 3.0, 4.0, 4.0, 4.0]])
def test_pairs_that_differ_by_chance_have_one_variance(variances: list[float]) -> None:
    """It is their mean, not the larger limit of the formula, 3 exp(0.5772), as in limma."""
    found = fit_prior(variances, [2] * 6, TINY)
    assert found == Prior(3.0, inf, SHARE_OF_FREEDOM * 12, 6)


def test_a_pair_of_more_seeds_weighs_more() -> None:
    """Five of 3 seeds and 1, five of 8 and 1.5: (2 x 1 + 7 x 1.5) / 9."""
    found = fit_prior([1.0] * 5 + [1.5] * 5, [2] * 5 + [7] * 5, TINY)
    assert found is not None
    assert found.freedom == inf
    assert found.variance == pytest.approx(12.5 / 9)
    assert found.lent == pytest.approx(0.15 * 45)


def test_seeds_of_each_pair_are_allowed_for() -> None:
    """Logarithms expected of 3 and 5 seeds: -0.5772, and 1 - 0.5772 - log 2. So they are equal."""
    alike = [1.0] * 5 + [exp(1) / 2] * 5
    a = sqrt((pi**2 / 6 + (2 * pi**2 / 6 - 1) / 2) * 9 / 10)  # excess: trigamma(1) again
    spread = [x * exp(sign * a) for x, sign in zip(alike, [1, -1] * 5, strict=True)]
    found = fit_prior(spread, [2] * 5 + [4] * 5, TINY)
    assert found is not None
    assert found.freedom == pytest.approx(2)
    assert found.variance == pytest.approx(1)


@pytest.mark.parametrize(("seeds", "freedom"), [(3, 2.0), (5, 3.0), (9, 6.0)])
def test_draws_of_a_known_prior_give_it_back(seeds: int, freedom: float) -> None:
    """By the variance of a sample variance, the freedom of 5,000 has an error of 3 to 3.5 %."""
    random = np.random.default_rng(7)
    true = 2.0 * freedom / random.chisquare(freedom, 5000)
    drawn = true * random.chisquare(seeds - 1, 5000) / (seeds - 1)
    found = fit_prior(list(drawn), [seeds - 1] * 5000, TINY)
    assert found is not None
    assert found.freedom == pytest.approx(freedom, rel=0.1)
    assert found.variance == pytest.approx(2.0, rel=0.06)


def test_equal_variances_are_told_from_unequal_ones() -> None:
    drawn = np.random.default_rng(3).chisquare(2, 5000) / 2
    found = fit_prior(list(drawn), [2] * 5000, TINY)
    assert found is not None
    assert found.freedom > 20  # logarithms exceed by less than 2 errors of 0.055
    assert found.variance == pytest.approx(1.0, rel=0.06)


def test_seeds_that_tie_stand_for_the_least_variance() -> None:
    """Else a logarithm of 0 would end the fit."""
    some = [1.0, 2.0, 3.0, 4.0, 5.0]
    tied = fit_prior([*some, 0.0], [2] * 6, least=0.01)
    assert tied == fit_prior([*some, 0.01], [2] * 6, least=TINY)
    all_tied = fit_prior([0.0] * 6, [2] * 6, least=0.01)
    assert all_tied == Prior(pytest.approx(0.01), inf, pytest.approx(0.15 * 12), 6)


def test_fewer_than_five_pairs_tell_nothing() -> None:
    assert MIN_PAIRS == 5
    assert fit_prior([1.0] * 4, [2] * 4, TINY) is None
    assert fit_prior([1.0] * 5, [2] * 5, TINY) is not None


@pytest.mark.parametrize("value", [1e-6, 0.01, 0.5, 1.0, pi**2 / 6, 40.0, 1e6])
def test_the_inverse_of_trigamma(value: float) -> None:
    assert special.polygamma(1, _inverse_trigamma(value)) == pytest.approx(value, rel=1e-6)


def test_one_outlier_lowers_the_weight_of_the_others() -> None:
    usual = [0.8, 0.9, 1.0, 1.1, 1.2, 1.3]
    freedoms = [fit_prior([*usual, x], [2] * 7, TINY) for x in (1.4, 1e3, 1e5)]
    assert all(found is not None for found in freedoms)
    weights = [found.freedom for found in freedoms if found]
    assert weights[0] == inf
    assert weights[0] > weights[1] > weights[2] > 0
