"""A chain of links as one training, read from the files that its links left behind."""

from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from cxv.config.spec import Run
from cxv.records.history import TimedEpoch, load_timed_history
from cxv.records.run import RunRecord
from cxv.records.seal import RecordError

RECORD = "metrics.json"


@dataclass(frozen=True, slots=True)
class Link:
    """A finished link: its record and its epochs, which count from 1."""

    record: RunRecord
    epochs: tuple[TimedEpoch, ...]

    @classmethod
    def load(cls, run: Run, folder: Path) -> "Link":
        """Return the link whose files are in a folder; RecordError if one is missing or wrong."""
        record = RunRecord.load(folder / RECORD, run)
        files = folder / "history.csv", folder / "timing.csv"
        try:
            return cls(record, load_timed_history(*files))
        except (OSError, ValueError) as error:
            raise RecordError(f"{files[0]}: unreadable: {error}") from error


@dataclass(frozen=True, slots=True)
class Chain:
    """Finished links, first to last, and the folder of the last one's files."""

    links: tuple[Link, ...]
    folder: Path

    @classmethod
    def load(cls, run: Run, folder: Path) -> "Chain":
        """Return the links up to ``run``; the files of each are one folder above the next one's.

        Raises:
            RecordError: a file is missing, or was made under other settings.
        """
        folders = [folder, *folder.parents][: len(run.phases)]
        links = zip(run.chain, reversed(folders), strict=True)
        return cls(tuple(Link.load(*link) for link in links), folder)

    @property
    def record(self) -> RunRecord:
        """The record of the last link: what the chain reached."""
        return self.links[-1].record

    @property
    def run(self) -> Run:
        """The settings of the last link, which include all phases."""
        return self.record.spec

    @property
    def starts(self) -> tuple[int, ...]:
        """The epoch of the whole chain, from 1, at which each phase begins; then, the next one."""
        return tuple(accumulate((len(link.epochs) for link in self.links), initial=1))

    @property
    def seconds(self) -> float:
        """What all links took."""
        return sum(link.record.stamp.seconds for link in self.links)


def longest(run: Run, runs: Path) -> Chain | None:
    """Return what is finished of a chain, from its beginning; None: not even its first link.

    Args:
        run: the last link.
        runs: the folder of all runs.
    """
    for link in reversed(run.chain):
        with suppress(RecordError):
            return Chain.load(link, runs / link.id)
    return None
