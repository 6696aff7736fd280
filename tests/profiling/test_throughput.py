"""Speeds of steps whose seconds are known: a clock that the steps themselves move on."""

from collections.abc import Iterable
from functools import partial
from itertools import chain, cycle, repeat

import pytest
import torch
from torch import Tensor, nn

from cxv.profiling import throughput
from cxv.profiling.throughput import LONGEST_STEP_SECONDS, inference_speed, training_speed
from cxv.records.speed import Speed

pytestmark = pytest.mark.usefixtures("one_thread", "unchecked")

IMAGES = 2
TIMES = {"inference": inference_speed, "training": partial(training_speed, dtype=torch.float32)}
both = pytest.mark.parametrize("kind", TIMES)


class Clocked(nn.Module):
    """A network whose passes take the given seconds of a clock of its own."""

    def __init__(self, seconds: Iterable[float]) -> None:
        super().__init__()
        self.layer = nn.Linear(12, 2)
        self.seconds, self.now, self.passes = iter(seconds), 0.0, 0
        self.modes: set[bool] = set()

    def forward(self, x: Tensor) -> Tensor:
        self.now += next(self.seconds)
        self.passes += 1
        self.modes.add(self.training)
        return self.layer(x.flatten(1))


def timed(kind: str, seconds: Iterable[float]) -> tuple[Speed, Clocked]:
    model = Clocked(seconds)
    return TIMES[kind](model, torch.zeros(IMAGES, 3, 2, 2), clock=lambda: model.now), model


@both
@pytest.mark.parametrize("cold", [[9.0], [9.0, 0.3], [9.0, 0.09, 0.05]])
def test_no_cold_step_is_among_those_timed(kind: str, cold: list[float]) -> None:
    speed, model = timed(kind, chain(cold, repeat(0.01)))
    assert speed.lower_images_per_second == pytest.approx(IMAGES / 0.01)
    assert speed.upper_images_per_second == pytest.approx(IMAGES / 0.01)
    assert speed.timed >= throughput.TIMED_SECONDS / 0.01 - 1
    assert model.passes > speed.timed + len(cold)


@both
def test_the_spread_is_that_of_the_middle_half_of_the_steps(kind: str) -> None:
    """A fifth of the steps each takes 20, 25, 32, 40 and 250 ms: quartiles 25 and 40, median 32."""
    speed, _ = timed(kind, cycle([0.25, 0.02, 0.025, 0.032, 0.04]))
    assert speed.timed % 5 == 0, "whole rounds, so that the quartiles can be found by hand"
    assert speed.median_images_per_second == pytest.approx(2 / 0.032)
    assert speed.lower_images_per_second == pytest.approx(50)
    assert speed.upper_images_per_second == pytest.approx(80)
    assert speed.spread == pytest.approx((80 - 50) * 0.032 / 2)


@both
def test_a_step_of_moderate_length_is_timed_often_enough_for_quartiles(kind: str) -> None:
    speed, _ = timed(kind, repeat(0.125))
    assert speed.timed == throughput.LEAST_STEPS


@both
def test_steps_that_slow_down_are_timed_often_enough_too(kind: str) -> None:
    speed, _ = timed(kind, chain([9.0], repeat(0.01, 10), repeat(0.25)))
    assert speed.timed >= throughput.LEAST_STEPS
    assert speed.median_images_per_second == pytest.approx(IMAGES / 0.25)


@both
def test_a_long_step_is_not_repeated(kind: str) -> None:
    speed, model = timed(kind, chain([5.0], repeat(2 * LONGEST_STEP_SECONDS)))
    assert (speed.timed, speed.spread, model.passes) == (1, 0, 2)
    assert speed.median_images_per_second == pytest.approx(IMAGES / (2 * LONGEST_STEP_SECONDS))


@pytest.mark.parametrize(("kind", "is_training"), [("inference", False), ("training", True)])
def test_each_kind_of_step_is_timed_in_its_mode(kind: str, is_training: bool) -> None:
    _, model = timed(kind, repeat(0.05))
    assert model.modes == {is_training}


def test_quartiles_of_four_steps_by_hand() -> None:
    """Of 1, 2, 3, 5 s, linear between: 1.75, 2.5, 3.5 s; seven images each."""
    speed = Speed.of([5.0, 1.0, 3.0, 2.0], 7)
    assert speed.upper_images_per_second == pytest.approx(4)
    assert speed.median_images_per_second == pytest.approx(2.8)
    assert speed.lower_images_per_second == pytest.approx(2)
    assert (speed.timed, speed.spread) == (4, pytest.approx(2 / 2.8))
