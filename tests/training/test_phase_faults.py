"""What is refused of schedules made of schedules, and which key is named."""

from collections.abc import Iterator
from typing import Any

import pytest
from schedule_settings import (
    COSINE,
    CYCLE,
    HALVED,
    PLATEAU,
    STEP,
    WARMUP,
    Settings,
    chained,
    in_sequence,
)
from tiny import SGD
from trained import phase

from cxv.training.phase_faults import faults

EPOCHS = 8


def faults_of(schedule: Settings, **changes: Any) -> dict[str, str]:
    fields: Settings = {"schedule": schedule, "max_epochs": EPOCHS} | changes
    return dict(faults(phase(SGD, **fields)))


def nested(inner: Settings) -> Iterator[tuple[str, Settings]]:
    """Yield a schedule as a part of others, and its key."""
    yield "schedule.schedulers.1", in_sequence(WARMUP, inner, at=[3])
    yield "schedule.schedulers.0", chained(inner, HALVED)
    yield (
        "schedule.schedulers.1.schedulers.0",
        in_sequence(WARMUP, in_sequence(inner, HALVED, at=[2]), at=[3]),
    )


@pytest.mark.parametrize(
    ("inner", "key", "said"),
    [
        ({"name": "CosineLR"}, ".name", "no schedule 'CosineLR' (known: ChainedScheduler, "),
        ({"name": "LambdaLR"}, ".name", "LambdaLR cannot be used: it takes a Python function ("),
        (COSINE | {"T_maxx": 3}, ".T_maxx", "no such key here (allowed: T_max, eta_min, last_"),
        (COSINE | {"T_max": 0}, ".T_max", "must be a whole number from 1, not 0"),
        (COSINE | {"schedulers": [STEP]}, ".schedulers", "no such key here (allowed: T_max, eta"),
        ({"name": "ChainedScheduler"}, ".schedulers", "is missing: ChainedScheduler takes a list"),
        (PLATEAU | {"mode": "min"}, ".mode", "cannot be 'min': it watches top-1, which rises"),
        (PLATEAU | {"factor": 2}, "", "Factor should be < 1.0."),
        (HALVED | {"gamma": -1}, ".gamma", "must be a number from 0, not -1.0"),
    ],
)
def test_a_fault_of_a_part_is_told_by_its_whole_key(inner: Settings, key: str, said: str) -> None:
    for where, schedule in nested(inner):
        [(found, message)] = faults_of(schedule).items()
        assert found == where + key
        assert said in message


@pytest.mark.parametrize(
    "milestones", [[], [3, 5], [0], [-1], [2.5], [True], 3, None, "3", [[3]], ["3"]]
)
def test_milestones_that_do_not_say_when_each_part_begins_are_refused(milestones: Any) -> None:
    said = (
        "must be a list of 1 rising whole numbers from 1, the epochs after which each schedule but"
        f" the first begins, not {milestones}"
    )
    schedule = in_sequence(WARMUP, COSINE, at=milestones)
    assert faults_of(schedule) == {"schedule.milestones": said}
    outer = in_sequence(HALVED, schedule, at=[2])
    assert faults_of(outer) == {"schedule.schedulers.1.milestones": said}


@pytest.mark.parametrize("milestones", [[3, 3], [5, 3]])
def test_milestones_rise(milestones: list[int]) -> None:
    assert list(faults_of(in_sequence(WARMUP, COSINE, STEP, at=milestones))) == [
        "schedule.milestones"
    ]


def test_a_sequence_without_milestones_is_refused() -> None:
    schedule = {"name": "SequentialLR", "schedulers": [WARMUP, COSINE]}
    assert list(faults_of(schedule)) == ["schedule.milestones"]
    assert faults_of({"name": "SequentialLR", "schedulers": [COSINE], "milestones": []}) == {}


def test_an_argument_of_torch_that_has_no_place_in_a_combination_is_refused() -> None:
    said = "no such key here (allowed: milestones, schedulers)"
    found = faults_of(in_sequence(WARMUP, COSINE, at=[3]) | {"last_epoch": 2})
    assert found == {"schedule.last_epoch": said}


@pytest.mark.parametrize(
    "part",
    [
        CYCLE,
        in_sequence(WARMUP, COSINE, at=[3]),
        {"name": "CyclicLR", "base_lr": 0.1, "max_lr": 0.2},
        {"name": "CosineAnnealingWarmRestarts", "T_0": 2},
    ],
    ids=lambda part: str(part["name"]),
)
def test_a_part_that_ignores_the_rate_it_finds_cannot_be_chained(part: Settings) -> None:
    [(where, said)] = faults_of(chained(HALVED, part)).items()
    assert where == "schedule.schedulers.1.name"
    assert said.startswith(f"{part['name']} cannot be chained: it sets the rate whatever")


@pytest.mark.parametrize(("total", "key"), [(5, None), (4, "schedule.schedulers.1.total_steps")])
def test_a_part_that_ends_before_its_turn_does_is_refused(total: int, key: str | None) -> None:
    """The second part has five of eight epochs."""
    schedule = in_sequence(WARMUP, CYCLE | {"total_steps": total}, at=[3])
    assert list(faults_of(schedule)) == [key] * (key is not None)


def test_a_part_need_not_last_beyond_its_turn_nor_be_reached() -> None:
    short = CYCLE | {"total_steps": 3}
    assert faults_of(in_sequence(short, COSINE, at=[3])) == {}
    assert faults_of(in_sequence(COSINE, short, at=[99])) == {}


def test_parts_that_are_sound_alone_may_not_be_together() -> None:
    steep = {"name": "ExponentialLR", "gamma": 1e30}
    assert faults_of(steep, max_epochs=9) == {}
    [(where, said)] = faults_of(chained(steep, steep), max_epochs=9).items()
    assert where == "schedule"
    assert said.startswith("ChainedScheduler cannot be used: in epoch 7 the learning rate would be")
