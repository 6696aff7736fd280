"""Differences of answers and their variances, by hand; what is refused."""

import numpy as np
import pytest
from scipy import stats

from cxv.statistics import (
    Estimate,
    best_of_first,
    crossed,
    interval_of_images,
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
    assert found == Estimate(
        50.0, 0.0, 0.0, 2, least_variance=100**2 * 2 / 36
    )  # two images of 4 + 2


def test_the_variance_of_images_is_by_hand_what_seeds_agree_on() -> None:
    """Differences 1 0 0 0 of each of 3 seeds: image means vary by 1/4, and there is no rest."""
    found = crossed(answers(["1100"] * 3), answers(["0100"] * 3))
    assert found is not None
    of_images = 100**2 / 4 / 4
    assert found == Estimate(25.0, 0.0, of_images, 3, least_variance=of_images)
    student = float(stats.t.isf(ALPHA / 2, 2))
    assert found.interval(ALPHA) == pytest.approx((25 - 25 * student, 25 + 25 * student))


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
    assert found.least_variance == pytest.approx(100**2 * of_images / 240)


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
    assert (both.mean, both.image_variance) == (pytest.approx(of_seeds.mean), 0)
    assert both.seed_variance == pytest.approx(of_seeds.seed_variance)


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


def test_the_mean_the_deviation_and_what_the_paper_prints() -> None:
    found = mean_over_seeds({7: 90.0, 1: 91.0, 2: 92.0, 3: 89.0})
    assert found is not None
    assert (found.mean, found.sd, found.seeds) == (90.5, pytest.approx((5 / 3) ** 0.5), 4)
    assert best_of_first(3, {7: 99.0, 1: 91.0, 2: 92.0, 3: 89.0}) == 92.0
    assert best_of_first(1, {7: 99.0, 1: 91.0, 2: 92.0}) == 91.0
    assert best_of_first(3, {1: 91.0, 2: 92.0}) is None
    assert mean_over_seeds({}) is None


def test_models_that_answer_alike_may_still_differ_on_other_images() -> None:
    """No image is won or lost of 4: as if one of 6 was won and one lost, 2 / 6²."""
    same = crossed(runs := answers(["1100", "1010", "0110"]), runs)
    assert same == Estimate(0.0, 0.0, 0.0, 3, least_variance=100**2 * 2 / 36)
    reach = 1.959964 * 100 * 2**0.5 / 6
    assert same.interval(ALPHA) == pytest.approx((-reach, reach))
    assert same.p_value() == 1


def test_models_that_no_seed_tells_apart_give_no_point() -> None:
    """Each of 3 seeds wins 3 of 18 images and loses 3 others: top-1 tie, answers do not.

    Means over seeds are 1/3 of nine images and -1/3 of nine: a variance of 2 / 17, over 18.
    """
    left = answers([f"{'0' * at}111{'0' * (15 - at)}" for at in (0, 3, 6)])
    right = answers([f"{'0' * at}111{'0' * (15 - at)}" for at in (9, 12, 15)])
    found = crossed(left, right)
    assert found is not None
    assert (found.mean, found.seed_variance) == (0, 0)
    assert found.image_variance == pytest.approx(0, abs=1e-9)
    assert found.least_variance == pytest.approx(100**2 * 2 / 17 / 18)
    low, high = found.interval(ALPHA) or (0.0, 0.0)
    assert high == -low == pytest.approx(1.959964 * 100 * 153**-0.5)


def test_over_seeds_alone_ties_have_no_interval() -> None:
    """No image is known that could vary."""
    always = paired(LEFT, {seed: top1 - 1 for seed, top1 in LEFT.items()})
    assert paired(LEFT, LEFT) == Estimate(0.0, 0.0, 0.0, 4)
    assert always is not None
    assert always.mean == pytest.approx(1)
    assert paired(LEFT, LEFT).interval(ALPHA) is None


def test_wilsons_interval_by_hand() -> None:
    """Of 8 of 10 at z = 2: centre (8 + 2) / 14, half-width 2 sqrt(10 x 0.16 + 1) / 14."""
    alpha = 2 * float(stats.norm.sf(2))
    half = 2 * (10 * 0.16 + 1) ** 0.5 / 14
    assert interval_of_images(8, 10, alpha) == pytest.approx((10 / 14 - half, 10 / 14 + half))
    assert interval_of_images(10, 10, alpha).high == 1
    assert interval_of_images(10, 10, alpha).low < 0.75
