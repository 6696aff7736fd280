"""Intervals hold the truth as often as they say; known values, limits and refusals."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.coverage import METHODS, Rates, World, ours, rates
from cxv.statistics import (
    Estimate,
    Interval,
    best_of_first,
    crossed,
    holm,
    mean_over_seeds,
    paired,
)

ALPHA = 0.05
LEFT = {0: 91.2, 1: 90.7, 2: 91.4, 3: 91.0}
RIGHT = {0: 90.8, 1: 90.6, 2: 90.7, 3: 90.9}


def answers(rows: list[str]) -> dict[int, np.ndarray]:
    """Seed -> right or not, of lines such as ``"1101"``."""
    return {seed: np.array([digit == "1" for digit in row], bool) for seed, row in enumerate(rows)}


def test_over_seeds_alone_it_is_the_paired_t_test() -> None:
    expected = stats.ttest_rel(list(LEFT.values()), list(RIGHT.values()))
    found = paired(LEFT, RIGHT)
    assert found is not None
    assert found.interval(ALPHA) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.interval(0.2) == pytest.approx(tuple(expected.confidence_interval(0.8)))
    assert found.p_value() == pytest.approx(expected.pvalue)


def test_seeds_are_paired_by_number_and_not_by_order() -> None:
    shuffled = {seed: RIGHT[seed] for seed in (3, 1, 0, 2)} | {9: 50.0}
    assert paired(LEFT, shuffled) == paired(LEFT, RIGHT)
    assert paired(LEFT, {9: 50.0}) is None
    assert crossed(answers(["10"]), {9: np.array([True, False])}) is None


def test_the_variances_of_a_crossed_design_by_hand() -> None:
    """Differences of 2 seeds on 4 images, 1 0 0 1 and 1 0 1 0: a mean of 1/2.

    Mean squares: seeds 0; images, of means 1 0 1/2 1/2, 1/3; rest, of -1/2 and 1/2, 1/3.
    """
    left, right = answers(["1101", "1010"]), answers(["0100", "0000"])
    found = crossed(left, right)
    assert found == Estimate(50.0, 0.0, 0.0, 2)


def test_the_variance_of_images_is_by_hand_what_seeds_agree_on() -> None:
    """Differences 1 0 0 0 of each of 3 seeds: image means vary by 1/4, and there is no rest."""
    found = crossed(answers(["1100"] * 3), answers(["0100"] * 3))
    assert found is not None
    assert (found.mean, found.seed_variance, found.image_variance) == (25, 0, 100**2 / 4 / 4)
    assert found.interval(ALPHA) == pytest.approx((25 - 25 * 1.959964, 25 + 25 * 1.959964))


@pytest.mark.parametrize("difficulty", [0.0, 1.0], ids=["images alike", "images that differ"])
def test_mean_squares_are_those_of_a_two_way_analysis(difficulty: float) -> None:
    """Left answers some images rightly with more seeds than others."""
    random = np.random.default_rng(5)
    chance = 0.5 + difficulty * (random.random(60) - 0.5)
    left, right = random.random((4, 60)) < chance, random.random((4, 60)) < 0.5
    d = left.astype(float) - right
    rows, columns = d.mean(1, keepdims=True), d.mean(0, keepdims=True)
    of_seeds = 60 * ((rows - d.mean()) ** 2).sum() / 3
    of_images = 4 * ((columns - d.mean()) ** 2).sum() / 59
    rest = ((d - rows - columns + d.mean()) ** 2).sum() / (3 * 59)
    found = crossed(dict(enumerate(left)), dict(enumerate(right)))
    assert found is not None
    assert found.seed_variance == pytest.approx(100**2 * of_seeds / 240)
    assert found.image_variance == pytest.approx(100**2 * max(0, of_images - rest) / 240)
    assert (found.image_variance > 0) == (difficulty > 0)


def test_sums_over_many_images_lose_no_digit() -> None:
    """Of 30,000 images, 1 in 3 is won by each of 3 seeds, and one more by the last."""
    won = np.tile([True, False, False], 10_000)
    left = {0: won, 1: won, 2: won.copy()}
    left[2][1] = True
    found = crossed(left, {seed: np.zeros_like(won) for seed in left})
    assert found is not None
    assert found.mean == pytest.approx(100 * (3 * 10_000 + 1) / 90_000, rel=1e-14)
    by_seed = (1 / 30_000) ** 2 / 9  # 0, 0, d: a variance of d² / 3
    assert found.seed_variance == pytest.approx(100**2 * by_seed, rel=1e-9)
    d = np.array([left[seed].astype(float) for seed in left])
    rest = d.var() - d.mean(1).var() - d.mean(0).var()
    by_image = d.mean(0).var(ddof=1) / 30_000 - rest / (2 * 29_999)
    assert found.image_variance == pytest.approx(100**2 * by_image, rel=1e-9)


def test_without_an_effect_of_images_it_is_the_paired_t_test_on_top1() -> None:
    """Each seed gains one image, and each another one."""
    left, right = answers(["1001", "0101", "0011"]), answers(["0001", "0001", "0000"])
    of_seeds = paired({0: 50.0, 1: 50.0, 2: 50.0}, {0: 25.0, 1: 25.0, 2: 0.0})
    both = crossed(left, right)
    assert both is not None
    assert of_seeds is not None
    assert both.image_variance == 0
    assert both.interval(ALPHA) == pytest.approx(of_seeds.interval(ALPHA))


def test_sides_that_are_the_same_differ_by_a_point_at_0() -> None:
    runs = answers(["1100", "1010", "0110"])
    for same in (crossed(runs, runs), paired(LEFT, LEFT)):
        assert same is not None
        assert same.interval(ALPHA) == (0, 0)
        assert same.p_value() == 1
    always = paired(LEFT, {seed: top1 - 1 for seed, top1 in LEFT.items()})
    assert always is not None
    assert always.interval(ALPHA) == pytest.approx((1, 1))
    assert always.p_value() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("seeds", [1, 2])
def test_fewer_than_three_seeds_give_a_mean_and_no_interval(seeds: int) -> None:
    left = answers(["1110", "1100"][:seeds])
    few = crossed(left, {seed: ~right for seed, right in left.items()})
    assert few is not None
    assert few.mean == [50, 25][seeds - 1]  # 3 - 1 of 4 images, then 2 - 2 as well
    for found in (few, mean_over_seeds({seed: LEFT[seed] for seed in range(seeds)})):
        assert found is not None
        assert found.seeds == seeds
        assert found.interval(ALPHA) is None
        assert found.p_value() is None
        assert np.isnan(found.sd) == (seeds == 1)


@pytest.mark.parametrize("rows", [["1100", "110"], ["1", "1"], ["", ""]])
def test_answers_to_other_images_or_to_one_are_refused(rows: list[str]) -> None:
    left = answers(rows)
    right = {seed: ~row for seed, row in left.items()}
    with pytest.raises(ValueError, match=r"the same images, two or more: \["):
        crossed(left, right)


def test_two_images_are_enough() -> None:
    found = crossed(answers(["10", "11", "10"]), answers(["00", "00", "10"]))
    assert found is not None
    assert found.mean == pytest.approx(50)


@pytest.mark.parametrize("top1", [float("nan"), float("inf")])
def test_a_run_that_diverged_has_no_place_in_a_mean(top1: float) -> None:
    with pytest.raises(ValueError, match=r"not all values are finite: \{.*1: (nan|inf)"):
        paired({0: 1.0, 1: top1, 2: 2.0}, {0: 1.0, 1: 0.5, 2: 2.0})


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("mean", [0.1, 1.0, 5.0])
def test_a_p_value_is_the_alpha_at_which_the_interval_touches(mean: float, share: float) -> None:
    found = Estimate(mean, share, 1 - share, seeds=4)
    p = found.p_value()
    assert p is not None
    assert found.interval(p) == pytest.approx((0, 2 * mean), abs=1e-9)
    assert found.p_value(null=mean + 0.1) == pytest.approx(found.p_value(null=mean - 0.1))
    assert Estimate(1e9, share, 1 - share, seeds=4).p_value() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("seeds", "least", "most"), [(3, 94.4, 95.8), (5, 94.7, 95.2), (10, 94.9, 95.1)]
)
def test_whatever_the_shares_the_interval_keeps_its_word(
    seeds: int, least: float, most: float
) -> None:
    """Integrate over estimates of the variance between seeds; that of images is known."""
    quantiles = (np.arange(200) + 0.5) / 200
    drawn = stats.chi2.ppf(quantiles, seeds - 1) / (seeds - 1)
    for share in (0.05, 0.3, 0.6, 0.9, 0.95):
        reach = [-Estimate(0.0, share * x, 1 - share, seeds).interval(ALPHA)[0] for x in drawn]
        assert least <= 100 * (2 * stats.norm.cdf(reach) - 1).mean() <= most


WORLD, TRIALS = World(), 400
"""Two effects of 400 trials: a standard error of a rate is 0.8 to 1.1 points. Numbers are fixed."""


def keeps_its_word(found: Rates) -> bool:
    """95 to 96 % are right: see above."""
    return abs(found.held - 0.955) <= 0.025 and found.false <= 0.04


@pytest.mark.slow
def test_intervals_hold_the_truth_of_generated_runs() -> None:
    for found in rates(ours, WORLD, TRIALS, seeds=(3, 10)):
        assert keeps_its_word(found)
        assert found.found > 5 * found.false


@pytest.mark.slow
@pytest.mark.parametrize("method", ["bootstrap: seeds", "bootstrap: both", "paired t"])
def test_an_interval_that_does_not_is_seen(method: str) -> None:
    assert not keeps_its_word(rates(METHODS[method], WORLD, TRIALS, seeds=(3,))[0])


def test_pairs_that_were_forgotten_are_seen() -> None:
    def unpaired(right: np.ndarray, random: np.random.Generator) -> Interval | None:
        return ours(np.stack([right[0], random.permuted(right[1], axis=1)]), random)

    assert not keeps_its_word(rates(unpaired, WORLD, 100, seeds=(10,))[0])


def test_the_mean_the_deviation_and_what_the_paper_prints() -> None:
    found = mean_over_seeds({7: 90.0, 1: 91.0, 2: 92.0, 3: 89.0})
    assert found is not None
    assert (found.mean, found.sd, found.seeds) == (90.5, pytest.approx((5 / 3) ** 0.5), 4)
    assert best_of_first(3, {7: 99.0, 1: 91.0, 2: 92.0, 3: 89.0}) == 92.0
    assert best_of_first(1, {7: 99.0, 1: 91.0, 2: 92.0}) == 91.0
    assert best_of_first(3, {1: 91.0, 2: 92.0}) is None
    assert mean_over_seeds({}) is None


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.6], [1.0, 1.0]),
        ([0.7, 0.9], [1.0, 1.0]),  # 2 x 0.7 is no probability
        ([0.02], [0.02]),
        ([], []),
    ],
)
def test_holms_p_values_by_hand(p_values: list[float], adjusted: list[float]) -> None:
    """Four: 4 x 0.005, 3 x 0.01, 2 x 0.03, and 1 x 0.04 raised to what stands before it."""
    assert holm(p_values) == pytest.approx(adjusted)
