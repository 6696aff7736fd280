"""How near to the paper a number of ours has to be, and when that was said."""

import datetime
from typing import Literal

from pydantic import model_validator

from cxv.config.strict_model import Fraction, Name, Positive, StrictModel
from cxv.results.curves import CurveReading


class MemoryTolerance(StrictModel):
    """The larger of both."""

    relative: Fraction
    absolute_gb: Positive


class Choice(StrictModel):
    """When a tolerance was chosen."""

    on: datetime.date
    known: str  # which results were known by then


class Planned(StrictModel):
    """What is assumed of a difference of top-1 before it is run, percentage points."""

    difference: Positive  # of a claim of a mere direction, were it true
    seed_sd: Positive
    image_error: Positive  # standard error


class TolerancesFile(StrictModel):
    """``tolerances.yaml``."""

    chosen: dict[Literal["top1", "memory", "convergence", "curves"], Choice]
    alpha: Fraction  # of every interval, and the false discovery rate of a report's claims
    top1: dict[Name, Positive]  # percentage points, by dataset
    memory: MemoryTolerance
    context_gb: tuple[float, float]  # least and most that a CUDA context takes, 10⁹ bytes
    share_of_chance_loss: Fraction  # a final training loss above this share of log(classes)
    curves: CurveReading
    planned: Planned

    @model_validator(mode="after")
    def _has_a_range(self) -> "TolerancesFile":
        low, high = self.context_gb
        if not 0 <= low <= high:
            raise ValueError("context_gb needs the least, then the most, from 0 on")
        return self


class Tolerances(TolerancesFile):
    """What all rules go by, and which file said so."""

    sha256: str  # of its bytes

    def around(self, dataset: str) -> float:
        """Return the tolerance of a printed top-1, in percentage points."""
        if dataset not in self.top1:
            raise KeyError(f"no tolerance for {dataset!r}; known: {', '.join(self.top1)}")
        return self.top1[dataset]
