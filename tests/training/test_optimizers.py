"""Any optimizer and schedule of torch that gradients and numbers suffice for, tried for real."""

import io
import json
import math
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
from settings_rows import RATE, SCHEDULES
from settings_table import dataset
from torch import nn
from torch.optim import lr_scheduler

from cxv.config.phases import Phase
from cxv.config.spec import Run
from cxv.training import phase_faults, torch_classes
from cxv.training.setup import prepare_training
from cxv.training.trainer import Learner

EPOCHS = 4
SGD = {"name": "SGD", "lr": RATE, "momentum": 0.9}


def half_cosine(start: float, end: float, part: float) -> float:
    """Return the height of half a cosine from ``start`` to ``end`` after a ``part`` of it."""
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


FACTORS: dict[str, Callable[[int], float]] = {  # of the rate in epochs 0, 1, 2 and 3
    "ChainedScheduler": lambda epoch: (0.5 if epoch < 2 else 1) * 0.5**epoch,
    "ConstantLR": lambda epoch: 0.5 if epoch < 2 else 1,
    "CosineAnnealingLR": lambda epoch: half_cosine(1, 0, epoch / 4),
    "CosineAnnealingWarmRestarts": lambda epoch: half_cosine(1, 0, epoch % 2 / 2),
    "CyclicLR": lambda epoch: [1, 2, 3, 2][epoch],
    "ExponentialLR": lambda epoch: 0.5**epoch,
    "LinearLR": lambda epoch: min(1, 0.5 + epoch / 4),
    "MultiStepLR": lambda epoch: [1, 0.5, 0.5, 0.25][epoch],
    # from a 25th to the whole at 0.3 x 4 - 1, then to the 10,000th part of that 25th at the end
    "OneCycleLR": lambda epoch: half_cosine(1, 1e-4 / 25, (epoch - 0.2) / 2.8) if epoch else 1 / 25,
    "PolynomialLR": lambda epoch: 1 - epoch / 4,
    # no later top-1 is 100 times the first: every epoch from the second on is a bad one
    "ReduceLROnPlateau": lambda epoch: 1 if epoch < 2 else 0.5 ** (epoch - 1),
    "SequentialLR": lambda epoch: [0.5, 1, 0.5, 0][epoch],
    "StepLR": lambda epoch: 1 if epoch < 2 else 0.1,
}


def settings(run: Run, **changes: Any) -> Run:
    """Return a link of four epochs; an optimizer is given whole."""
    fields = run.phases[0].model_dump(mode="json")
    fields |= {"optimizer": SGD, "batch": 6, "patience": None, "max_epochs": EPOCHS} | changes
    return run.model_copy(update={"phases": (Phase.model_validate_json(json.dumps(fields)),)})


def faults(run: Run, **changes: Any) -> dict[str, str]:
    return dict(phase_faults.faults(settings(run, **changes).phase))


def learner(run: Run, **changes: Any) -> Learner:
    """Return a perceptron of one layer before its first step."""
    spec = settings(run, **changes)
    prepared, _ = prepare_training(spec, *dataset(), torch.device("cpu"))
    torch.manual_seed(0)
    return Learner(nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 2)), prepared)


def scheduled(name: str) -> dict[str, Any]:
    return {"name": name, **SCHEDULES[name]}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_sets_the_rate_of_every_epoch_by_its_formula(run: Run, name: str) -> None:
    assert faults(run, schedule=scheduled(name)) == {}
    annealed = learner(run, schedule=scheduled(name))
    rates = [annealed.epoch().lr for _ in range(EPOCHS)]
    assert rates == pytest.approx([RATE * FACTORS[name](epoch) for epoch in range(EPOCHS)])
    assert len(set(rates)) > 1


def test_all_schedules_are_tried_here_but_those_that_no_numbers_make() -> None:
    assert set(SCHEDULES) == set(FACTORS) == set(torch_classes.SCHEDULES) - set(torch_classes.UNFIT)
    assert set(torch_classes.UNFIT) <= {*torch_classes.SCHEDULES, *torch_classes.OPTIMIZERS}


@pytest.mark.parametrize("name", sorted(set(torch_classes.OPTIMIZERS) - set(torch_classes.UNFIT)))
def test_an_optimizer_lowers_the_loss_of_a_perceptron(run: Run, name: str) -> None:
    steps = {"name": name, "lr": 0.01}
    assert faults(run, optimizer=steps) == {}
    trained = learner(run, optimizer=steps)
    assert type(trained._optimizer).__name__ == name
    losses = [trained.epoch().loss for _ in range(EPOCHS)]
    assert losses[-1] < losses[0]


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        *(
            (name, None)
            for name in sorted(set(torch_classes.OPTIMIZERS) - set(torch_classes.UNFIT))
        ),
        *(("SGD", name) for name in SCHEDULES),
    ],
)
def test_what_was_saved_after_two_epochs_trains_on_to_the_same_weights_and_rate(
    run: Run, optimizer: str, schedule: str | None
) -> None:
    steps = SGD if optimizer == "SGD" else {"name": optimizer, "lr": 0.01}
    changes = {"optimizer": steps, "schedule": scheduled(schedule) if schedule else None}
    whole, resumed = learner(run, **changes), learner(run, **changes)
    for _ in range(2):
        whole.epoch()
    file = io.BytesIO()
    torch.save(whole.state(), file)
    file.seek(0)
    resumed.restore(torch.load(file, weights_only=True))
    rates = [[one.epoch().lr for _ in range(2)] for one in (whole, resumed)]
    assert rates[0] == rates[1]
    for ours, theirs in zip(resumed.model.parameters(), whole.model.parameters(), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize(
    ("name", "arguments", "torch_says"),
    [
        ("LBFGS", {"lr": 0.1}, "missing 1 required positional argument: 'closure'"),
        ("Muon", {"lr": 0.1}, "Muon only supports 2D parameters"),
        ("SparseAdam", {"lr": 0.1}, "SparseAdam does not support dense gradients"),
        ("LambdaLR", {"lr_lambda": 0.5}, "'float' object is not callable"),
        ("MultiplicativeLR", {"lr_lambda": 0.5}, "lr_lambda should be a function"),
    ],
)
def test_a_class_that_no_setting_makes_usable_is_refused_with_those_that_are(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    arguments: dict[str, Any],
    torch_says: str,
) -> None:
    key = "optimizer" if name in torch_classes.OPTIMIZERS else "schedule"
    changes = {key: {"name": name, **arguments}}
    kinds = torch_classes.OPTIMIZERS if key == "optimizer" else torch_classes.SCHEDULES
    usable = ", ".join(sorted(set(kinds) - set(torch_classes.UNFIT)))
    said = f"{name} cannot be used: it {torch_classes.UNFIT[name]} (known: {usable})"
    assert faults(run, **changes) == {f"{key}.name": said}
    monkeypatch.setattr(phase_faults, "UNFIT", {})
    [(where, fault)] = faults(run, **changes).items()  # the list is no shorter than torch's own
    assert where == key
    assert torch_says in fault


def test_nothing_else_is_called_unusable() -> None:
    assert set(torch_classes.UNFIT) == {
        *("LBFGS", "Muon", "SparseAdam"),
        *("LambdaLR", "MultiplicativeLR"),
    }


@pytest.mark.parametrize(
    ("schedule", "key", "said"),
    [
        (
            {"name": "OneCycleLR", "max_lr": 0.1},
            "schedule.total_steps",
            "is missing: set it to the epochs of the cycle, ",
        ),
        (
            {"name": "CosineAnnealingLR", "T_max": 3, "eta_min": -1},
            "schedule.eta_min",
            "must be a number from 0, not -1",
        ),
        (
            {"name": "ConstantLR", "factor": 2},
            "schedule",
            "ConstantLR cannot be used: Constant multiplicative factor expected to be between 0",
        ),
        (
            {
                "name": "CyclicLR",
                "mode": "exp_range",
                "cycle_momentum": False,
                "base_lr": 0.2,
                "max_lr": 0.1,
                "step_size_up": 2,
                "gamma": 3,
            },
            "schedule",  # at the end of the second step: 0.2 + (0.1 - 0.2) * 3 ** 2
            "CyclicLR cannot be used: in epoch 3 the learning rate would be -0.7",
        ),
        (
            {"name": "ExponentialLR", "gamma": 1e200},
            "schedule",
            "ExponentialLR cannot be used: in epoch 3 the learning rate would be inf",
        ),
    ],
)
def test_a_schedule_that_would_fail_in_any_epoch_is_refused_before_the_first(
    run: Run, schedule: dict[str, Any], key: str, said: str
) -> None:
    [(where, fault)] = faults(run, schedule=schedule).items()
    assert where == key
    assert fault.startswith(said)


def test_a_schedule_is_tried_for_the_epochs_of_its_phase_and_no_more(run: Run) -> None:
    short = {"name": "OneCycleLR", "max_lr": 0.1, "total_steps": 4}
    assert faults(run, schedule=short, max_epochs=4) == {}
    assert "schedule.total_steps" in faults(run, schedule=short, max_epochs=5)


def test_a_warning_of_torch_refuses_no_schedule(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Loud(lr_scheduler.StepLR):
        def step(self, epoch: int | None = None) -> None:
            warnings.warn("will be removed", FutureWarning, stacklevel=2)
            super().step(epoch)

    monkeypatch.setitem(torch_classes.SCHEDULES, "StepLR", Loud)  # type: ignore[arg-type]
    assert faults(run, schedule=scheduled("StepLR")) == {}


def test_an_argument_that_torch_does_not_know_is_named_with_those_that_it_does(run: Run) -> None:
    keys = "dampening, lr, maximize, momentum, nesterov, weight_decay"
    wrong = {"name": "SGD", "lr": 0.1, "momentun": 0.9, "beta": 0.5}
    said = f"no such key here (allowed: {keys})"
    assert faults(run, optimizer=wrong) == {"optimizer.beta": said, "optimizer.momentun": said}
    missing = faults(run, schedule={"name": "StepLR"})["schedule.step_size"]
    assert missing == "is missing: StepLR takes a whole number from 1"


def test_a_rate_may_fall_to_nothing(run: Run) -> None:
    assert faults(run, schedule={"name": "StepLR", "step_size": 2, "gamma": 0}) == {}


def test_the_classes_of_a_module_are_known_by_name_without_base_and_private_ones() -> None:
    class Base: ...

    class Steps(Base): ...

    module = ModuleType("some")
    vars(module).update({"Zeta": Steps, "Base": Base, "_Own": type("_Own", (Base,), {})})
    vars(module).update({"Alpha": type("Alpha", (Steps,), {}), "other": int, "number": 3})
    assert list(torch_classes.kinds_of(module, Base)) == ["Alpha", "Zeta"]
    assert torch_classes.kinds_of(module, Base)["Zeta"] is Steps
