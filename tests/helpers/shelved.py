"""A job in a store of finished jobs, and a process that is at it."""

from pathlib import Path
from threading import Event, Thread

from cxv.records.identity import Identity
from cxv.records.store import Shelf, Store

IDENTITY = Identity(kind="RunRecord", settings="{}", code="c", data_sha256="d")
FILES = {"history.csv": "epochs", "metrics.json": "numbers"}


def filled(store: Store, identity: Identity = IDENTITY) -> Shelf:
    shelf = store.shelf("a run", identity)
    with shelf.alone():
        folder = shelf.begin()
        for name, text in FILES.items():
            (folder / name).write_text(text)
        shelf.keep()
    return shelf


def paths(folder: Path) -> dict[str, Path]:
    return {name: folder / name for name in FILES}


def published(shelf: Shelf, folder: Path) -> dict[str, str]:
    shelf.publish(paths(folder))
    return {path.name: path.read_text() for path in folder.iterdir()}


class Worker(Thread):
    """Computes a job in a thread, whose lock is as another process's."""

    def __init__(self, store: Store) -> None:
        super().__init__(daemon=True)
        self.store, self.at_it, self.end = store, Event(), Event()

    def run(self) -> None:
        shelf = self.store.shelf("a run", IDENTITY)
        with shelf.alone():
            self.at_it.set()
            assert self.end.wait(60)
