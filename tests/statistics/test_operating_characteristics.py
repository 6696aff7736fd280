"""How often each rule says each word: coarsely what docs/operating_characteristics.md shows."""

from math import inf

import numpy as np
import pytest

from benchmarks.operating_characteristics import RULES, Rule, Study, differences, models
from cxv.paper.verdict_rules import Claimed, compare
from cxv.statistics import Estimate, mean_over_seeds

ALPHA = 0.05
FEW = Study(trials=300)
BY_CHANCE = 0.05
"""Half of alpha is 0.025; of 300 trials it has an error of 0.009."""

BETTER, BY_FOUR, ALIKE = Claimed(0.0, inf), Claimed(4.0, inf), Claimed(-1.0, 1.0)


def chances(rule: Rule, *effects: float, seeds: int = 3, study: Study = FEW) -> np.ndarray:
    """Return a row for each of WORDS."""
    return rule.chances(effects, seeds, study).T


@pytest.mark.parametrize("seeds", [3, 10])
@pytest.mark.parametrize("name", RULES)
def test_at_its_ends_a_claim_is_rarely_decided(name: str, seeds: int) -> None:
    """Either word would be wrong just off an end."""
    rule = RULES[name]
    ends = [end for end in (rule.claimed.low, rule.claimed.high) if np.isfinite(end)]
    reproduced, open_, not_reproduced = chances(rule, *ends, seeds=seeds)
    assert max(*reproduced, *not_reproduced) <= BY_CHANCE
    assert min(open_) >= 1 - 2 * BY_CHANCE


@pytest.mark.parametrize("name", RULES)
def test_the_further_inside_the_likelier_the_word(name: str) -> None:
    """From far below a claim to its middle; near a peak by no more than chance."""
    rule = RULES[name]
    ends = (max(rule.claimed.low, rule.low), min(rule.claimed.high, rule.high))
    middle = sum(ends) / 2 if np.isfinite(rule.claimed.high) else rule.high
    effects = np.linspace(rule.low, middle, 7)
    reproduced, _, not_reproduced = chances(rule, *effects)
    assert (np.diff(reproduced) >= -0.06).all()
    assert (np.diff(not_reproduced) <= 0).all()
    assert not_reproduced[0] > 0.9
    assert max(reproduced[effects < rule.claimed.low]) <= BY_CHANCE
    assert max(not_reproduced[effects > rule.claimed.low]) <= BY_CHANCE


@pytest.mark.parametrize("name", [name for name in RULES if "2" not in name])
def test_ten_seeds_decide_what_three_do(name: str) -> None:
    """But that a difference is within half a point of 2: for that images are too few."""
    rule = RULES[name]
    true = 0.0 if np.isfinite(rule.claimed.high) else rule.claimed.low + 1
    few, many = (chances(rule, true, seeds=seeds)[0, 0] for seeds in (3, 10))
    assert 0.8 < few <= many
    assert many > 0.95


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("times", [2, 5, 20])
def test_noise_decides_nothing(name: str, times: int) -> None:
    """Imprecision is no evidence: neither of a claim nor against it."""
    rule = RULES[name]
    noisy = Study(trials=300, seed_sd=times * FEW.seed_sd, image_error=times * FEW.image_error)
    ends = [end for end in (rule.claimed.low, rule.claimed.high) if np.isfinite(end)]
    inside, outside = ends[0] + 0.4, ends[0] - 0.4
    reproduced, _, not_reproduced = chances(rule, inside, outside, study=noisy)
    assert not_reproduced[0] <= len(ends) * BY_CHANCE  # that it is below, or above
    assert reproduced[1] <= BY_CHANCE


def estimate(mean: float) -> Estimate:
    """Three seeds; an interval that reaches 4.30 x 0.232, 1 point, to each side."""
    return Estimate(mean, (1 / 4.302653) ** 2, 0.0, 3)


@pytest.mark.parametrize(
    ("mean", "word"),
    [
        (-2.0, "not_reproduced"),
        (2.0, "not_reproduced"),
        (3.5, "inconclusive"),
        (4.5, "inconclusive"),
        (6.0, "reproduced"),
        (10.0, "reproduced"),
    ],
)
def test_over_four_is_no_number_near_four(mean: float, word: str) -> None:
    """A gain of 2, from 1 to 3, is not over four; 6 and 10 are, however far from 4."""
    assert compare(estimate(mean), BY_FOUR, ALPHA).word == word


@pytest.mark.parametrize("mean", [-2.0, 2.0])
def test_a_difference_is_no_equality(mean: float) -> None:
    assert compare(estimate(mean * 1.01), ALIKE, ALPHA).word == "not_reproduced"


def test_equal_models_come_out_as_alike_with_enough_seeds() -> None:
    """An interval of equals that is too wide is open, never one that says so by its width."""
    rule, noisy = RULES["alike:\nwithin 1"], Study(trials=300, seed_sd=1.5, image_error=0.1)
    few, some, many = (chances(rule, 0.0, seeds=n, study=noisy)[:, 0] for n in (3, 10, 40))
    assert few[0] < some[0] < many[0]
    assert many[0] > 0.9
    assert max(few[2], some[2], many[2]) <= BY_CHANCE


def test_three_seeds_that_tie_give_no_point() -> None:
    """Over images they may differ still; over seeds alone nothing tells how far others are."""
    tied = Estimate(0.3, 0.0, 0.0, 3, least_variance=0.2**2)
    found = compare(tied, BETTER, ALPHA)
    assert found.word == "inconclusive"
    assert (found.low, found.high) == pytest.approx((0.3 - 0.392, 0.3 + 0.392), abs=1e-3)
    alone = compare(mean_over_seeds({0: 0.3, 1: 0.3, 2: 0.3}), BETTER, ALPHA)
    assert (alone.word, alone.low, alone.p) == ("inconclusive", None, None)


def test_drawn_studies_are_as_noisy_as_asked() -> None:
    """Errors of 2,000 trials: 2 % of a deviation."""
    study = Study(trials=2000, seed_sd=1.2, image_error=0.5)
    means = [found.mean for found in differences(4, study)]
    assert np.mean(means) == pytest.approx(0, abs=0.05)
    assert np.std(means) == pytest.approx((1.2**2 / 4 + 0.5**2) ** 0.5, rel=0.06)
    best = [max(runs.top1.values()) for runs in models(3, study)]
    assert np.mean(best) == pytest.approx(0, abs=0.05)
