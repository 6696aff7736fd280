"""Fixtures of a store of finished jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from shelved import Worker

from cxv.records import kept_jobs, store
from cxv.records.store import Store


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that keeps files of any size as links."""
    for module in (store, kept_jobs):
        monkeypatch.setattr(module, "LINKED_FROM_BYTES", 0)
    return Store(tmp_path / "store")


@pytest.fixture
def worker(finished: Store) -> Iterator[Worker]:
    worker = Worker(finished)
    worker.start()
    assert worker.at_it.wait(60)
    yield worker
    worker.end.set()
    worker.join()
