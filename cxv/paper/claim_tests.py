"""How runs of our own are to test a claim: the rule, which runs, and what must come out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, FiniteFloat, PositiveInt, model_validator

from cxv.config.strict_model import Name, Positive, StrictModel
from cxv.paper.printed_check_spec import Axis, TestReference
from cxv.results.curves import Curve

Direction = Literal["above", "below"]
Column = Literal[
    "top1",
    "params",
    "params_modules",
    "macs_thop",
    "macs_ptflops",
    "macs_fvcore",
    "predicted_peak_bytes",
]
"""Of a run, or of the profile of its network; see ``cxv.results.table``."""

RULES: Mapping[str, str] = MappingProxyType(
    {
        "R-dir": "the interval of left - right is on the claimed side",
        "R-num": "as R-dir, and the interval reaches the claimed value",
        "R-null": "left - right stays within a margin",
        "R-acc": "the best of three seeds is near the printed top-1",
        "R-ratio": "left / right is in a band",
        "R-conv": "training does not converge",
        "R-curve": "read from learning curves",
        "R-static": "counted on the network, equal to the print",
        "R-mem": "peak memory, near the print or in the claimed order",
        "R-struct": "a property of the network or the settings, under test",
        "R-arith": "arithmetic on printed numbers",
        "R-none": "the paper's experiments cannot tell",
    }
)


class Runs(StrictModel):
    """The product of names of ``means.yaml``.

    Variants and recipes that a file leaves out are those of ``about`` in ``paper.yaml``.
    """

    datasets: Annotated[tuple[Name, ...], Field(min_length=1)]
    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    variants: Annotated[tuple[Name, ...], Field(min_length=1)]
    recipes: Annotated[tuple[Name, ...], Field(min_length=1)]
    take: Literal["each", "best", "mean"] = "each"  # of the models
    also: "Runs | None" = None  # more runs of this side; what is taken is taken of both


def joined(runs: Runs) -> tuple[Runs, ...]:
    """Return a side's blocks."""
    return (runs, *(joined(runs.also) if runs.also else ()))


class _Test(StrictModel):
    missing: tuple[str, ...] = ()  # what ``means.yaml`` lacks, e.g. ``recipes.sgd``
    note: str = ""


class _Sides(_Test):
    """Left against right; pairs share the axes ``same``, and the seed."""

    left: Runs
    right: Runs
    same: tuple[Axis, ...] = ("dataset",)
    column: Column = "top1"


def _only(*allowed: Column) -> AfterValidator:
    """Refuse other columns: the rule does not judge them."""

    def refuse(column: Column) -> Column:
        if column not in allowed:
            raise ValueError(f"this rule judges {', '.join(allowed)} alone, not {column}")
        return column

    return AfterValidator(refuse)


TopOne = Annotated[Column, _only("top1")]
PeakBytes = Annotated[Column, _only("predicted_peak_bytes")]
Cost = Annotated[Column, _only(*(column for column in get_args(Column) if column != "top1"))]


class DirectionTest(_Sides):
    """A difference has a sign."""

    rule: Literal["R-dir"]
    column: TopOne = "top1"
    direction: Direction
    seeds_min: PositiveInt = 3


class NumberTest(_Sides):
    """A difference has a sign and a size."""

    rule: Literal["R-num"]
    direction: Direction
    by: Literal["points", "relative"] = "points"  # percentage points, or a fraction of the right
    value: FiniteFloat
    tolerance: Name  # a key of ``R-num`` in ``tolerances.yaml``

    @model_validator(mode="after")
    def _has_a_unit(self) -> "NumberTest":
        if (self.by == "points") != (self.column == "top1"):
            raise ValueError("`points` is only valid for top1, `relative` only for other columns")
        return self


class NoDifferenceTest(_Sides):
    """Nothing is gained, or neither side is better."""

    rule: Literal["R-null"]
    column: TopOne = "top1"
    direction: Literal["no_gain", "on_par"]  # a key of ``R-null`` in ``tolerances.yaml``


class RatioTest(_Sides):
    """A ratio is in a band."""

    rule: Literal["R-ratio"]
    column: Cost
    value: Positive | None = None  # with ``tolerance``; else ``at_least`` or ``at_most``
    tolerance: Name | None = None  # a key of ``R-ratio`` in ``tolerances.yaml``
    at_least: Positive | None = None
    at_most: Positive | None = None

    @model_validator(mode="after")
    def _has_a_band(self) -> "RatioTest":
        final_runs = self.at_least is not None or self.at_most is not None
        around = (self.value is not None, self.tolerance is not None)
        if around not in {(True, True), (False, False)} or any(around) == final_runs:
            raise ValueError("needs value and tolerance, or at_least or at_most")
        return self


class MemoryTest(_Sides):
    """Peak memory has an order."""

    rule: Literal["R-mem"]
    direction: Direction
    column: PeakBytes = "predicted_peak_bytes"


class ConvergenceTest(_Sides):
    """The left does not converge, the right does."""

    rule: Literal["R-conv"]
    column: TopOne = "top1"


COMPARED = frozenset({"epochs_to_target", "final_train_loss"})
"""Curves that are read of two sides; all others, of one against a value."""


class CurveTest(_Test):
    """A learning curve has a shape."""

    rule: Literal["R-curve"]
    curve: Curve
    left: Runs
    right: Runs | None = None  # same seeds; None: against ``value``
    same: tuple[Axis, ...] = ("dataset", "model")
    direction: Direction
    value: FiniteFloat = 0.0

    @model_validator(mode="after")
    def _has_as_many_sides(self) -> "CurveTest":
        if (self.right is not None) != (self.curve in COMPARED):
            raise ValueError(
                f"`right` is required by {', '.join(sorted(COMPARED))}, else not allowed"
            )
        return self


class StaticCostTest(_Test):
    """Counts are those that a column prints of a model, whatever the variant."""

    rule: Literal["R-static"]
    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    variants: Annotated[tuple[Name, ...], Field(min_length=1)]
    dataset: Name  # whose images the networks are counted for
    columns: Annotated[tuple[Name, ...], Field(min_length=1)]  # of printed tables


class StructureTest(_Test):
    """Tests of this project hold it to be true of what is built here, or show that it is not."""

    rule: Literal["R-struct"]
    shown_by: tuple[TestReference, ...] = ()
    refuted_by: tuple[TestReference, ...] = ()

    @model_validator(mode="after")
    def _has_evidence(self) -> "StructureTest":
        if not (self.shown_by or self.refuted_by):
            raise ValueError("needs shown_by or refuted_by")
        return self


class ArithmeticTest(_Test):
    """The parts of the claim are the test."""

    rule: Literal["R-arith"]


class Untestable(_Test):
    """No run could tell."""

    rule: Literal["R-none"]
    untestable: str


Test = Annotated[
    DirectionTest
    | NumberTest
    | NoDifferenceTest
    | RatioTest
    | MemoryTest
    | ConvergenceTest
    | CurveTest
    | StaticCostTest
    | StructureTest
    | ArithmeticTest
    | Untestable,
    Field(discriminator="rule"),
]
