"""What tells whether own photos are those of the last fetch: their names and their contents."""

import hashlib
import json
import time
from contextlib import suppress
from pathlib import Path

from cxv.config.photos import OWN
from cxv.config.spec import Dataset
from cxv.data.folder import Photo, listed
from cxv.records.atomic_files import sha256_of, write

SETTLED_SECONDS = 2.0
"""Age at which a file's times tell it from one written later: clocks of disks are coarse."""

Known = dict[str, list[int | str]]
"""By path: what was seen of the file, its SHA-256."""


def state(dataset: Dataset, kept: Path) -> str:
    """Return a digest of the names and the contents of the photos of a dataset.

    A photo is opened only where its size or one of its times is new, so that planning costs a look
    at each. A folder that was touched, moved or copied has the same digest.

    Args:
        dataset: whose photos.
        kept: a folder for what is known of the files.

    Returns:
        Hexadecimal digits; "" for sources whose bytes are official.

    Raises:
        DataError: there are no such photos.
    """
    if dataset.source != OWN:
        return ""
    listing = listed(dataset)
    root, file = listing.root.absolute(), kept / f"{dataset.name}.json"
    before, now = _read(file), Known()
    lines = [[photo.name, _digest(root, photo, before, now)] for photo in listing.photos]
    lines += [[fault.name, fault.said] for fault in listing.faults]
    if now != before:
        with suppress(OSError):  # a folder without the right to write costs time alone
            write(file, json.dumps(now))
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


def _digest(root: Path, photo: Photo, before: Known, now: Known) -> str:
    """Return the SHA-256 of a file, and note it in ``now``; "" if it cannot be read."""
    name, seen = f"{root}/{photo.name}", [*photo.seen]
    known = before.get(name, [])
    try:
        sha256 = str(known[-1]) if known[:-1] == seen else sha256_of(Path(name))
    except OSError:
        return ""
    if max(photo.seen[1:]) < time.time_ns() - SETTLED_SECONDS * 1e9:
        now[name] = [*seen, sha256]
    return sha256


def _read(file: Path) -> Known:
    try:
        known = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
