"""Where an archive is: in a mirror folder, or downloaded from one of its official copies."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests
from filelock import FileLock
from rich.console import Console
from rich.progress import DownloadColumn, Progress, TransferSpeedColumn

from cxv.data.archives import FORMATS, DataError, md5_of

logger = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 16  # of an interrupted download, less than this is lost
TIMEOUT_SECONDS = (10, 60)  # to connect, between two packets
PARTS = ("", "-sub", "-small")  # a mirror's whole archive, then its smaller parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """An official archive; all ``urls`` hold byte-identical copies, tried in order."""

    stem: str
    suffix: str
    md5: str
    size_bytes: int
    urls: tuple[str, ...]

    @property
    def name(self) -> str:
        """The official file name."""
        return self.stem + self.suffix

    def is_whole(self, path: Path) -> bool:
        """Whether a file's name claims the whole archive rather than a part of it."""
        return path.name.startswith(f"{self.stem}.")


def locate(archive: Archive, *, mirror: Path | None, downloads: Path) -> Path:
    """Return where the archive is: in the mirror, if there is one, or else downloaded.

    Raises:
        DataError: the mirror lacks it, or no copy could be downloaded.
    """
    if mirror is None:
        return download(archive, downloads)
    names = [f"{archive.stem}{part}{suffix}" for part in PARTS for suffix in FORMATS]
    found = next((mirror / name for name in names if (mirror / name).is_file()), None)
    if found is None:
        raise DataError(f"{mirror}: no archive of {archive.stem}; looked for {', '.join(names)}")
    return found


def download(archive: Archive, folder: Path) -> Path:
    """Return the archive in ``folder``, downloaded unless it is there; an interruption resumes.

    Raises:
        DataError: the file there is not the official one, or no URL gave the official bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / archive.name
    with FileLock(f"{target}.lock"):  # two datasets may want one archive at the same time
        if not target.exists():
            part = folder / f"{archive.name}.part"
            _complete(archive, part)
            os.replace(part, target)
    found = _md5(target)
    if found != archive.md5:
        raise DataError(f"{target}: altered: MD5 {found}, official {archive.md5}; delete it")
    return target


def _complete(archive: Archive, part: Path) -> None:
    failures = []
    for url in archive.urls:
        try:
            _resume(url, part, archive.size_bytes)
        except (requests.RequestException, DataError) as error:
            failures.append(f"{url}: {error}")  # what has come stays, for the next URL or call
        else:
            found = _md5(part)
            if found == archive.md5:
                return
            failures.append(f"{url}: its MD5 is {found}, the official one {archive.md5}")
            part.unlink()
        logger.warning("%s", failures[-1])
    raise DataError(f"{archive.name}: could not be downloaded: {'; '.join(failures)}")


def _resume(url: str, part: Path, size_bytes: int) -> None:
    start = part.stat().st_size if part.exists() else 0
    if start == size_bytes:
        return
    if start > size_bytes:
        start = 0  # not a beginning of this archive
    headers = {"Accept-Encoding": "identity", "Range": f"bytes={start}-"}
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as reply:
        reply.raise_for_status()
        if reply.status_code != requests.codes.partial_content:
            start = 0  # this server sends all of it again
        found_bytes = start + int(reply.headers.get("Content-Length", 0))
        if found_bytes != size_bytes:
            raise DataError(f"this copy has {found_bytes} bytes, the official one {size_bytes}")
        with part.open("ab" if start else "wb") as file, _bar(part.stem, start, size_bytes) as add:
            for chunk in reply.iter_content(CHUNK_BYTES):
                file.write(chunk)
                add(len(chunk))


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return md5_of(file)


@contextmanager
def _bar(name: str, start: int, size_bytes: int) -> Iterator[Callable[[int], None]]:
    if not sys.stderr.isatty():
        yield _log_tenths(name, start, size_bytes)
        return
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(name, total=size_bytes, completed=start)
        yield partial(progress.advance, task)


def _log_tenths(name: str, done: int, size_bytes: int) -> Callable[[int], None]:
    def add(count: int) -> None:
        nonlocal done
        tenths, done = 10 * done // size_bytes, done + count
        if 10 * done // size_bytes > tenths:
            logger.info("%s: %d %% of %d bytes", name, 100 * done // size_bytes, size_bytes)

    return add
