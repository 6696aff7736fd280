"""Intervals hold the truth as often as they say: coarsely what benchmarks/coverage.py tells."""

import numpy as np
import pytest

from benchmarks.coverage import METHODS, Rates, drawn, ours, student, uneven
from benchmarks.worlds import Pairs, Trial, World
from cxv.statistics import crossed

ALPHA, TRIALS = 0.05, 150
WORLD = World()


def keeps_its_word(found: Rates) -> bool:
    """5 % are to miss; of 150 studies it has an error of 0.7 points."""
    return 0.025 <= found.misses <= 0.075


def test_sums_of_a_study_are_what_crossed_says_of_each_pair() -> None:
    right = World(models=3, images=200).draw(5, np.random.default_rng(0))
    found = Pairs.of(Trial.of(right), 4)
    sides = [dict(enumerate(model[:4])) for model in right]
    for at, (left, other) in enumerate([(0, 1), (0, 2), (1, 2)]):
        by_answers = crossed(sides[left], sides[other])
        assert by_answers is not None
        assert found.estimates(None)[at].seeds == by_answers.seeds == 4
        for name in ("mean", "seed_variance", "image_variance", "least_variance"):
            ours_, theirs = getattr(found.estimates(None)[at], name), getattr(by_answers, name)
            assert ours_ == pytest.approx(theirs, abs=1e-9)


@pytest.mark.parametrize(("top1", "share"), [(0.08, 0.9), (0.88, 0.3), (0.98, 0.7)])
def test_worlds_are_as_they_are_described(top1: float, share: float) -> None:
    world = World(top1=top1, share=share, images=2000)
    random = np.random.default_rng(3)
    trials = [Trial.of(world.draw(3, random)) for _ in range(40)]
    pairs = [Pairs.of(trial, 3) for trial in trials]
    assert np.mean([trial.means for trial in trials]) == pytest.approx(top1, abs=0.01)
    of_seeds, of_images = (
        np.mean([getattr(found, name) for found in pairs])
        for name in ("seed_variance", "image_variance")
    )
    assert of_seeds / (of_seeds + of_images) == pytest.approx(share, abs=0.08)


def test_moderated_intervals_hold_the_truth_and_are_half_as_wide() -> None:
    for seeds, narrower in ((3, 0.6), (10, 0.95)):
        pairs = drawn(WORLD, TRIALS)[seeds]
        found = Rates.of(ours(pairs, WORLD, ALPHA))
        assert keeps_its_word(found)
        assert found.width < narrower * Rates.of(student(pairs, WORLD, ALPHA)).width


@pytest.mark.parametrize("method", ["paired t over seeds", "bootstrap over seeds"])
def test_intervals_that_do_not_are_seen(method: str) -> None:
    pairs = drawn(WORLD, TRIALS)[10]
    assert not keeps_its_word(Rates.of(METHODS[method](pairs, WORLD, ALPHA)))


def test_pairs_of_three_and_of_eight_seeds_hold_it_in_one_study() -> None:
    found = uneven(WORLD, 3, 8, ALPHA, TRIALS)
    assert keeps_its_word(found[3])
    assert 0.01 <= found[8].misses <= 0.09  # a fifth as many pairs
    assert found[8].width < found[3].width
