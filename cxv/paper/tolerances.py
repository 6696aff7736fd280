"""How near to the paper a number of ours has to be: fixed before the first run."""

from pydantic import Field, PositiveInt

from cxv.config.strict_model import Fraction, Name, Positive, StrictModel
from cxv.results.curves import CurveReading


class NullMargins(StrictModel):
    """Percentage points."""

    no_gain: Positive
    on_par: Positive


class MemoryTolerance(StrictModel):
    """The larger of both."""

    relative: Fraction
    absolute_gb: Positive


class Convergence(StrictModel):
    """When a run counts as one that does not converge."""

    share_of_chance_loss: Fraction  # final training loss above this share of log(classes), or NaN
    seeds: PositiveInt  # of three


class TolerancesFile(StrictModel):
    """``tolerances.yaml``."""

    alpha: Fraction  # of every interval and test
    seeds_min: PositiveInt
    acc: dict[Name, Positive] = Field(alias="R-acc")  # percentage points, by dataset
    null: NullMargins = Field(alias="R-null")
    num: dict[Name, Positive] = Field(alias="R-num")  # percentage points, or a fraction
    ratio: dict[Name, Positive] = Field(alias="R-ratio")
    memory: MemoryTolerance = Field(alias="R-mem")
    static: dict[Name, Positive] = Field(alias="R-static")  # in the printed unit, by column
    arith: Positive = Field(alias="R-arith")  # half of the last printed digit
    conv: Convergence = Field(alias="R-conv")
    curve: CurveReading = Field(alias="R-curve")


class Tolerances(TolerancesFile):
    """What all rules go by, and which file said so."""

    sha256: str  # of its bytes

    def around(self, dataset: str) -> float:
        """Return the tolerance of a printed top-1, in percentage points."""
        if dataset not in self.acc:
            raise KeyError(f"no tolerance for {dataset!r}; known: {', '.join(self.acc)}")
        return self.acc[dataset]
