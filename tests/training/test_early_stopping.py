"""When a phase ends, and any optimizer or schedule of torch."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from trained import Train, first, outputs, phase, training

from cxv.config.phases import Optimizer, Phase
from cxv.config.spec import Run
from cxv.records.history import load_history
from cxv.training import optimizers, phase_faults, torch_classes
from cxv.training.early_stopping import has_plateaued, stop_reason


@pytest.mark.parametrize(
    ("top1", "over"),
    [
        ([], False),
        ([0.1, 0.2], False),
        ([0.1, 0.2, 0.2], False),
        ([0.1, 0.2, 0.2, 0.2], True),  # two epochs that only tie with the best
        ([0.1, 0.2, 0.1, 0.3], False),
        ([0.3, 0.1, 0.2], True),
    ],
)
def test_a_phase_ends_when_top1_has_not_improved_for_its_patience(
    top1: list[float], over: bool
) -> None:
    assert has_plateaued(top1, patience=2) is over


def test_gains_within_the_tolerance_are_none_until_they_add_up() -> None:
    creeping = [0.5, 0.504, 0.508]
    assert has_plateaued(creeping, patience=2, tolerance=0.01)
    assert not has_plateaued(creeping, patience=2)
    assert not has_plateaued([*creeping[:2], 0.512], patience=2, tolerance=0.01)


@pytest.mark.parametrize(
    ("changes", "epochs", "seconds", "rule"),
    [
        ({"patience": 3, "max_epochs": 9}, 3, 0.0, None),
        ({"patience": 3, "max_epochs": 9}, 4, 0.0, "patience"),
        ({"patience": None, "max_epochs": 9}, 8, 0.0, None),
        ({"patience": None, "max_epochs": 9}, 9, 0.0, "max_epochs"),
        ({"patience": 3, "max_epochs": 9, "max_seconds": 5.0}, 2, 4.9, None),
        ({"patience": 3, "max_epochs": 9, "max_seconds": 5.0}, 2, 5.0, "max_seconds"),
    ],
)
def test_the_first_rule_that_holds_ends_a_phase(
    run: Run, changes: dict[str, int | float | None], epochs: int, seconds: float, rule: str | None
) -> None:
    assert stop_reason(phase(run.phases[0], **changes), [0.5] * epochs, seconds) == rule


def test_a_phase_counts_gains_by_its_own_tolerance(run: Run) -> None:
    creeping = [0.5, 0.504, 0.508]
    fields = {"patience": 2, "max_epochs": 9}
    assert stop_reason(phase(run.phases[0], tolerance=0.01, **fields), creeping, 0.0) == "patience"
    assert stop_reason(phase(run.phases[0], **fields), creeping, 0.0) is None


@pytest.mark.parametrize(
    ("settings", "fused"),
    [
        ({"name": "AdamW", "lr": 0.1}, True),
        ({"name": "SGD", "lr": 0.1, "momentum": 0.9}, True),
        ({"name": "SGD", "lr": 0.1, "momentum": 0.9, "dampening": 0.5}, None),
        ({"name": "Rprop", "lr": 0.1}, None),
    ],
)
def test_an_update_is_one_kernel_where_torch_has_one(
    settings: dict[str, Any], fused: bool | None
) -> None:
    steps = optimizers.optimizer(Optimizer(**settings), [nn.Parameter(torch.ones(2))])
    assert steps.defaults.get("fused") is fused


def test_fixed_epochs_are_all_trained(run: Run, train: Train) -> None:
    record = train(first(run, patience=None, max_epochs=2, optimizer={"lr": 1e-12}))
    assert (record.outcome.epochs, record.outcome.ended_by) == (2, "max_epochs")
    assert record.stamp.deterministic


def test_a_budget_of_time_ends_a_phase_and_is_said_to_repeat_in_no_second_run(
    run: Run,
    train: Train,
) -> None:
    record = train(first(run, max_seconds=1e-6))
    assert (record.outcome.epochs, record.outcome.ended_by) == (0, "max_seconds")
    assert record.stamp.undetermined == ("ended after 1e-06 s",)


def test_a_schedule_changes_the_rate_after_each_epoch(
    run: Run,
    train: Train,
    tmp_path: Path,
) -> None:
    halved = {"name": "StepLR", "step_size": 1, "gamma": 0.5}
    spec = first(run, max_epochs=3, schedule=halved)
    train(spec)
    history = load_history(outputs(tmp_path / "out" / spec.id).history)
    assert [epoch.lr for epoch in history] == [0.001, 0.0005, 0.00025]


def settled(name: str) -> bool:
    """Tell whether an optimizer may be used with nothing but a rate."""
    settings = Phase.model_construct(
        optimizer=Optimizer(name=name, lr=0.01), schedule=None, augment=()
    )
    return not list(phase_faults.faults(settings))


def test_every_optimizer_that_needs_gradients_alone_is_at_hand() -> None:
    usable = {name for name in torch_classes.OPTIMIZERS if settled(name)}
    assert {"AdamW", "SGD", "Adam", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta"} <= usable
    assert {"LBFGS", "SparseAdam"}.isdisjoint(usable)


def test_memory_that_ends_halves_the_micro_batch_until_it_fits(
    run: Run,
    train: Train,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    forward = nn.Module.__call__

    def short(module: nn.Module, *arguments: torch.Tensor) -> torch.Tensor:
        if torch.is_grad_enabled() and arguments[0].ndim == 4 and len(arguments[0]) > 20:
            raise torch.OutOfMemoryError("CUDA out of memory")
        result: torch.Tensor = forward(module, *arguments)
        return result

    monkeypatch.setattr(nn.Module, "__call__", short)
    spec = training(first(run, max_epochs=1), micro_batch="auto")
    record = train(spec)
    assert record.micro_batch == 16  # 64, 32, 16
    assert record.stamp.undetermined == ("micro-batches of 16 as memory ended",)
    with pytest.raises(torch.OutOfMemoryError):
        train(first(run, max_epochs=1), "not asked for")
