"""What ``cxv diff`` finds, whatever it compares."""

from dataclasses import dataclass
from typing import Any, Literal

from cxv.records.changes import Change
from cxv.results.accuracies import AccuracyInterval
from cxv.statistics import Interval


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and its interval, in the same unit; None: it has none."""

    value: float
    unit: str
    interval: Interval | None = None
    over: str = ""  # what the interval samples

    @classmethod
    def top1(cls, share: float, found: AccuracyInterval | None) -> "Measured":
        """Return a top-1 of 1 in percent."""
        interval, over = (found.interval, found.over) if found else (None, "")
        return cls(100 * share, "%", interval, over)

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "value": self.value,
            "unit": self.unit,
            "interval": self.interval and list(self.interval),
            "over": self.over,
        }

    def __str__(self) -> str:
        """Return it for people."""
        ends = f" [{self.interval.low:.4g}, {self.interval.high:.4g}]" if self.interval else ""
        over = f" over {self.over}" if self.interval and self.over else ""
        return f"{self.value:.4g}{f' {self.unit}'.rstrip()}{ends}{over}"


@dataclass(frozen=True, slots=True)
class Number:
    """One number of both sides; None: a side lacks it."""

    name: str
    left: Measured | None
    right: Measured | None
    difference: Measured | None = None  # right - left, paired

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        sides = {"left": self.left, "right": self.right, "difference": self.difference}
        return {"name": self.name} | {
            key: one.as_json() if one else None for key, one in sides.items()
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs, left -> right."""

    kind: Literal["runs", "studies", "commits"]
    left: str
    right: str
    changes: tuple[Change, ...]
    numbers: tuple[Number, ...]
    notes: tuple[str, ...] = ()  # what could not be compared
