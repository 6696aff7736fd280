"""Real trainings that MLflow shows: it starts while they train, across a resume, and it fails."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from shared_fixtures import ROOT, Fetched
from tracked import client, curve, show, shown
from trained import Command, Train, first, outputs, repeated, small

from cxv.config.spec import Run
from cxv.errors import Stopped
from cxv.records.history import load_timed_history
from cxv.tracking.chain import Chain
from cxv.tracking.live import Live
from cxv.training import run as training_run
from cxv.training.checkpointing import Checkpointer

pytestmark = pytest.mark.slow

EPOCHS = 3
Follow = Callable[[Train], Train]


@pytest.fixture
def spec(run: Run) -> Run:
    return first(small(run), max_epochs=EPOCHS, patience=None)


@pytest.fixture
def live(train: Train, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the trainings shown in a store of their own, from their first second."""
    monkeypatch.setattr(training_run, "Live", partial(Live, store=store, after_seconds=0.0))


def wait_for(store: str, points: int) -> None:
    """Wait until MLflow shows as many epochs of a training that is under way."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if any(len(curve(store, run)) == points for run in shown(store, "tests")):
            return
        time.sleep(0.05)
    raise AssertionError(f"MLflow does not show {points} epochs")


def after_epoch(number: int, action: Callable[[], None]) -> Callable[[Checkpointer, Any], None]:
    """Return a ``Checkpointer.on_step`` with an action at the first on_step after an epoch."""
    on_step, done = Checkpointer.on_step, []

    def acted(checkpointer: Checkpointer, learner: Any) -> None:
        if len(learner.history) == number and not done:
            done.append(number)
            action()
        on_step(checkpointer, learner)

    return acted


@pytest.mark.usefixtures("live")
def test_mlflow_that_starts_while_a_training_runs_changes_no_number_and_shows_all_epochs(
    spec: Run, train: Train, tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped when MLflow shows its second epoch, and resumed: one MLflow run, with each once."""

    def shown_then_stopped() -> None:
        wait_for(store, points=2)
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "on_step", after_epoch(2, shown_then_stopped))
        with pytest.raises(Stopped):
            train(spec)
    (stopped,) = shown(store, "tests")
    assert (stopped.info.status, stopped.data.tags["cxv.status"]) == ("KILLED", "interrupted")

    record = train(spec)
    files = outputs(tmp_path / "out" / spec.id)
    epochs = load_timed_history(files.history, files.timing)
    (resumed,) = shown(store, "tests")
    assert resumed.info.run_id != stopped.info.run_id
    assert [(x, y) for x, y, _ in curve(store, resumed)] == [(e.epoch, e.loss) for e in epochs]
    assert len(epochs) == EPOCHS
    assert resumed.data.metrics["test_top1"] == record.outcome.top1

    found = Chain.load(spec, files.metrics.parent)
    assert show(found, store, "tests") == resumed.info.run_id  # a mirror adds its files alone
    with monkeypatch.context() as patch:
        patch.setattr(training_run, "Live", partial(Live, store=store, after_seconds=300.0))
        train(spec, "without")
    assert repeated(tmp_path / "out", spec) == repeated(tmp_path / "without", spec)


@pytest.mark.usefixtures("live")
def test_mlflow_that_fails_while_a_training_runs_stops_nothing_and_says_so_once(
    spec: Run, train: Train, tmp_path: Path, store: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def lose_the_curves() -> None:
        wait_for(store, points=1)
        with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as database:
            database.execute("drop table latest_metrics")
            database.execute("drop table metrics")
            database.commit()

    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "on_step", after_epoch(1, lose_the_curves))
        record = train(spec)
    assert (record.status, record.outcome.epochs) == ("finished", EPOCHS)
    said = [entry for entry in caplog.records if entry.name == "cxv.tracking.live"]
    assert [entry.levelname for entry in said] == ["WARNING"]
    for part in (spec.id, "no such table", "training is not affected"):
        assert part in said[0].getMessage()
    with monkeypatch.context() as patch:
        patch.setattr(training_run, "Live", partial(Live, store=store, after_seconds=300.0))
        train(spec, "without")
    assert repeated(tmp_path / "out", spec) == repeated(tmp_path / "without", spec)


LOADED_AT_ONCE = """
import sys
from functools import partial
from cxv.training import run as training_run
from cxv.__main__ import main
from cxv.tracking.live import Live

assert "mlflow" not in sys.modules
training_run.Live = partial(Live, after_seconds=0.0)
code = main(sys.argv[1:])
assert "mlflow" in sys.modules
sys.exit(code)
"""


def test_loading_mlflow_while_a_training_runs_changes_no_number(
    spec: Run, train: Train, digits: Fetched, tmp_path: Path, store: str
) -> None:
    """In a process that has not loaded it; the store is the one of the folder that it runs in."""
    command = Command(spec, digits, tmp_path / "out")
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", LOADED_AT_ONCE, *command.arguments],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (experiment,) = client(store).search_experiments(filter_string="name = 'by hand'")
    (run,) = client(store).search_runs([experiment.experiment_id])
    assert len(curve(store, run)) == EPOCHS
    train(spec, "without")
    assert repeated(tmp_path / "out", spec) == repeated(tmp_path / "without", spec)


def test_a_training_within_the_default_wait_leaves_mlflow_alone(
    spec: Run, train: Train, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_run, "Live", partial(Live, store=store))
    train(spec)
    assert not shown(store, "tests")
