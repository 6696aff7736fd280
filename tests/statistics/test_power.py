"""How often a number of seeds finds a difference, and how many a claim needs."""

import numpy as np
import pytest
from scipy import stats

from cxv.statistics import power, seeds_needed

ALPHA = 0.05


def test_more_seeds_a_larger_difference_or_less_noise_have_more_power() -> None:
    by_seeds = [power(0.5, 0.35, seeds, ALPHA) for seeds in (3, 5, 8, 20)]
    by_difference = [power(d, 0.35, 5, ALPHA) for d in (0.01, 0.2, 0.5, 1.0, 3.0)]
    by_noise = [power(0.5, sd, 5, ALPHA) for sd in (2.0, 1.0, 0.3, 0.1)]
    for rising in (by_seeds, by_difference, by_noise):
        assert rising == sorted(rising)
        assert len(set(rising)) == len(rising)
    assert by_difference[0] == pytest.approx(ALPHA, abs=0.001)
    assert power(-0.5, 0.35, 5, ALPHA) == by_seeds[1]
    assert power(1.0, 0.1, 100, ALPHA) == 1


def test_power_is_how_often_a_t_test_finds_it() -> None:
    samples = np.random.default_rng(3).normal(0.5, 0.35, (20_000, 5))
    found = (stats.ttest_1samp(samples, 0, axis=1).pvalue < ALPHA).mean()
    assert power(0.5, 0.35, 5, ALPHA) == pytest.approx(found, abs=0.01)


@pytest.mark.parametrize(("difference", "seeds"), [(0.28, 15), (-0.28, 15), (0.48, 7), (1.0, 4)])
def test_the_seeds_that_a_claim_needs(difference: float, seeds: int) -> None:
    """At 0.25 points a seed and side, each side alone: 2 to 3 more than with a known deviation.

    That rule, n = 15.7 s² / d², says 13, 5 and 1.
    """
    sd = 0.25 * 2**0.5
    assert seeds_needed(difference, sd, ALPHA) == seeds
    assert power(difference, sd, seeds, ALPHA) >= 0.8 > power(difference, sd, seeds - 1, ALPHA)
    assert 0 <= seeds - 15.7 * 0.25**2 / difference**2 < 3.5


def test_many_seeds_are_needed_as_if_the_deviation_were_known() -> None:
    assert seeds_needed(0.02, 0.25 * 2**0.5, ALPHA) == pytest.approx(
        15.7 * (0.25 / 0.02) ** 2, rel=0.01
    )


def test_the_search_for_many_seeds_begins_near_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2,453 of them: one by one from 3 it would take seconds for each claim."""
    asked: list[int] = []

    def counted(difference: float, sd: float, seeds: int, alpha: float) -> float:
        asked.append(seeds)
        return power(difference, sd, seeds, alpha)

    monkeypatch.setattr("cxv.statistics.power", counted)
    seeds_needed(0.02, 0.25 * 2**0.5, ALPHA)
    assert len(asked) < 10


def test_what_needs_no_seeds_and_what_no_number_would_show() -> None:
    assert seeds_needed(0.1, 0.0, ALPHA) == 3
    with pytest.raises(ValueError, match="cannot be found"):
        seeds_needed(0.0, 0.3, ALPHA)
