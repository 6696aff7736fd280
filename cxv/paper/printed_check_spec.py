"""Parts of a claim: the printed numbers show each true or false, or cannot decide it."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, PositiveInt, StringConstraints, model_validator

from cxv.config.strict_model import StrictModel

Axis = Literal["dataset", "model", "variant", "recipe", "column"]
Measure = Literal["difference", "ratio", "percent"]
Cells = str
"""Points at printed numbers, see ``Printed.select``; ``max()``, ``min()``, ``mean()`` of it is one.
"""

Decision = Annotated[str, StringConstraints(pattern=r"^D[1-9][0-9]*$")]
"""A decision of ``data/paper/README.md``."""

TestReference = Annotated[
    str, StringConstraints(pattern=r"^(D[1-9][0-9]*|tests/[a-z0-9_/]+\.py::test_[a-z0-9_]+)$")
]
"""A decision of ``data/paper/README.md``, or a test."""


class Compare(StrictModel):
    """Every number on the left against every one on the right that shares the axes ``same``."""

    check: Literal["compare"]
    left: Cells
    right: Cells | FiniteFloat
    same: tuple[Axis, ...] = ("column",)
    by: Measure = "difference"  # left - right, left / right, or 100 (left - right) / right
    above: FiniteFloat | None = None
    below: FiniteFloat | None = None
    within: tuple[FiniteFloat, FiniteFloat] | None = None  # ends are inside
    rounds_to: Cells | None = None  # digits, or the printed number that they should give

    @model_validator(mode="after")
    def _has_one_bound(self) -> "Compare":
        bounds = (self.above, self.below, self.within, self.rounds_to)
        if sum(bound is not None for bound in bounds) != 1:
            raise ValueError("needs one of above, below, within, rounds_to")
        return self


class Rank(StrictModel):
    """Each of ``cells`` is among the ``lowest`` of those that share the axes ``same`` with it."""

    check: Literal["rank"]
    cells: Cells
    among: Cells
    same: tuple[Axis, ...] = ("column",)
    lowest: PositiveInt


class Count(StrictModel):
    """As many numbers are printed as the claim speaks of."""

    check: Literal["count"]
    cells: Cells
    equals: PositiveInt
    of: str  # what is counted


class Title(StrictModel):
    """Rows are printed under a name of a given form."""

    check: Literal["title"]
    cells: Cells
    matches: str  # a regular expression, for all of the name


class Shown(StrictModel):
    """A fact about the networks that is true, and where that is checked."""

    check: Literal["shown"]
    says: str
    by: TestReference


class Refuted(StrictModel):
    """A fact about the networks that is false, and where that is checked."""

    check: Literal["refuted"]
    says: str
    by: TestReference


class Unprinted(StrictModel):
    """No printed number tells."""

    check: Literal["unprinted"]
    why: str


Check = Annotated[
    Compare | Rank | Count | Title | Shown | Refuted | Unprinted, Field(discriminator="check")
]

"""What tells them apart."""
