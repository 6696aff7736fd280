"""Which folders of own photos are parts and classes, and what is said of others."""

import os
from collections.abc import Sequence
from pathlib import Path

from cxv.data.archives import DataError
from cxv.errors import printable

TRAIN, TEST, WHOLE = "train", "test", "whole"
TESTS = ("test", "val", "validation")
"""Folders whose photos test; the first that is there."""

LITTER = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir"})
"""What systems leave in folders, in lower case; names that begin with a dot are passed over too."""

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".jp2", ".avif", ".ppm"}
) | {".pgm", ".heic", ".heif"}
"""By which photos outside of classes are known from other files; inside, every file is read."""

WANTED = "photos lie in train/<class>/ and test/<class>/ (or val/ or validation/ for test/)"
SHARE = 0.2
NAMED = 10
"""Names that a message lists at most."""


def visible(folder: Path) -> list[os.DirEntry[str]]:
    """Return what a folder holds in the order of names, without litter and hidden files.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with os.scandir(folder) as found:
            entries = [one for one in found if one.name[0] != "."]
    except (FileNotFoundError, NotADirectoryError):
        return []
    kept = (one for one in entries if one.name.lower() not in LITTER)
    return sorted(kept, key=lambda one: one.name)


def folders_in(folder: Path) -> list[str]:
    """Return the names of those that are folders, or links to one."""
    return [one.name for one in visible(folder) if Path(one).is_dir()]


def is_photo(entry: os.DirEntry[str]) -> bool:
    """Tell a photo from other files by its name."""
    return Path(entry.name).suffix.lower() in SUFFIXES


def parts_of(root: Path, split: float | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the folder of each part, and the folders of further parts, which are not read.

    Args:
        root: the folder.
        split: the share that tests; None: the folder has a part of its own for that.

    Raises:
        DataError: it has other folders.
    """
    names = folders_in(root)
    tests = [name for name in TESTS if name in names]
    if split is not None:
        if TRAIN in names and folders_in(root / TRAIN):
            raise DataError(
                f"{root}: has {'/ and '.join((TRAIN, *tests))}/ already: set `path: {root / TRAIN}`"
                f" to split that part alone, or remove `split: {split}`"
            )
        if not names:
            raise DataError(
                f"{root}: {_photos_in(root)} and no folders; with `split`, photos lie in a folder"
                " for each class"
            )
        return {WHOLE: "."}, ()
    if TRAIN in names and tests:
        for part in (TRAIN, tests[0]):
            _require_classes(root / part)
        return {TRAIN: TRAIN, TEST: tests[0]}, tuple(tests[1:])
    raise DataError(f"{root}: {_said_of(root, names)}")


def _require_classes(part: Path) -> None:
    if not folders_in(part):
        raise DataError(f"{part}: {_photos_in(part)} and no folders of classes; {WANTED}")


def _said_of(root: Path, names: Sequence[str]) -> str:
    """Say what a folder without two parts holds, and what to do."""
    if TRAIN in names:
        return (
            f"has {TRAIN}/ and none of {', '.join(TESTS)}; add one, or set `path: {root / TRAIN}`"
            f" and `split: {SHARE}` to test on a share of it"
        )
    inner = [name for name in names if (root / name / TRAIN).is_dir()]
    if inner:
        return f"{TRAIN}/ is one level down; set `path: {root / printable(inner[0])}`"
    counts = {name: sum(map(is_photo, visible(root / name))) for name in names}
    held = [name for name, count in counts.items() if count]
    if held:
        return (
            f"{sum(counts.values())} photos lie in {len(held)} folders ({_named(held)}), without"
            f" {TRAIN}/ and test/; either make these ({WANTED}), or set `split: {SHARE}` to test on"
            " a share of each folder"
        )
    seen = f"folders {_named(names)}" if names else "no folders"
    return f"{_photos_in(root)} and {seen}; {WANTED}"


def _photos_in(folder: Path) -> str:
    return f"{sum(map(is_photo, visible(folder)))} photos lie directly in it"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(map(printable, sorted(names)[:NAMED])) + more
