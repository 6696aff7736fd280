"""What torch takes without a word, and cannot mean anything by, is refused by its key."""

from typing import Any

import pytest
from tiny import SGD
from trained import phase

from cxv.config.phases import Optimizer
from cxv.training.phase_faults import faults


def of_schedule(**schedule: Any) -> dict[str, str]:
    return dict(faults(phase(SGD, schedule=schedule, max_epochs=8)))


def of_optimizer(**optimizer: Any) -> dict[str, str]:
    given = Optimizer.model_validate({"lr": 0.001, **optimizer})
    return dict(faults(SGD.model_copy(update={"optimizer": given})))


BETAS = "a list of 2 numbers from 0 and below 1"
WHOLE = "a list of whole numbers from 1"


@pytest.mark.parametrize(
    ("schedule", "key", "said"),
    [
        ({"name": "StepLR", "step_size": -2}, "step_size", "a whole number from 1, not -2"),
        ({"name": "StepLR", "step_size": 2.5}, "step_size", "a whole number from 1, not 2.5"),
        ({"name": "StepLR", "step_size": True}, "step_size", "a whole number from 1, not True"),
        ({"name": "StepLR", "step_size": 2, "gamma": -1}, "gamma", "a number from 0, not -1.0"),
        ({"name": "MultiStepLR", "milestones": [1, "x"]}, "milestones", f"{WHOLE}, not [1, 'x']"),
        ({"name": "MultiStepLR", "milestones": [0]}, "milestones", f"{WHOLE}, not [0]"),
        ({"name": "MultiStepLR", "milestones": [2.5]}, "milestones", f"{WHOLE}, not [2.5]"),
        ({"name": "LinearLR", "total_iters": -1}, "total_iters", "a whole number from 0, not -1"),
        ({"name": "CosineAnnealingLR", "T_max": "x"}, "T_max", "a whole number from 1, not 'x'"),
    ],
)
def test_a_schedule(schedule: dict[str, Any], key: str, said: str) -> None:
    assert of_schedule(**schedule) == {f"schedule.{key}": f"must be {said}"}


def test_a_schedule_lacks_what_it_must_be_given() -> None:
    said = "is missing: CosineAnnealingLR takes a whole number from 1"
    assert of_schedule(name="CosineAnnealingLR") == {"schedule.T_max": said}
    said = "is missing: ExponentialLR takes a number from 0"
    assert of_schedule(name="ExponentialLR") == {"schedule.gamma": said}


@pytest.mark.parametrize(
    ("optimizer", "key", "said"),
    [
        ({"name": "AdamW", "betas": [0.9, 0.99, 0.999]}, "betas", BETAS),
        ({"name": "AdamW", "betas": [0.9]}, "betas", BETAS),
        ({"name": "AdamW", "betas": 0.9}, "betas", BETAS),
        ({"name": "AdamW", "betas": ["a", 0.9]}, "betas", BETAS),
        ({"name": "AdamW", "weight_decay": True}, "weight_decay", "a number from 0"),
        ({"name": "AdamW", "weight_decay": float("inf")}, "weight_decay", "a number from 0"),
        ({"name": "AdamW", "weight_decay": "0.1"}, "weight_decay", "a number from 0"),
        ({"name": "AdamW", "betas": [0.9, 1.5]}, "betas", BETAS),
        ({"name": "AdamW", "betas": [-0.1, 0.9]}, "betas", BETAS),
        ({"name": "AdamW", "weight_decay": -0.1}, "weight_decay", "a number from 0"),
        ({"name": "AdamW", "eps": -1}, "eps", "a number from 0"),
        ({"name": "SGD", "momentum": -0.5}, "momentum", "a number from 0"),
        ({"name": "SGD", "momentum": 0.9, "nesterov": "no"}, "nesterov", "true or false"),
        ({"name": "Adafactor", "eps": [None, None, 1]}, "eps", "a list of 2 numbers"),
    ],
)
def test_an_optimizer(optimizer: dict[str, Any], key: str, said: str) -> None:
    [(where, fault)] = of_optimizer(**optimizer).items()
    assert where == f"optimizer.{key}"
    assert fault.startswith(f"must be {said}, not ")


def test_what_has_no_value_by_default_need_not_be_given() -> None:
    assert of_optimizer(name="Adafactor", eps=[None, 1e-3]) == {}
    assert of_schedule(name="CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=2) == {}
    assert of_schedule(name="MultiStepLR", milestones=[5, 2, 2]) == {}  # torch lowers twice there
    assert of_schedule(name="OneCycleLR", max_lr=0.1, epochs=4, steps_per_epoch=2) == {}


def test_a_cycle_that_ends_before_its_phase_says_how_long_it_must_be() -> None:
    [(where, said)] = of_schedule(name="OneCycleLR", max_lr=0.1, total_steps=2).items()
    assert where == "schedule.total_steps"
    assert said.startswith("the cycle ends after 2 epochs, and may be asked for 8")


@pytest.mark.parametrize("more", [{}, {"momentum": 0.9, "dampening": 0.1}])
def test_nesterov_needs_a_momentum_and_no_dampening(more: dict[str, float]) -> None:
    said = {"optimizer.nesterov": "needs a momentum above 0, and no dampening"}
    assert of_optimizer(name="SGD", nesterov=True, **more) == said
    assert of_optimizer(name="SGD", nesterov=True, momentum=0.9) == {}


def test_a_cycle_without_an_end_is_refused() -> None:
    said = "is missing: set it to the epochs of the cycle, 8"
    assert of_schedule(name="OneCycleLR", max_lr=0.1) == {"schedule.total_steps": said}


@pytest.mark.parametrize("name", ["Rprop", "Adagrad"])
@pytest.mark.parametrize(
    "cycle",
    [
        {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 8},
        {"name": "CyclicLR", "base_lr": 0.01, "max_lr": 0.1, "step_size_up": 2},
    ],
)
def test_a_cycle_of_momentum_needs_an_optimizer_that_has_one(
    cycle: dict[str, Any], name: str
) -> None:
    without = Optimizer.model_validate({"name": name, "lr": 0.001})
    cycled = phase(SGD, schedule=cycle, max_epochs=8).model_copy(update={"optimizer": without})
    said = f"{name} has no momentum to be moved: set it to false"
    assert dict(faults(cycled)) == {"schedule.cycle_momentum": said}
    still = phase(cycled, schedule=cycle | {"cycle_momentum": False})
    assert dict(faults(still)) == {}


@pytest.mark.parametrize("name", ["base_lr", "max_lr"])
def test_rates_of_a_cycle_are_not_negative(name: str) -> None:
    rates = {"base_lr": 0.01, "max_lr": 0.1} | {name: -0.1}
    said = "must be a number from 0, not -0.1"
    assert of_schedule(name="CyclicLR", **rates) == {f"schedule.{name}": said}
