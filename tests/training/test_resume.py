"""A training stopped and resumed anywhere ends as if never stopped, to the last bit."""

import hashlib
import io
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from trained import Train, first, phase, repeated, small, training

from cxv.config.spec import Run
from cxv.errors import Stopped, UserError
from cxv.training import checkpointing
from cxv.training import run as training_run
from cxv.training.checkpointing import Checkpointer

STEPS, EPOCHS = 4, 2  # 200 images, 64 a step; after the steps of an epoch comes one of evaluation
LAST_PAUSE = EPOCHS * (STEPS + 1) + 1  # the evaluation on the test split


@pytest.fixture
def spec(run: Run) -> Run:
    """A link with all that has a state: dropout, order, augmentation, mix, loss scale, schedule."""
    changes: dict[str, Any] = {
        "max_epochs": EPOCHS,
        "augment": [{"name": "randaugment", "operations": 2, "magnitude": 9}],
        "mix": {"mixup": 0.8, "cutmix": 1.0},
        "label_smoothing": 0.1,
        "schedule": {
            "name": "SequentialLR",
            "schedulers": [
                {"name": "LinearLR", "start_factor": 0.1, "total_iters": 1},
                {"name": "CosineAnnealingLR", "T_max": EPOCHS},
            ],
            "milestones": [1],
        },
    }
    return training(first(small(run), **changes), autocast_cpu="float16")


def signals_at(*pauses: int) -> Callable[[Checkpointer, Any], None]:
    """Return a ``Checkpointer.on_step`` that a real SIGTERM precedes at some pauses, from 1."""
    on_step, count = Checkpointer.on_step, iter(range(1, 10_000))

    def struck(checkpointer: Checkpointer, learner: Any) -> None:
        if next(count) in pauses:
            os.kill(os.getpid(), signal.SIGTERM)
        on_step(checkpointer, learner)

    return struck


def state_of(tmp_path: Path) -> Path:
    (state,) = (tmp_path / "unfinished").rglob("*.pt")
    return state


@pytest.mark.slow
@pytest.mark.parametrize(
    "pauses",
    [
        pytest.param((1,), id="after the first step"),
        pytest.param((STEPS,), id="after an epoch's last step"),
        pytest.param((STEPS + 1,), id="while it evaluates"),
        pytest.param((STEPS + 3,), id="within the second epoch"),
        pytest.param((LAST_PAUSE,), id="while it tests"),
        pytest.param((2, 4, 3), id="three times"),
    ],
)
def test_a_training_put_down_anywhere_ends_as_one_that_was_not(
    spec: Run,
    train: Train,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    pauses: tuple[int, ...],
) -> None:
    whole = train(spec, "whole")
    assert whole.interruptions == 0
    for on_step in pauses:
        with monkeypatch.context() as patch:
            patch.setattr(Checkpointer, "on_step", signals_at(on_step))
            with pytest.raises(Stopped, match="SIGTERM: state saved to"):
                train(spec)
    record = train(spec)
    assert record.interruptions == len(pauses)
    assert repeated(tmp_path / "out", spec) == repeated(tmp_path / "whole", spec)
    assert record.outcome == whole.outcome


def test_a_save_within_an_epoch_is_enough(
    spec: Run, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SIGKILL leaves it: nothing is done at the end, what was saved on the way counts."""
    train(spec, "whole")

    class Killed(BaseException): ...

    saves, save = iter(range(1, 10_000)), Checkpointer.save

    def killed_after_six(checkpointer: Checkpointer, learner: Any) -> None:
        save(checkpointer, learner)
        if next(saves) > 6:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "save", killed_after_six)
        with pytest.raises(Killed):
            train(spec, every_seconds=0.0)
    assert train(spec).interruptions == 1
    assert repeated(tmp_path / "out", spec) == repeated(tmp_path / "whole", spec)


@pytest.fixture
def put_down(spec: Run, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state of a training that was stopped in its second epoch."""
    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "on_step", signals_at(STEPS + 3))
        with pytest.raises(Stopped):
            train(spec)
    return state_of(tmp_path)


@pytest.mark.parametrize("left", [0.0, 0.5, 0.9, 0.99, 0.999])
def test_a_damaged_state_is_refused_and_kept(
    put_down: Path, spec: Run, train: Train, left: float
) -> None:
    whole = put_down.read_bytes()
    damaged = whole[: int(left * len(whole))]
    put_down.write_bytes(damaged)
    with pytest.raises(UserError, match=rf"{put_down.name}: no state .* or damaged; delete it"):
        train(spec)
    assert put_down.read_bytes() == damaged


def test_a_state_that_holds_code_is_refused_and_runs_none(
    put_down: Path, spec: Run, train: Train, tmp_path: Path
) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    state = io.BytesIO()
    torch.save({"format": checkpointing.FORMAT, "learner": Evil()}, state, pickle_module=pickle)
    content = state.getvalue()
    put_down.write_bytes(hashlib.sha256(content).digest() + content)
    with pytest.raises(UserError, match="no state of a training"):
        train(spec)
    assert not (tmp_path / "ran").exists()


def test_a_state_of_newer_code_is_refused(
    put_down: Path, spec: Run, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpointing, "FORMAT", checkpointing.FORMAT - 1)
    with pytest.raises(UserError, match="has format 3, this code reads 2; use the code that wrote"):
        train(spec)


def test_a_state_of_another_specification_is_refused(
    put_down: Path, spec: Run, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = spec.model_copy(update={"phases": (phase(spec.phase, label_smoothing=0.2),)})
    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "on_step", signals_at(1))
        with pytest.raises(Stopped):
            train(other)
    (state,) = set((tmp_path / "unfinished").rglob("*.pt")) - {put_down}
    put_down.replace(state)
    other_phase = r"another training: run\.phases\.0\.label_smoothing: 0\.1 != 0\.2"
    with pytest.raises(UserError, match=other_phase):
        train(other)


@pytest.mark.parametrize(("sha256", "resumed"), [(None, 1), ("another", 0)])
def test_a_state_is_resumed_on_the_checkpoint_that_it_began_from(
    run: Run, train: Train, monkeypatch: pytest.MonkeyPatch, sha256: str | None, resumed: int
) -> None:
    parent = first(small(run), max_epochs=1)
    later = phase(run.phases[1], max_epochs=1)
    spec = parent.model_copy(update={"phases": (*parent.phases, later)})
    train(parent)
    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "on_step", signals_at(1))
        with pytest.raises(Stopped):
            train(spec, before=parent)
    load_before = training_run.load_before

    def altered(*files: Any) -> training_run.Parent:
        before = load_before(*files)
        record = before.record
        sums = record.sha256 | {"checkpoint.pt": sha256 or record.checkpoint_sha256}
        return training_run.Parent(before.weights, record.model_copy(update={"sha256": sums}))

    monkeypatch.setattr(training_run, "load_before", altered)
    assert train(spec, before=parent).interruptions == resumed


def test_on_another_ground_it_goes_on_and_says_so(
    put_down: Path, spec: Run, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        training_run, "describe_environment", lambda _: {"torch": "9.9", "device": "cpu"}
    )
    stamp = train(spec).stamp
    assert not stamp.deterministic
    assert any("resumed with torch 9.9 after" in reason for reason in stamp.undetermined)


def test_signals_are_answered_as_before_once_a_training_is_over(spec: Run, train: Train) -> None:
    before = signal.getsignal(signal.SIGTERM)
    train(spec)
    assert signal.getsignal(signal.SIGTERM) is before
