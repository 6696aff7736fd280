"""The chance that an interval comes out where it is claimed, and the seeds that this takes."""

from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest
from scipy import stats

from cxv.statistics import Interval
from cxv.statistics.power import MOST_SEEDS, Assumed, chance_inside, seeds_needed

ALPHA = 0.05
ABOVE_0, WITHIN_1 = Interval(0, inf), Interval(-1, 1)


def assumed(difference: float, seed_sd: float = 0.35, image_error: float = 0.0) -> Assumed:
    return Assumed(difference=difference, seed_sd=seed_sd, image_error=image_error)


@pytest.mark.parametrize("seeds", [3, 5, 20])
def test_of_seeds_alone_it_is_the_power_of_a_t_test(seeds: int) -> None:
    """That of a noncentral t, of the tail that is claimed."""
    found = chance_inside(ABOVE_0, assumed(0.5), seeds, ALPHA)
    quantile = stats.t.isf(ALPHA / 2, seeds - 1)
    expected = stats.nct.sf(quantile, seeds - 1, 0.5 * sqrt(seeds) / 0.35)
    assert found == pytest.approx(expected, abs=0.002)


def drawn(truth: Assumed, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """Return means of seeds and images, and deviations between seeds, of 40,000 comparisons."""
    random = np.random.default_rng(2)
    values = random.normal(truth.difference, truth.seed_sd, (40_000, seeds))
    return values.mean(1) + random.normal(0, truth.image_error, 40_000), values.std(1, ddof=1)


@pytest.mark.parametrize(
    ("region", "difference"), [(WITHIN_1, 0.0), (WITHIN_1, 0.4), (ABOVE_0, 1.0)]
)
def test_with_images_it_is_the_share_of_intervals_inside(
    region: Interval, difference: float
) -> None:
    """Of few pairs an interval has the t of its seeds, whatever images add."""
    truth = assumed(difference, image_error=0.15)
    means, deviations = drawn(truth, 5)
    reach = stats.t.isf(ALPHA / 2, 4) * np.sqrt(deviations**2 / 5 + 0.15**2)
    inside = ((region.low < means - reach) & (means + reach < region.high)).mean()
    assert chance_inside(region, truth, 5, ALPHA) == pytest.approx(inside, abs=0.01)


def test_pairs_of_a_study_that_are_moderated_together_tell_more() -> None:
    alone = assumed(0.6)
    among_many = replace(alone, pairs=40)
    assert chance_inside(ABOVE_0, among_many, 3, ALPHA) > chance_inside(ABOVE_0, alone, 3, ALPHA)
    known = stats.norm.sf(1.96 - 0.6 * sqrt(3) / 0.35)  # were the deviation known
    found = chance_inside(ABOVE_0, among_many, 3, ALPHA)
    assert known - 0.08 < found < known


def test_what_fewer_than_three_seeds_and_what_certainty_tell() -> None:
    assert chance_inside(ABOVE_0, assumed(5.0), 2, ALPHA) == 0
    certain = assumed(0.5, seed_sd=0.0)
    assert chance_inside(ABOVE_0, certain, 3, ALPHA) == 1
    assert chance_inside(Interval(1, inf), certain, 3, ALPHA) == 0


@pytest.mark.parametrize(("difference", "seeds"), [(0.5, 34), (1.0, 10)])
def test_the_seeds_that_published_tables_have(difference: float, seeds: int) -> None:
    """A paired t-test of that many deviations, two-sided at 5 %, with a power of 80 %."""
    truth = assumed(difference, seed_sd=1.0)
    assert seeds_needed(lambda n: chance_inside(ABOVE_0, truth, n, ALPHA), 0.8) == seeds


def test_where_images_are_too_few_no_number_of_seeds_would_do() -> None:
    blurred = assumed(1.0, image_error=0.5)  # 2 errors: known deviations find it in 52 %
    assert seeds_needed(lambda n: chance_inside(ABOVE_0, blurred, n, ALPHA), 0.8) is None
    assert seeds_needed(lambda n: n / MOST_SEEDS, 1.0) == MOST_SEEDS
    assert seeds_needed(lambda _: 1.0, 0.8) == 3
