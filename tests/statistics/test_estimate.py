"""An interval, its test and its degrees of freedom, by hand."""

from dataclasses import replace
from math import inf, nan, sqrt

import pytest
from scipy import stats

from cxv.statistics import Estimate, Prior

ALPHA = 0.05
PRIOR = Prior(variance=9.0, freedom=4.0, lent=100.0, pairs=6)


def reach(found: Estimate, alpha: float = ALPHA) -> float:
    interval = found.interval(alpha)
    assert interval is not None
    assert interval.high - found.mean == pytest.approx(found.mean - interval.low)
    return interval.high - found.mean


def test_alone_it_is_students_t_whatever_images_add() -> None:
    """Two degrees of freedom: 4.3027; a variance of 1 between seeds and 3 between images."""
    assert reach(Estimate(5.0, 1.0, 3.0, seeds=3)) == pytest.approx(4.302653 * 2)
    assert Estimate(5.0, 1.0, 3.0, seeds=3).freedom == 2


def test_a_moderated_variance_is_the_mean_weighted_by_degrees_of_freedom() -> None:
    """Three seeds of variance 3 against 9 that weighs as 4: (4 x 9 + 2 x 3) / 6 = 7."""
    found = Estimate(5.0, seed_variance=3 / 3, image_variance=0.0, seeds=3, prior=PRIOR)
    assert found.error == pytest.approx(sqrt(7 / 3))
    assert found.freedom == pytest.approx(4 + 2)
    assert found.sd == pytest.approx(sqrt(3))  # of its own seeds, as it is shown
    assert reach(found) == pytest.approx(float(stats.t.isf(ALPHA / 2, 6)) * sqrt(7 / 3))


def test_a_prior_without_end_stands_for_all_seeds() -> None:
    """Pairs that differ by chance alone: their variance, and what they may lend to own 2."""
    found = Estimate(5.0, 1.0, 0.0, seeds=3, prior=PRIOR._replace(freedom=inf, lent=7.5))
    assert found.error == pytest.approx(sqrt(9 / 3))
    assert found.freedom == pytest.approx(2 + 7.5)


def test_one_pair_borrows_no_more_than_is_lent() -> None:
    found = Estimate(5.0, 1.0, 0.0, seeds=3, prior=PRIOR._replace(lent=3.5))
    assert found.freedom == pytest.approx(2 + 3.5)  # of 4


def test_satterthwaites_degrees_of_freedom_by_hand() -> None:
    """Seeds 7 / 3 with 6, images 7 / 3 as if known: V² / (A² / 6) is 4 x 6."""
    found = Estimate(5.0, 1.0, 7 / 3, seeds=3, prior=PRIOR)
    assert found.freedom == pytest.approx(24)
    assert reach(found) == pytest.approx(float(stats.t.isf(ALPHA / 2, 24)) * sqrt(14 / 3))


def test_where_seeds_add_nothing_it_is_a_normal_interval() -> None:
    found = Estimate(5.0, 0.0, 4.0, seeds=3, prior=PRIOR._replace(variance=0.0))
    assert found.freedom == inf
    assert reach(found) == pytest.approx(1.959964 * 2)


@pytest.mark.parametrize("prior", [None, PRIOR._replace(variance=1e-9)])
def test_seeds_that_tie_are_as_uncertain_as_images_alone(prior: Prior | None) -> None:
    """A variance of 4 over images of these very seeds: +-1.96 x 2, and no point."""
    tied = Estimate(1.0, 0.0, 0.0, seeds=3, least_variance=4.0, prior=prior)
    assert reach(tied) == pytest.approx(1.959964 * 2)
    assert tied.error == 2
    assert tied.p_value() == pytest.approx(2 * stats.norm.sf(0.5))


def test_the_wider_interval_counts() -> None:
    """Seeds and images of variance 1 by Student's t, 4.30, or images of 4 and 9: 3.92, 5.88."""
    found = Estimate(0.0, 0.5, 0.5, seeds=3, least_variance=4.0)
    assert reach(found) == pytest.approx(4.302653)
    assert reach(replace(found, least_variance=9.0)) == pytest.approx(1.959964 * 3)


def test_with_nothing_that_varies_there_is_no_interval() -> None:
    tied = Estimate(1.0, 0.0, 0.0, seeds=3)
    assert (tied.interval(ALPHA), tied.p_value()) == (None, None)


@pytest.mark.parametrize("prior", [None, PRIOR])
@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_have_no_interval(seeds: int, prior: Prior | None) -> None:
    variance = nan if seeds == 1 else 1.0
    few = Estimate(1.0, variance, variance, seeds, least_variance=1.0, prior=prior)
    assert (few.interval(ALPHA), few.p_value()) == (None, None)


SOME = [
    Estimate(1.0, 0.3, 0.0, 3),
    Estimate(1.0, 0.3, 0.7, 10),
    Estimate(1.0, 0.3, 0.7, 3, prior=PRIOR),
    Estimate(-1.0, 0.3, 0.7, 5, prior=PRIOR._replace(freedom=inf)),
    Estimate(1.0, 0.1, 0.1, 3, least_variance=2.0),
    Estimate(1.0, 0.0, 0.0, 3, least_variance=0.2),
]


@pytest.mark.parametrize("found", SOME)
@pytest.mark.parametrize("null", [0.0, 0.9, -3.0])
def test_a_p_value_is_the_alpha_at_which_the_interval_touches(found: Estimate, null: float) -> None:
    p = found.p_value(null)
    assert p is not None
    assert reach(found, p) == pytest.approx(abs(found.mean - null))
    assert found.p_value(2 * found.mean - null) == pytest.approx(p)  # as far on the other side
    assert found.p_value(found.mean) == 1


@pytest.mark.parametrize("found", SOME)
@pytest.mark.parametrize("factor", [100.0, -0.5])
def test_another_unit_changes_no_p_value(found: Estimate, factor: float) -> None:
    """All variances are squares of the unit, that of the prior too."""
    scaled = found.scaled(factor, factor * found.mean)
    assert reach(scaled) == pytest.approx(abs(factor) * reach(found))
    assert scaled.p_value(factor * 0.2) == pytest.approx(found.p_value(0.2))
    assert scaled.sd == pytest.approx(abs(factor) * found.sd)
