"""What a store holds: how large it is, what can go, what the disk holds twice."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from cxv.records.atomic_files import sha256_of
from cxv.records.store import (
    CONTENTS,
    LINKED_FROM_BYTES,
    PUBLISHED,
    Contents,
    Published,
    Store,
    link,
)


@dataclass(frozen=True, slots=True)
class KeptJob:
    """The files of one finished job."""

    folder: Path
    name: str
    used: float  # seconds since 1970
    bytes: int
    bytes_here_alone: int  # that removing it would free


def kept_jobs(store: Store) -> list[KeptJob]:
    """Return what is kept, the longest unused first."""
    found = []
    for path in (store.folder / "finished").glob(f"*/*/{CONTENTS}"):
        with suppress(OSError, ValidationError):  # another process removes it
            found.append(_read(path.parent))
    return sorted(found, key=lambda job: job.used)


def remove(store: Store, job: KeptJob) -> None:
    """Remove one job, unless a process is at it."""
    with suppress(Timeout), FileLock(store.lock_of(job.folder.name), blocking=False) as lock:
        shutil.rmtree(job.folder, ignore_errors=True)
        Path(lock.lock_file).unlink(missing_ok=True)


def share(store: Store) -> None:
    """Let the disk hold once again what a program has copied, as ``dvc commit`` does."""
    for job in kept_jobs(store):
        if job.bytes_here_alone:
            with suppress(OSError, ValidationError):
                _link_to_published(job.folder)


def _read(folder: Path) -> KeptJob:
    contents = Contents.model_validate_json((folder / CONTENTS).read_bytes())
    files = [(folder / name).stat() for name in contents.sha256]
    alone = sum(file.st_size for file in files if file.st_nlink == 1)
    whole = sum(file.st_size for file in files)
    return KeptJob(folder, contents.name, folder.stat().st_mtime, whole, alone)


def _link_to_published(folder: Path) -> None:
    """Replace files by links to the same bytes at the paths where they were last put."""
    contents = Contents.model_validate_json((folder / CONTENTS).read_bytes())
    published = Published.model_validate_json((folder / PUBLISHED).read_bytes())
    for name, path in published.paths.items():
        kept, copy = folder / name, Path(path).resolve()
        if (
            kept.stat().st_nlink == 1
            and kept.stat().st_size >= LINKED_FROM_BYTES
            and copy.stat().st_dev == kept.stat().st_dev
            and sha256_of(copy) == contents.sha256[name]
        ):
            link(copy, kept)
