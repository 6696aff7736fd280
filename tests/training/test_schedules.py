"""Schedules made of schedules, and the one that watches top-1: rates and resume."""

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
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
from tiny import SGD, learner, same, weights
from torch.optim import lr_scheduler
from trained import phase

from cxv.config.phases import Phase, Schedule
from cxv.training import trainer
from cxv.training.evaluation import Scores
from cxv.training.phase_faults import faults
from cxv.training.trainer import Learner

pytestmark = pytest.mark.usefixtures("one_thread")

EPOCHS = 8
RATE = SGD.optimizer.lr


def cosine(part: float) -> float:
    return (1 + math.cos(math.pi * part)) / 2


def warm(epoch: int) -> float:
    """Return the factor of a rate under ``WARMUP``."""
    return min(1.0, 0.25 + 0.25 * epoch)


WAYS: dict[str, tuple[Settings, Callable[[int], float]]] = {
    "warm-up before a cosine": (
        in_sequence(WARMUP, COSINE, at=[3]),
        lambda epoch: warm(epoch) if epoch < 3 else cosine((epoch - 3) / 4),
    ),
    "three": (
        in_sequence(WARMUP, HALVED, STEP, at=[2, 5]),
        lambda epoch: [0.25, 0.5, 1, 0.5, 0.25, 1, 1, 0.1][epoch],
    ),
    "chain": (chained(HALVED, STEP), lambda epoch: 0.5**epoch * 0.1 ** (epoch // 2)),
    "chain of a chain": (
        chained(chained(HALVED, HALVED), STEP),
        lambda epoch: 0.25**epoch * 0.1 ** (epoch // 2),
    ),
    "chain after warm-up": (
        in_sequence(WARMUP, chained(HALVED, STEP), at=[3]),
        lambda epoch: warm(epoch) if epoch < 3 else 0.5 ** (epoch - 3) * 0.1 ** ((epoch - 3) // 2),
    ),
    "chain before a cosine": (
        in_sequence(chained(HALVED, WARMUP), COSINE, at=[3]),
        lambda epoch: warm(epoch) * 0.5**epoch if epoch < 3 else cosine((epoch - 3) / 4),
    ),
    "sequence last in a sequence": (
        in_sequence(HALVED, in_sequence(WARMUP, COSINE, at=[2]), at=[3]),
        lambda epoch: [1, 0.5, 0.25, 0.25, 0.5, 1, cosine(0.25), cosine(0.5)][epoch],
    ),
    "sequence first in a sequence": (
        in_sequence(in_sequence(WARMUP, COSINE, at=[2]), HALVED, at=[5]),
        lambda epoch: [0.25, 0.5, 1, cosine(0.25), cosine(0.5), 1, 0.5, 0.25][epoch],
    ),
    "cycle with its own rate after warm-up": (
        in_sequence(WARMUP, CYCLE, at=[3]),
        lambda epoch: warm(epoch) if epoch < 3 else one_cycle(epoch - 3),
    ),
    "cycle with its own rate before a cosine": (
        in_sequence(CYCLE, COSINE, at=[3]),
        lambda epoch: one_cycle(epoch) if epoch < 3 else cosine((epoch - 3) / 4),
    ),
}


def one_cycle(step: int) -> float:
    """Return the factor under ``CYCLE``, whose top is at 0.3 x 5 - 1 steps."""
    if not step:
        return 1 / 25
    return 1e-4 / 25 + (1 - 1e-4 / 25) * cosine((step - 0.5) / 3.5)


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[float]], None]:
    """Let evaluations of the selecting split give the top-1 of a list."""

    def script(top1: list[float]) -> None:
        values = iter(top1)
        nothing = torch.zeros(1, dtype=torch.int64), torch.ones(1)
        monkeypatch.setattr(trainer, "evaluate", lambda *_: Scores(*nothing, next(values), 1.0))

    return script


def rates(trained: Learner, epochs: int = EPOCHS) -> list[float]:
    return [trained.epoch().lr for _ in range(epochs)]


@pytest.mark.parametrize("way", WAYS)
def test_schedules_made_of_schedules_set_the_rate_of_every_epoch(way: str) -> None:
    schedule, factor = WAYS[way]
    assert dict(faults(phase(SGD, schedule=schedule, max_epochs=EPOCHS))) == {}
    found = rates(learner({"schedule": schedule}))
    assert found == pytest.approx([RATE * factor(epoch) for epoch in range(EPOCHS)])


def test_a_sequence_of_plain_schedules_is_torchs() -> None:
    steps = torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], lr=RATE)
    theirs = lr_scheduler.SequentialLR(
        steps,
        [
            lr_scheduler.LinearLR(steps, start_factor=0.25, total_iters=3),
            lr_scheduler.CosineAnnealingLR(steps, T_max=4),
        ],
        milestones=[3],
    )
    expected = []
    for _ in range(EPOCHS):
        expected.append(theirs.get_last_lr()[0])
        steps.step()
        theirs.step()
    ours = learner({"schedule": in_sequence(WARMUP, COSINE, at=[3])})
    assert rates(ours) == pytest.approx(expected, rel=1e-12)


def test_a_momentum_that_a_part_cycles_is_the_optimizers_own_before_and_after_it() -> None:
    schedule = in_sequence(WARMUP, CYCLE, COSINE, at=[2, 4])
    trained = learner({"schedule": schedule})
    momenta = []
    for _ in range(6):
        momenta.append(trained._optimizer.param_groups[0]["momentum"])
        trained.epoch()
    own = SGD.optimizer.arguments["momentum"]
    assert [momenta[epoch] for epoch in (0, 1, 4, 5)] == [own] * 4
    assert own not in momenta[2:4]


def test_a_plateau_of_top1_lowers_the_rate_and_a_falling_loss_does_not_help(
    scored: Callable[[list[float]], None],
) -> None:
    """Top-1 improves in epochs 1, 2 and 6; the loss falls all the while."""
    scored([0.1, 0.2, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3])
    trained = learner({"schedule": PLATEAU})
    found = rates(trained)
    assert found == pytest.approx([RATE] * 4 + [RATE * 0.1] * 4)
    losses = [epoch.loss for epoch in trained.history]
    assert losses == sorted(losses, reverse=True)


def test_a_plateau_after_warm_up_watches_the_epochs_after_its_milestone(
    scored: Callable[[list[float]], None],
) -> None:
    """The best top-1 of the warm-up is not held against what follows."""
    scored([0.9, 0.9, 0.9, 0.1, 0.2, 0.2, 0.2, 0.2])
    found = rates(learner({"schedule": in_sequence(WARMUP, PLATEAU, at=[3])}))
    assert found == pytest.approx([RATE * x for x in (0.25, 0.5, 0.75, 1, 1, 1, 1, 0.1)])


ALL = [schedule for schedule, _ in WAYS.values()] + [
    PLATEAU,
    in_sequence(WARMUP, PLATEAU, at=[2]),
    in_sequence(WARMUP, chained(HALVED, PLATEAU), at=[1]),
]


def kept(trained: Learner) -> dict[str, Any]:
    """Return the state of a learner, as a file keeps it."""
    file = io.BytesIO()
    torch.save(trained.state(), file)
    file.seek(0)
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return state


@pytest.mark.parametrize("before", [1, 3, 4, 6])
@pytest.mark.parametrize("schedule", ALL, ids=str)
def test_what_was_saved_after_any_epoch_trains_on_to_the_same_weights_and_rates(
    schedule: Settings, before: int
) -> None:
    whole, resumed = (learner({"schedule": schedule}) for _ in range(2))
    rates(whole, before)
    resumed.restore(kept(whole))
    left = EPOCHS - before
    assert rates(resumed, left) == rates(whole, left)
    assert same(weights(resumed.model), weights(whole.model))
    ours, theirs = (x._optimizer.param_groups[0] for x in (resumed, whole))
    assert {key: x for key, x in ours.items() if key != "params"} == {
        key: x for key, x in theirs.items() if key != "params"
    }


def test_a_combination_is_kept_as_it_is_written_and_a_plain_schedule_has_no_parts() -> None:
    settings = in_sequence(WARMUP, chained(HALVED, STEP), at=[3])
    whole = phase(SGD, schedule=settings)
    assert Phase.model_validate_json(whole.canonical()) == whole
    assert isinstance(whole.schedule, Schedule)
    kept = whole.schedule.model_dump(mode="json")
    warmup, (halved, step) = kept["schedulers"][0], kept["schedulers"][1]["schedulers"]
    assert (kept["name"], kept["milestones"]) == ("SequentialLR", [3])
    assert (warmup, halved, step) == (WARMUP | {"end_factor": 1.0}, HALVED, STEP)
    plain = Schedule(name="StepLR", step_size=1).model_dump()
    assert plain == {"name": "StepLR", "step_size": 1, "gamma": 0.1}
