"""Stores that are not there, not free or not made yet, and what they cost a training."""

import multiprocessing
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tracked import HISTORY, RUN, curve, epochs, live, shown, train

from cxv.errors import UserError
from cxv.tracking import store as store_module

pytestmark = pytest.mark.slow


def directory(folder: Path) -> Path:
    (folder / "mlflow.db").mkdir()
    return folder / "mlflow.db"


def foreign(folder: Path) -> Path:
    (folder / "mlflow.db").write_text("no database" * 100)
    return folder / "mlflow.db"


def below_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "mlflow.db"


@pytest.mark.parametrize("make", [directory, foreign, below_a_file])
def test_a_store_that_cannot_be_is_reported_once_before_mlflow_can_wait_for_it(
    make: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)  # to import it would be another error
    path = make(tmp_path)
    train(RUN, f"sqlite:///{path}")
    (warning,) = [record for record in caplog.records if record.name == "cxv.tracking.live"]
    assert warning.levelname == "WARNING"
    for part in RUN.id, f"{path}: SQLite must", "snakemake track":
        assert part in warning.getMessage()


def test_without_mlflow_a_training_says_so_and_warns_of_nothing(
    store: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)  # as if it were not installed
    with caplog.at_level("INFO"):
        train(RUN, store)
    said = [record for record in caplog.records if record.name == "cxv.tracking.live"]
    assert [(record.levelname, "not installed" in record.getMessage()) for record in said] == [
        ("INFO", True)
    ]


def test_a_locked_store_is_waited_for(store: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(store.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN EXCLUSIVE")
        with live(RUN, store) as tracker:
            tracker.log(*HISTORY)
            time.sleep(0.5)
            other.rollback()
    assert [len(curve(store, run)) for run in shown(store)] == [3]
    assert "lacks" not in caplog.text


def test_the_wait_for_a_locked_store_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "WAIT_SECONDS", 0.1)
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError, match=r"mlflow\.db: .* database is locked"):
            store_module._first_contact(f"sqlite:///{path}")


IMPORTED_BY_MLFLOW = ["torch", "sklearn", "pandas", "alembic", "sqlalchemy.orm", "tracked"]
"""Loaded once for all processes, as none of it knows of telemetry; ``mlflow`` is not."""


def train_apart(seed: int, store: str) -> bool:
    train(RUN.model_copy(update={"seed": seed}), store, epochs(5))
    from mlflow.telemetry.utils import is_telemetry_disabled  # noqa: PLC0415 - as above

    return is_telemetry_disabled()


def test_eight_processes_on_a_fresh_store_lose_nothing_and_send_no_telemetry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for silencer in "MLFLOW_DISABLE_TELEMETRY", "DO_NOT_TRACK", "CI", "PYTEST_CURRENT_TEST":
        monkeypatch.delenv(silencer, raising=False)
    store = f"sqlite:///{tmp_path / 'mlflow.db'}"
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(IMPORTED_BY_MLFLOW)
    with processes.Pool(8) as pool:
        silent = pool.starmap(train_apart, [(seed, store) for seed in range(8)], chunksize=1)
    assert silent == [True] * 8
    runs = shown(store)
    assert sorted(run.data.params["seed"] for run in runs) == [str(seed) for seed in range(8)]
    assert [len(curve(store, run)) for run in runs] == [5] * 8
