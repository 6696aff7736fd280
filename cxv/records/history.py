"""The epochs of a link: values that a rerun repeats, and times, which no rerun repeats."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import PositiveInt, ValidationError

from cxv.config.faults import in_words
from cxv.config.strict_model import StrictModel
from cxv.records.atomic_files import write


class Epoch(StrictModel):
    """A line of ``history.csv``: what a second run repeats."""

    epoch: PositiveInt  # 1-based within the phase
    loss: float  # mean training loss, nats per image
    top1: float  # on the selecting split, a fraction of 1
    lr: float


class TimedEpoch(Epoch):
    """With a line of ``timing.csv``: what no second run repeats."""

    time: float  # seconds since 1970, when the epoch ended
    images_per_second: float  # training


T = TypeVar("T", bound=Epoch)
TIMING = ("epoch", "time", "images_per_second")


def save_history(history: Path, timing: Path, epochs: Sequence[TimedEpoch]) -> None:
    """Write one line an epoch under a header, into either file what belongs there."""
    for path, columns in ((history, tuple(Epoch.model_fields)), (timing, TIMING)):
        buffer = io.StringIO()
        rows = csv.DictWriter(buffer, columns, lineterminator="\n", extrasaction="ignore")
        rows.writeheader()
        rows.writerows(epoch.model_dump() for epoch in epochs)
        write(path, buffer.getvalue())


def load_history(path: Path) -> tuple[Epoch, ...]:
    """Return the epochs of a link, first to last; ValueError if a line is none."""
    return tuple(_epoch(Epoch, row) for row in _rows(path))


def load_timed_history(history: Path, timing: Path) -> tuple[TimedEpoch, ...]:
    """Return the epochs of a link with their times; ValueError if the lines are not theirs."""
    both = zip(_rows(history), _rows(timing), strict=True)
    return tuple(_epoch(TimedEpoch, row | times) for row, times in both)


def _epoch(kind: type[T], row: dict[str, str]) -> T:
    try:
        return kind.model_validate_strings(row)
    except ValidationError as error:
        raise ValueError(f"a line is no epoch: {in_words(error, json.dumps(row))}") from error


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
