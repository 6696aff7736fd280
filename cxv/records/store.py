"""Keep what jobs have computed, by identity, for all checkouts on a file system.

The files at the paths of a workflow come and go: Snakemake deletes them before a job starts, people
delete them and switch between branches. What is kept here stays. Of large files the two are hard
links to the same bytes, so that the disk holds them once. What was altered through the other link
is not given out.
"""

import hashlib
import logging
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from cxv.config.strict_model import StrictModel
from cxv.records.atomic_files import sha256_of, write

log = logging.getLogger(__name__)

CONTENTS = "contents.json"
PUBLISHED = "published.json"
WAIT_SECONDS = 1.0  # between two looks whether another process is done
LINKED_FROM_BYTES = 100_000
"""Of a file; smaller ones, which people open, are kept as a second copy."""
GLANCE_SECONDS = 0.5  # more than ``under_way`` needs to look at a lock


class Contents(StrictModel):
    """What is kept of one job."""

    name: str  # of the job, for people
    identity: str  # canonical
    sha256: dict[str, str]  # by name of file


class Published(StrictModel):
    """Where the files of a job were last put."""

    paths: dict[str, str]  # by name of file


class Holder(StrictModel):
    """The process that computes something now."""

    name: str  # of the job
    process: int
    host: str
    since: float  # seconds since 1970

    def __str__(self) -> str:
        """Name it as people look for it."""
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.since))
        return f"process {self.process} on {self.host}, since {since}"


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of finished jobs."""

    folder: Path

    def shelf(self, name: str, identity: StrictModel) -> "Shelf":
        """Return the place of one job; ``name`` is what people call it."""
        digest = hashlib.sha256(identity.canonical().encode()).hexdigest()
        return Shelf(
            self.folder / "finished" / digest[:2] / digest,
            self.folder / "unfinished" / digest,
            self.lock_of(digest),
            name,
            identity.canonical(),
        )

    @property
    def locks(self) -> Path:
        """The folder of the locks of jobs that are computed now."""
        return self.folder / "locks"

    def under_way(self) -> list[Holder]:
        """Return the processes that compute something now, the oldest first."""
        found = []
        for path in self.locks.glob("*.lock"):
            with suppress(Timeout, OSError), FileLock(path, blocking=False):
                path.unlink()  # its process was killed
                continue
            with suppress(OSError, ValidationError):
                found.append(Holder.model_validate_json(path.read_bytes()))
        return sorted(found, key=lambda holder: holder.since)

    def lock_of(self, digest: str) -> Path:
        """Return the file whose lock the process holds that computes a job."""
        return self.locks / f"{digest}.lock"


def store_near(path: Path) -> Store:
    """Return the store that CXV_STORE names, or the user's, or the checkout's own.

    The user's, in the cache folder, serves all checkouts on its file system. From another one no
    hard link leads there.
    """
    if named := os.environ.get("CXV_STORE"):
        return Store(Path(named))
    shared = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cxv" / "store"
    near, far = _existing(path.absolute()), _existing(shared)
    linkable = near.stat().st_dev == far.stat().st_dev and os.access(far, os.W_OK)
    return Store(shared if linkable else Path(".cxv/store"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """The place of one job in a store."""

    folder: Path
    """Of the files that are kept."""
    _unfinished: Path
    _lock: Path
    _name: str  # for people
    _identity: str  # canonical

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others off this job until the block ends; wait for one that is at it."""
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._lock)
        try:
            lock.acquire(timeout=GLANCE_SECONDS)
        except Timeout:
            log.warning("%s is computed by %s: waiting for its result", self._name, self._holder())
            lock.acquire(poll_interval=WAIT_SECONDS)
        try:
            holder = Holder(
                name=self._name, process=os.getpid(), host=socket.gethostname(), since=time.time()
            )
            self._lock.write_text(holder.model_dump_json())
            yield
        finally:
            self._lock.unlink(missing_ok=True)
            lock.release()

    def _holder(self) -> str:
        try:
            return str(Holder.model_validate_json(self._lock.read_bytes()))
        except (OSError, ValidationError):  # it has just begun, or just ended
            return "another process"

    def begin(self) -> Path:
        """Return an empty folder for the files of the job."""
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._unfinished.mkdir(parents=True)
        return self._unfinished

    def keep(self) -> None:
        """Keep the files in the folder of ``begin``, all or none."""
        sums = {path.name: sha256_of(path) for path in sorted(self._unfinished.iterdir())}
        contents = Contents(name=self._name, identity=self._identity, sha256=sums)
        write(self._unfinished / CONTENTS, contents.model_dump_json(indent=1) + "\n")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished.rename(self.folder)

    def holds(self, names: set[str]) -> bool:
        """Whether exactly these files are kept, unaltered."""
        try:
            contents = Contents.model_validate_json((self.folder / CONTENTS).read_bytes())
            altered = [
                name for name in names if sha256_of(self.folder / name) != contents.sha256.get(name)
            ]
        except (OSError, ValidationError):
            return False
        for name in altered:
            log.warning("%s: %s was altered since it was kept", self._name, self.folder / name)
        return not altered and contents.sha256.keys() == names

    def publish(self, paths: Mapping[str, Path]) -> None:
        """Put every kept file at its path, in this order.

        Small ones are copied: an editor that writes into a file would alter both of two links.
        """
        for name, path in paths.items():
            kept = self.folder / name
            small = kept.stat().st_size < LINKED_FROM_BYTES
            (copy if small else link)(kept, path)
        put = {name: str(path.absolute()) for name, path in paths.items()}
        write(self.folder / PUBLISHED, Published(paths=put).model_dump_json() + "\n")


def link(source: Path, target: Path) -> None:
    """Let ``target`` be ``source``, whole or not at all; a copy where links are not to be had."""
    with _replacing(target) as passing:
        try:
            os.link(source, passing)
        except OSError:
            shutil.copy2(source, passing)


def copy(source: Path, target: Path) -> None:
    """Let ``target`` hold the bytes of ``source``, whole or not at all."""
    with _replacing(target) as passing:
        shutil.copy2(source, passing)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give the path of a file that takes the place of ``target``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    passing = target.with_name(f".{target.name}.{os.getpid()}")
    passing.unlink(missing_ok=True)
    yield passing
    os.replace(passing, target)
    passing.unlink(missing_ok=True)  # os.replace leaves it where both are links to the same file


def _existing(path: Path) -> Path:
    """Return a path, or the nearest folder above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
