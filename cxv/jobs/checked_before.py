"""What was checked before and found sound need not be checked by the next command again.

To try each optimizer and to build networks loads torch, which takes a plan as long as all the rest.
"""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cxv.config.faults import Fault
from cxv.config.grid import Params
from cxv.jobs.expected_images import all_counts
from cxv.records.atomic_files import sha256_of, write
from cxv.records.packages import installed

MOST = 50
"""Sound settings and papers that are kept: those of a few branches, between which one goes."""


@dataclass(frozen=True)
class CheckedBefore:
    """A file of digests: of what was found sound, by which code and packages."""

    path: Path

    def faults(self, params: Params) -> Iterator[Fault]:
        """Yield what ``cxv.jobs.check.faults`` finds, unless it found nothing before."""
        key = self._key(params.model_dump_json(), str(all_counts(params)))
        if key in self._sound():
            return
        from cxv.jobs import check

        found = list(check.faults(params))
        if not found:
            self._keep(key)
        yield from found

    def sound_paper(self, folder: Path) -> None:
        """Check a paper's folder, unless it was found sound before.

        Raises:
            PaperError: one line a fault: file, line, key, what is wrong.
        """
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        key = self._key(*(f"{path.relative_to(folder)} {sha256_of(path)}" for path in files))
        if key not in self._sound():
            from cxv.jobs import check

            check.sound_paper(folder)
            self._keep(key)

    def _key(self, *texts: str) -> str:
        return hashlib.sha256("\n".join((self._checkers, *texts)).encode()).hexdigest()

    @cached_property
    def _checkers(self) -> str:
        """All that decides what is a fault: Python, packages, and any code of this package."""
        code = sorted(Path(__file__).parents[1].rglob("*.py"))
        return f"{sys.version} {installed()} {[sha256_of(path) for path in code]}"

    def _sound(self) -> list[str]:
        with suppress(OSError, UnicodeDecodeError):
            return self.path.read_text().split()
        return []

    def _keep(self, key: str) -> None:
        with suppress(OSError):  # it is checked again then
            write(self.path, "\n".join([*self._sound(), key][-MOST:]))
