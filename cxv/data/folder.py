"""The photos of a folder as their names say: without torch, and without opening one."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from cxv.config.spec import Dataset
from cxv.data.archives import DataError
from cxv.data.folder_layout import folders_in, is_photo, parts_of, visible
from cxv.errors import printable

MOST_BYTES = 1 << 30
"""Of a file. A photo is smaller; all of it is read at once."""

KINDS = {
    stat.S_ISFIFO: "a named pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
    stat.S_ISDIR: "a folder inside a class; photos of a class lie directly in its folder",
}
"""Of what is no file: it is never opened, as that may wait forever."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A file to read."""

    name: str  # below the folder, with / between its parts
    part: str  # train, test, or WHOLE of a folder that is still to be split
    label: int
    seen: tuple[int, int, int]  # bytes, times of its contents and of its status in ns


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that cannot be read, and why."""

    name: str
    said: str

    def __str__(self) -> str:
        """Name the file, whatever its name is made of."""
        return f"{printable(self.name)}: {self.said}"


@dataclass(frozen=True, slots=True)
class Listing:
    """All that is read of a folder, in the order of parts, classes and names."""

    root: Path
    folders: Mapping[str, str]  # of each part, below ``root``
    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    faults: tuple[Fault, ...]
    unread: tuple[str, ...]  # folders below ``root`` that hold a further part


def listed(dataset: Dataset) -> Listing:
    """Return the photos of a dataset.

    Raises:
        DataError: there is no such folder, or its folders are not parts and classes; what is wrong
            with single files is not raised.
    """
    try:
        return _listed(_root(dataset), dataset.split)
    except OSError as error:
        raise DataError(f"{error.filename}: cannot be read: {error.strerror}") from error


def _listed(root: Path, split: float | None) -> Listing:
    folders, unread = parts_of(root, split)
    known = {part: _classes(root / folder) for part, folder in folders.items()}
    classes = sorted(set().union(*known.values()))
    _require_in_each_part(root, folders, known)
    photos: list[Photo] = []
    faults: list[Fault] = []
    for part, folder in folders.items():
        faults += _outside_of_classes(root, folder)
        for label, name in enumerate(classes):
            above = PurePath(folder, name).as_posix()
            for entry in visible(root / above):
                below, seen = f"{above}/{entry.name}", _seen(entry)
                if isinstance(seen, str):
                    faults.append(Fault(below, seen))
                else:
                    photos.append(Photo(below, part, label, seen))
    return Listing(root, folders, tuple(classes), tuple(photos), tuple(faults), unread)


def _root(dataset: Dataset) -> Path:
    if dataset.path is None:
        raise DataError(f"{dataset.name}: source image_folder needs a path")
    try:
        root = Path(dataset.path).expanduser()
    except RuntimeError as error:
        raise DataError(f"{dataset.path}: {error}") from error
    if not root.is_dir():
        known = "a file, not a folder; unpack it first" if root.exists() else "no such folder"
        raise DataError(f"{root}: {known}; a relative path starts from the folder of params.yaml")
    return root


def _classes(folder: Path) -> dict[str, bool]:
    """Return the classes of a part, and whether each holds anything."""
    names = folders_in(folder)
    if wrong := [printable(name) for name in names if not _is_utf8(name)]:
        raise DataError(f"{folder}: names of classes that are not UTF-8: {', '.join(wrong)}")
    return {name: bool(visible(folder / name)) for name in names}


def _require_in_each_part(
    root: Path, folders: Mapping[str, str], known: Mapping[str, Mapping[str, bool]]
) -> None:
    """Refuse classes that a part lacks, all in one message."""
    classes = sorted(set().union(*known.values()))
    lacking = [
        f"class {name!r} has no photos in {root / folders[part] / printable(name)}"
        for part in folders
        for name in classes
        if not known[part].get(name)
    ]
    if lacking:
        raise DataError(
            "\n".join([f"{root}: each class needs photos in each part", *lacking])
            + "\nAdd photos of these classes there, or remove their folders from all parts."
        )


def _outside_of_classes(root: Path, folder: str) -> Iterator[Fault]:
    classes = set(folders_in(root / folder))
    for entry in visible(root / folder):
        below = PurePath(folder, entry.name).as_posix()
        if entry.name in classes:
            continue
        if is_photo(entry):
            yield Fault(below, "is outside of the folders of classes")
        elif entry.is_symlink() and isinstance(said := _seen(entry), str):
            yield Fault(below, said)


def _seen(entry: os.DirEntry[str]) -> tuple[int, int, int] | str:
    """Return the size and the times of a file, or why it is not to be opened."""
    if not _is_utf8(entry.name):
        return "its name is not UTF-8; rename it"
    try:
        known = entry.stat()
    except OSError as error:
        return _unreachable(entry, error)
    for is_kind, said in KINDS.items():
        if is_kind(known.st_mode):
            return said
    if known.st_size > MOST_BYTES:
        return f"{known.st_size:,} bytes, too large for a photo (at most {MOST_BYTES:,})"
    times = known.st_mtime_ns, known.st_ctime_ns
    return (known.st_size, *times) if known.st_size else "is empty"


def _unreachable(entry: os.DirEntry[str], error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "a symbolic link that leads back to itself"
    if error.errno == errno.ENOENT and entry.is_symlink():
        return "a symbolic link to a file that is not there"
    return f"cannot be read: {error.strerror}"


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # how Python has such bytes
        return False
    return True
