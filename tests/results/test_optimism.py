"""The optimism of a picked epoch: by hand, and of made-up epochs whose true top-1 is known."""

from math import sqrt

import numpy as np
import pytest
from scipy.special import ndtri

from benchmarks.optimism import CASES, of_model
from cxv.results.optimism import chain_optimism, link_optimism, picked, share_kept

Right = np.ndarray


def answers(*epochs: str) -> Right:
    """Return a row for each text of 1 (right) and 0."""
    return np.array([[letter == "1" for letter in epoch] for epoch in epochs])


def test_the_earliest_of_equal_epochs_is_picked() -> None:
    assert picked(answers("0101", "1101", "1011", "1110")) == 1


def test_epochs_that_are_right_on_opposite_halves() -> None:
    """Four images have three pairs of halves and twelve ordered pairs of quarters, all drawn.

    Halves 01|23: the epoch picked on one is all right there and all wrong on the other, 1 both
    ways. 02|13 and 03|12: a tie, the first is picked and as good on the other, 0. Mean 1/3.
    Quarters: what is right on 0 is wrong on 2 and 3, and so on: 8 of 12 pairs lose 1. Mean 2/3.
    Halves leave 1/2 of quarters, so all leaves 1/2 of halves.
    """
    assert link_optimism(answers("1100", "0011")) == pytest.approx(1 / 6)


def test_all_images_leave_of_halves_what_these_leave_of_quarters() -> None:
    """Picked on 01, 23, 02, 13, 03, 12 (ties: the first): 0, 1/2, 0, 1/2, 1/2, 1. Mean 5/12.

    Picked on 0 (a tie), 1, 2, 3, summed over the other three: -1, 2, 2, 3. Mean 6/12.
    """
    assert link_optimism(answers("0001", "0110")) == pytest.approx(5 / 12 * 5 / 6)


def test_more_images_leave_half_of_it_at_least() -> None:
    """Halves as above: -1/2, 1/2, -1/2, 1/2, 1/2, 1/2, mean 2/12; quarters: 3, 1, 1, 3, mean 8/12.

    That is a quarter, taken for 1/2.
    """
    assert link_optimism(answers("0001", "0111", "1000")) == pytest.approx(2 / 12 / 2)


def test_more_images_never_add_to_it() -> None:
    """Halves: 0, 1, 0, 1, 0, 1, mean 6/12; quarters: -2, 2, 2, 2, mean 4/12: 3/2, taken for 1."""
    assert link_optimism(answers("0011", "0101", "0110")) == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    "right",
    [
        pytest.param(answers("10110"), id="one epoch"),
        pytest.param(answers("10110", "10110", "10110"), id="epochs that answer alike"),
        pytest.param(answers("00000", "11111", "01111"), id="an epoch that is best everywhere"),
        pytest.param(np.zeros((0, 5), dtype=bool), id="no epoch"),
    ],
)
def test_where_no_image_has_a_say_there_is_none(right: Right) -> None:
    assert link_optimism(right) == 0


def test_three_images_make_no_quarters() -> None:
    with pytest.raises(ValueError, match="3 images cannot be cut into 4 quarters"):
        link_optimism(answers("101", "011"))


def test_a_second_measurement_gives_the_same_bits() -> None:
    right = np.random.default_rng(3).random((9, 101)) < 0.7
    assert link_optimism(right) == link_optimism(right.copy()) > 0


def test_final_answers_that_are_the_picked_ones_keep_all_others_nothing() -> None:
    first = answers("11110000", "11011100", "01101110")
    assert picked(first) == 1
    assert share_kept(first, first[1]) == pytest.approx(1)
    assert share_kept(first, np.ones(8, dtype=bool)) == pytest.approx(0)


def test_what_all_epochs_of_a_link_have_in_common_was_not_picked() -> None:
    """The final answers are those that both epochs give: on the picked ones alone they depend less.

    Images 0-3 both, 4-5 the first alone, 6 the second alone, 7 neither. With x of the picked and m
    of the mean, least squares over the four kinds, weighed 4, 2, 1, 1: y = 1, 0, 0, 0. As x and the
    other epoch z = 2 m - x are what it is linear in, y = a + b x + c z, and x's coefficient given m
    is b - c. Centred sums: xx = 6 - 36/8, zz = 5 - 25/8, xz = 4 - 30/8, xy = 4 - 24/8,
    zy = 4 - 20/8.
    """
    first = answers("11111100", "11110010")
    xx, zz, xz, xy, zy = 1.5, 1.875, 0.25, 1.0, 1.5
    det = xx * zz - xz**2
    b, c = (xy * zz - zy * xz) / det, (zy * xx - xy * xz) / det
    assert b - c < 0  # cut at 0: what is kept of the pick alone is nothing
    assert share_kept(first, answers("11110000")[0]) == 0
    final = answers("11111000")[0]  # y = 1 on one of the images 4, 5 too: xy = 5 - 30/8
    xy, zy = 1.25, 4 - 25 / 8
    b, c = (xy * zz - zy * xz) / det, (zy * xx - xy * xz) / det
    assert share_kept(first, final) == pytest.approx(b - c)
    assert 0 < b - c < 1


def test_a_chain_adds_what_its_end_keeps_of_earlier_picks() -> None:
    first, last = answers("1100", "0011"), answers("1100", "1100")
    assert chain_optimism([first, last]) == pytest.approx(1 / 6)  # kept wholly; its own is 0
    assert chain_optimism([last, first]) == pytest.approx(1 / 6)  # its own; the earlier has none
    assert chain_optimism([first]) == link_optimism(first)


def test_a_link_without_an_epoch_hands_on_the_pick_before_it() -> None:
    first, none = answers("1100", "0011"), np.zeros((0, 4), dtype=bool)
    assert chain_optimism([first, none]) == chain_optimism([first])
    assert chain_optimism([none]) == 0


def made_up(top1: np.ndarray, images: int, random: np.random.Generator) -> Right:
    """Draw epochs whose answers agree as those of a training do.

    Args:
        top1: of each epoch, on images without end.
        images: how many are drawn.
        random: the draws.

    An answer is right if what makes an image hard for all epochs and, at 15 % of the variance, for
    this one and less and less for those after it, is below a bound that gives the top-1.
    """
    own = random.standard_normal((len(top1), images))
    for epoch in range(1, len(top1)):
        own[epoch] = 0.5 * own[epoch - 1] + sqrt(0.75) * own[epoch]
    hard = sqrt(0.85) * random.standard_normal(images) + sqrt(0.15) * own
    return hard < ndtri(top1)[:, None]


def truth(top1: np.ndarray, right: Right) -> float:
    """Return by how much the picked epoch is better on these images than on images without end.

    Less the mean over epochs, which is 0 on average and makes fewer draws do.
    """
    off = right.mean(axis=1) - top1
    return float(off[picked(right)] - off.mean())


@pytest.mark.parametrize(
    "spread_pp",
    [
        pytest.param(0.0, id="epochs that differ by chance alone"),
        pytest.param(0.7, id="about as much as chance"),
        pytest.param(3.0, id="by far more"),
    ],
)
def test_the_mean_over_many_draws_is_the_true_optimism(spread_pp: float) -> None:
    """Points: 1.58, 1.3, 0.35. Halves by themselves would say 2.2, 1.9, 0.7."""
    random, true, found = np.random.default_rng(8), [], []
    for draw in range(3000):
        top1 = np.minimum(0.9 + spread_pp / 100 * random.standard_normal(15), 0.99)
        right = made_up(top1, 400, random)
        true.append(100 * truth(top1, right))
        if draw % 12 == 0:
            found.append(100 * link_optimism(right))
    assert np.mean(found) == pytest.approx(np.mean(true), abs=0.15)


def test_the_share_that_a_later_link_keeps_is_in_the_optimism_of_a_chain() -> None:
    """Second links whose answers are, image by image, in 60 % those of the epoch picked before.

    Each of their epochs redraws the other 40 %, as right as an epoch of the first link.
    """
    random, true, found, own = np.random.default_rng(9), [], [], []
    top1 = np.full(10, 0.9)
    for draw in range(1500):
        first = made_up(top1, 400, random)
        kept = random.random((5, 400)) < 0.6
        last = np.where(kept, first[picked(first)], random.random((5, 400)) < 0.9)
        # On images without end each epoch of either link is right on 90 %.
        true.append(100 * (last[picked(last)].mean() - 0.9) - 60 * (first.mean() - 0.9))
        if draw % 10 == 0:
            found.append(100 * chain_optimism([first, last]))
            own.append(100 * link_optimism(last))
    assert np.mean(found) == pytest.approx(np.mean(true), abs=0.2)
    assert np.mean(own) < np.mean(true) - 0.5


def test_the_networks_of_the_benchmark_are_in_params() -> None:
    for case in CASES:
        run = of_model(case.model)
        assert len(run.phases) >= len(case.epochs)
        assert [phase.optimizer.name for phase in run.phases] == ["AdamW", "SGD"]
