"""What a training leaves behind: which epoch's weights, in which order, and its record."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from shared_fixtures import Fetched
from tiny import Clock, same
from torch import Tensor, nn
from trained import Train, first, outputs, phase, small, training

from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.data.tensors import load
from cxv.records.history import load_history, load_timed_history
from cxv.records.run import RunRecord, Switch
from cxv.training import evaluation, setup
from cxv.training import run as training_run
from cxv.training import trainer as module
from cxv.training.checkpointing import Checkpointer

TOP1 = (0.2, 0.5, 0.5, 0.3)
"""On the selecting split, of four epochs: it rises, ties and falls."""


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Tensor]]:
    """Let the selecting split say ``TOP1``; return the weights of each epoch."""
    seen: list[dict[str, Tensor]] = []
    script = iter(TOP1)

    def evaluate(model: nn.Module, *rest: Any) -> evaluation.Scores:
        seen.append({name: value.clone() for name, value in model.state_dict().items()})
        scores = evaluation.evaluate(model, *rest)
        return evaluation.Scores(
            scores.predicted, scores.log_probability, next(script), scores.loss
        )

    monkeypatch.setattr(module, "evaluate", evaluate)
    return seen


def scores_of(run: Run, digits: Fetched, weights: dict[str, Tensor]) -> evaluation.Scores:
    """Score weights on the test images of the dataset, in the dataset's order."""
    facts, data = Manifest.load(digits.manifest), load(digits.images)
    setting, _ = setup.prepare_training(run, data, facts, torch.device("cpu"))
    model = setup.network(run, facts, weights)
    return evaluation.evaluate(model, data.test, setting.prepare, torch.float32)


@pytest.fixture(name="run")
def small_run(run: Run) -> Run:
    return small(run)


@pytest.fixture
def four_epochs(run: Run) -> Run:
    return first(run, max_epochs=4, patience=None)


def test_the_best_epochs_weights_are_kept_and_tested_of_equal_ones_the_earliest(
    four_epochs: Run,
    train: Train,
    tmp_path: Path,
    digits: Fetched,
    scripted: list[dict[str, Tensor]],
) -> None:
    record = train(four_epochs)
    files = outputs(tmp_path / "out" / four_epochs.id)
    saved = torch.load(files.checkpoint, weights_only=True)
    assert [same(saved["weights"], epoch) for epoch in scripted] == [False, True, False, False]
    best, last = (scores_of(four_epochs, digits, scripted[epoch]) for epoch in (1, 3))
    assert (record.outcome.top1, record.outcome.loss) == (best.top1, best.loss)
    assert best.loss != last.loss
    with np.load(files.predictions) as kept:
        assert kept["predicted"].tolist() == best.predicted.tolist()
        assert kept["log_probability"].tolist() == best.log_probability.tolist()
        assert kept["label"].tolist() == load(digits.images).test.labels.tolist()
    found = record.outcome
    assert (found.selected_top1, found.last_top1, found.best_epoch) == (0.5, 0.3, 2)
    assert (found.epochs, found.ended_by, record.status) == (4, "max_epochs", "finished")
    assert [epoch.top1 for epoch in load_history(files.history)] == list(TOP1)


def test_a_training_that_is_over_before_its_first_epoch_is_tested_with_the_weights_it_began_with(
    run: Run, train: Train, tmp_path: Path, digits: Fetched
) -> None:
    over = first(run, max_seconds=1e-9)
    record = train(over)
    files = outputs(tmp_path / "out" / over.id)
    saved = torch.load(files.checkpoint, weights_only=True)
    found = scores_of(over, digits, saved["weights"])
    labels = load(digits.images).test.labels
    with np.load(files.predictions) as kept:
        assert {name: (kept[name].dtype, kept[name].tolist()) for name in kept} == {
            "predicted": (np.int16, found.predicted.tolist()),
            "log_probability": (np.float32, found.log_probability.tolist()),
            "label": (np.int16, labels.tolist()),
        }
    assert (record.outcome.epochs, record.outcome.ended_by) == (0, "max_seconds")


def test_the_next_phase_starts_from_the_kept_weights_and_its_jump_from_their_top1(
    run: Run, four_epochs: Run, train: Train, tmp_path: Path, scripted: list[dict[str, Tensor]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    before = train(four_epochs)
    monkeypatch.setattr(module, "evaluate", evaluation.evaluate)
    still = phase(run.phases[1], max_epochs=1, optimizer={"lr": 1e-12})
    both = run.model_copy(update={"phases": (*four_epochs.phases, still)})
    after = train(both, before=four_epochs)
    found = torch.load(outputs(tmp_path / "out" / both.id).checkpoint, weights_only=True)
    for name, value in found["weights"].items():
        torch.testing.assert_close(value, scripted[1][name])
    top1 = after.outcome.selected_top1
    assert top1 is not None
    assert after.outcome.switch == Switch(epoch=4, before=0.5, jump=top1 - 0.5, gain=top1 - 0.5)
    assert after.parent_sha256 == before.checkpoint_sha256


def test_a_training_that_diverges_after_a_good_epoch_keeps_that_epoch(
    run: Run, train: Train, tmp_path: Path, scripted: list[dict[str, Tensor]]
) -> None:
    """The rate of the third epoch is 1e30 times that of the second."""
    wild = first(run, schedule={"name": "StepLR", "step_size": 2, "gamma": 1e30})
    record = train(wild)
    files = outputs(tmp_path / "out" / wild.id)
    found = record.outcome
    assert (record.status, found.ended_by) == ("diverged", "diverged")
    assert (found.top1, found.loss) == (None, None)
    assert (found.selected_top1, found.last_top1, found.best_epoch, found.epochs) == (
        0.5,
        0.5,
        2,
        2,
    )
    saved = torch.load(files.checkpoint, weights_only=True)
    assert same(saved["weights"], scripted[1])
    assert len(load_history(files.history)) == 2

    after_wild = run.model_copy(update={"phases": (*wild.phases, run.phases[1])})
    after = train(after_wild, before=wild)
    assert (after.status, after.outcome.ended_by) == ("diverged", "nothing to go on from")
    assert after.outcome.switch == Switch(epoch=2, before=0.5, jump=None, gain=None)
    files = outputs(tmp_path / "out" / after_wild.id)
    handed_on = torch.load(files.checkpoint, weights_only=True)
    assert same(handed_on["weights"], saved["weights"])
    assert load_history(files.history) == ()


def test_a_checkpoint_says_under_which_specification_it_was_trained(
    run: Run, train: Train, tmp_path: Path
) -> None:
    spec = first(run, max_epochs=1)
    train(spec)
    saved = torch.load(outputs(tmp_path / "out" / spec.id).checkpoint, weights_only=True)
    assert Run.model_validate_json(saved["spec"]) == spec
    assert saved.keys() == {"spec", "weights"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A second passes at every on_step."""
    clock, on_step = Clock(), Checkpointer.on_step

    def pause_of_a_second(checkpointer: Checkpointer, learner: Any) -> None:
        clock.tick()
        on_step(checkpointer, learner)

    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(Checkpointer, "on_step", pause_of_a_second)
    return clock


def test_a_record_says_what_it_was_made_of_and_how_long_it_took(
    run: Run, train: Train, digits: Fetched, tmp_path: Path, clock: Clock
) -> None:
    """4 steps and an evaluation an epoch, and the test: a second each."""
    spec = training(first(run, max_epochs=2), micro_batch=24)
    record = train(spec)
    files = outputs(tmp_path / "out" / spec.id)
    assert RunRecord.load(files.metrics, spec) == record
    assert record.data_sha256 == Manifest.load(digits.manifest).sha256
    assert (record.parent_sha256, record.interruptions, record.micro_batch) == (None, 0, 24)
    assert record.stamp.seconds == 2 * 5 + 1
    assert (record.stamp.code, record.stamp.device) == ("none", "cpu")
    assert (record.stamp.precision, record.stamp.undetermined) == ("float32", ())
    epochs = load_timed_history(files.history, files.timing)
    assert [epoch.time for epoch in epochs] == [1e9 + 5, 1e9 + 10]
    assert [epoch.images_per_second for epoch in epochs] == [200 / 4] * 2


def test_a_training_that_its_patience_ends_has_finished(
    run: Run, train: Train, scripted: list[dict[str, Tensor]]
) -> None:
    record = train(first(run, patience=2, max_epochs=9))
    assert (record.outcome.epochs, record.outcome.ended_by) == (4, "patience")
    assert record.status == "finished"


def test_a_failure_to_write_the_record_keeps_the_state_and_the_next_try_only_writes(
    run: Run, train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO)
    spec = first(run, max_epochs=2)

    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(training_run, "write", full)
        with pytest.raises(OSError, match="No space"):
            train(spec)
    assert not outputs(tmp_path / "out" / spec.id).metrics.exists()
    caplog.clear()
    record = train(spec)
    assert record.outcome.epochs == 2
    assert "resuming after epoch 2" in caplog.messages
    assert not [message for message in caplog.messages if "of at most" in message]


def test_every_epoch_is_said(run: Run, train: Train, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    train(first(run, max_epochs=2, patience=None))
    said = [message for message in caplog.messages if "of at most 2" in message]
    assert len(said) == 2
