"""Which files were found intact before: they are not read again until their dates change.

A plan looks at thousands of files, some of them large. ``cxv verify`` reads them all.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from cxv.records.atomic_files import write

State = list[list[int | str]]
"""Of each file: path, size, date of change in nanoseconds, inode."""


class Intact:
    """What former commands have found, kept in a file; losing it costs a second look."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._known: dict[str, State] = json.loads(file.read_bytes())
        except (OSError, ValueError):
            self._known = {}
        self._new = False

    def knows(self, name: str, paths: Iterable[Path]) -> bool:
        """Whether the files that belong to a name are those that were found intact."""
        return name in self._known and self._known[name] == _state(paths)

    def add(self, name: str, paths: Iterable[Path]) -> None:
        """Note that these files are intact."""
        self._known[name] = _state(paths)
        self._new = True

    def save(self) -> None:
        """Keep what was noted."""
        if self._new:
            write(self._file, json.dumps(self._known))


def _state(paths: Iterable[Path]) -> State:
    found: State = []
    for path in sorted(paths):
        if path.exists():
            stat = path.stat()
            found.append([str(path), stat.st_size, stat.st_mtime_ns, stat.st_ino])
    return found
