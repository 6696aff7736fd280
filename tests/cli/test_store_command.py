"""``cxv store``: what it says of the store, and what it removes."""

import os
import time
from pathlib import Path

import pytest
from shelved import FILES, IDENTITY, filled, paths

from cxv.__main__ import main
from cxv.records import kept_jobs, store
from cxv.records.store import Store

BYTES = sum(map(len, FILES.values()))
DAY = 24 * 3600


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("CXV_STORE", str(tmp_path / "store"))
    return Store(tmp_path / "store")


def aged(store: Store, days: float, code: str) -> Path:
    """Keep a job that was last of use some days ago."""
    folder = filled(store, IDENTITY.model_copy(update={"code": code})).folder
    then = time.time() - days * DAY
    os.utime(folder, (then, then))
    return folder


def test_an_empty_store_is_said_to_be_empty(
    finished: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["store"]) == 0
    sizes = "0 finished jobs, 0.0 MB, 0.0 MB of them linked from no results folder"
    assert capsys.readouterr().out == f"{finished.folder}: {sizes}\n"


def test_sizes_and_what_is_computed_now_are_said(
    finished: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = filled(finished)
    (shelf.folder / "metrics.json").write_bytes(bytes(2_500_000))
    (shelf.folder / "history.csv").write_bytes(bytes(1_000_000))
    os.link(shelf.folder / "history.csv", tmp_path / "history.csv")
    with finished.shelf(
        "digits/cpv/base/s0/adamw", IDENTITY.model_copy(update={"code": "k"})
    ).alone():
        assert main(["store"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(": 1 finished jobs, 3.5 MB, 2.5 MB of them linked from no results folder")
    assert second.startswith(f"under way: digits/cpv/base/s0/adamw, process {os.getpid()} on ")


def test_only_what_is_old_and_linked_from_nowhere_is_removed(
    finished: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, young, linked = (aged(finished, days, str(days)) for days in (31, 29, 32))
    os.link(linked / "metrics.json", tmp_path / "metrics.json")
    then = time.time() - 32 * DAY
    os.utime(linked, (then, then))
    assert main(["store", "--prune", "30"]) == 0
    assert [folder.exists() for folder in (old, young, linked)] == [False, True, True]
    removed, whole = capsys.readouterr().out.splitlines()
    assert removed == "removed 1 jobs, 0.0 MB"
    assert ": 2 finished jobs" in whole


def test_large_files_that_were_copied_are_shared_first(
    finished: Store,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else what results have as a copy would be removed as linked from nowhere."""
    for module in (store, kept_jobs):
        monkeypatch.setattr(module, "LINKED_FROM_BYTES", 0)
    shelf, results = filled(finished), paths(tmp_path / "results")
    shelf.publish(results)
    for path in results.values():
        text = path.read_text()
        path.unlink()
        path.write_text(text)
    assert main(["store", "--prune", "0"]) == 0
    assert "removed 0 jobs" in capsys.readouterr().out
    assert shelf.holds({*FILES})
