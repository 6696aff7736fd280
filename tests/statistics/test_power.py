"""The chance of a word before a study is run, against draws that the rules judge."""

from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest
from scipy import stats

from cxv.statistics import MIN_PAIRS, Estimate, Interval, fit_prior
from cxv.statistics.power import MOST_SEEDS, Assumed, chance_inside, seeds_needed

ALPHA = 0.05
ABOVE = Interval(0.0, inf)
ALONE = Assumed(difference=0.5, seed_sd=0.35, image_error=0.0)


@pytest.mark.parametrize("seeds", [3, 5, 8, 40])
def test_of_one_pair_it_is_the_power_of_a_t_test(seeds: int) -> None:
    """Of one side of it: the noncentral t distribution gives it exactly."""
    shift, freedom = 0.5 / 0.35 * sqrt(seeds), seeds - 1
    exact = stats.nct.sf(stats.t.isf(ALPHA / 2, freedom), freedom, shift)
    assert chance_inside(ABOVE, ALONE, seeds, ALPHA) == pytest.approx(exact, abs=0.003)


def test_a_claim_of_less_is_that_of_more_mirrored() -> None:
    lower = replace(ALONE, difference=-0.5)
    assert chance_inside(Interval(-inf, 0.0), lower, 5, ALPHA) == pytest.approx(
        chance_inside(ABOVE, ALONE, 5, ALPHA)
    )


def test_at_the_end_of_a_claim_it_is_half_of_alpha() -> None:
    """One tail; where images have a share, Student's t without other pairs says it more rarely."""
    at_null = replace(ALONE, difference=0.0)
    assert chance_inside(ABOVE, at_null, 5, ALPHA) == pytest.approx(ALPHA / 2, abs=0.001)
    of_images = replace(at_null, image_error=0.3)
    assert chance_inside(ABOVE, of_images, 5, ALPHA) < 0.02
    pooled = replace(of_images, pairs=15)
    assert chance_inside(ABOVE, pooled, 5, ALPHA) == pytest.approx(ALPHA / 2, abs=0.003)


def test_without_seeds_variance_it_is_a_normal_test_where_pairs_are_pooled() -> None:
    known = Assumed(difference=0.5, seed_sd=0.0, image_error=0.2, pairs=MIN_PAIRS)
    assert chance_inside(ABOVE, known, 3, ALPHA) == pytest.approx(stats.norm.cdf(2.5 - 1.959964))
    alone = replace(known, pairs=MIN_PAIRS - 1)
    assert chance_inside(ABOVE, alone, 3, ALPHA) == pytest.approx(stats.norm.cdf(2.5 - 4.302653))


@pytest.mark.parametrize(
    "region", [ABOVE, Interval(-1.0, 1.0), Interval(0.2, 1.2)], ids=["above", "alike", "about"]
)
def test_it_is_how_often_drawn_studies_come_out(region: Interval) -> None:
    """Fifteen pairs, each with its own runs, moderated as results are."""
    assumed = Assumed(difference=0.5, seed_sd=0.3, image_error=0.15, pairs=15)
    random, seeds = np.random.default_rng(1), 3
    inside = 0
    for _ in range(600):
        drawn = 0.3**2 * random.chisquare(seeds - 1, 15) / (seeds - 1)
        prior = fit_prior(list(drawn), [seeds - 1] * 15, 1e-9)
        mean = 0.5 + sqrt(0.3**2 / seeds + 0.15**2) * float(random.standard_normal())
        found = Estimate(mean, float(drawn[0]) / seeds, 0.15**2, seeds, prior=prior)
        low, high = found.interval(ALPHA) or (inf, -inf)
        inside += region.low < low and high < region.high
    assert chance_inside(region, assumed, seeds, ALPHA) == pytest.approx(inside / 600, abs=0.05)


def test_a_narrow_claim_cannot_come_out_of_a_wide_interval() -> None:
    wide = Assumed(difference=0.0, seed_sd=2.0, image_error=0.0, pairs=1)
    assert chance_inside(Interval(-0.001, 0.001), wide, 3, ALPHA) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_show_nothing(seeds: int) -> None:
    assert chance_inside(ABOVE, ALONE, seeds, ALPHA) == 0


@pytest.mark.parametrize(("difference", "chance"), [(0.5, 1.0), (-0.5, 0.0), (0.0, 0.0)])
def test_without_chance_it_is_certain(difference: float, chance: float) -> None:
    certain = Assumed(difference=difference, seed_sd=0.0, image_error=0.0)
    assert chance_inside(ABOVE, certain, 3, ALPHA) == chance


def fewest(assumed: Assumed, together: int = 1) -> int | None:
    """Return the seeds with which all of so many comparisons come out in 80 %."""
    return seeds_needed(lambda n: chance_inside(ABOVE, assumed, n, ALPHA) ** together, 0.8)


@pytest.mark.parametrize(("difference", "seeds"), [(0.5, 34), (1.0, 10)])
def test_the_seeds_that_published_tables_have(difference: float, seeds: int) -> None:
    """A paired t-test of that many deviations, two-sided at 5 %, with a power of 80 %."""
    assert fewest(Assumed(difference=difference, seed_sd=1.0, image_error=0.0)) == seeds


def test_the_first_and_the_last_number_of_seeds_count() -> None:
    assert seeds_needed(lambda _: 1.0, 0.8) == 3
    assert seeds_needed(lambda n: n / MOST_SEEDS, 1.0) == MOST_SEEDS
    assert seeds_needed(lambda n: n / (MOST_SEEDS + 1), 1.0) is None


@pytest.mark.parametrize("difference", [0.28, 0.48, 1.0])
def test_the_fewest_seeds_are_found(difference: float) -> None:
    assumed = replace(ALONE, difference=difference)
    seeds = fewest(assumed)
    assert seeds is not None
    assert chance_inside(ABOVE, assumed, seeds, ALPHA) >= 0.8
    assert chance_inside(ABOVE, assumed, seeds - 1, ALPHA) < 0.8 or seeds == 3
    normal = (1.959964 + 0.841621) ** 2 * 0.35**2 / difference**2  # of a known deviation
    assert 0 <= seeds - normal < 3.5


def test_other_pairs_spare_seeds_and_more_claims_cost_some() -> None:
    alone = fewest(ALONE)
    pooled = fewest(replace(ALONE, pairs=15))
    together = fewest(ALONE, together=10)
    assert alone is not None
    assert pooled is not None
    assert together is not None
    assert pooled < alone < together
    assert chance_inside(ABOVE, ALONE, together, ALPHA) ** 10 >= 0.8
    assert chance_inside(ABOVE, ALONE, together - 1, ALPHA) ** 10 < 0.8


def test_too_few_images_are_said_to_be() -> None:
    few = Assumed(difference=0.5, seed_sd=0.1, image_error=0.5, pairs=15)
    assert fewest(few) is None
    just = Assumed(difference=1.0, seed_sd=1.0, image_error=0.0)
    assert chance_inside(ABOVE, just, MOST_SEEDS, ALPHA) > 0.99
