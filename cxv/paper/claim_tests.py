"""How runs of our own are to test a claim: the rule, which runs, and where the result must be."""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, model_validator

from cxv.config.strict_model import Name, StrictModel
from cxv.paper.printed_check_spec import Axis, Decision, Measure, TestReference
from cxv.paper.verdict_rules import Claimed
from cxv.results.curves import Curve

Column = Literal[
    "params",
    "params_modules",
    "macs_thop",
    "macs_ptflops",
    "macs_fvcore",
    "predicted_peak_bytes",
]
"""Of the profile of a network; see ``cxv.results.table``."""

Evidence = Literal[
    "trained runs",
    "counts of untrained networks",
    "predicted memory",
    "tests of the code",
    "printed numbers",
    "nothing",
]
"""What a verdict rests on."""

RULES: Mapping[str, Evidence] = MappingProxyType(
    {
        "top1": "trained runs",
        "curve": "trained runs",
        "no_convergence": "trained runs",
        "cost": "counts of untrained networks",
        "as_printed": "counts of untrained networks",
        "structure": "tests of the code",
        "arithmetic": "printed numbers",
        "untestable": "nothing",
    }
)
"""Rules, and what they rest on; a cost in bytes rests on predicted memory."""


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
    missing: tuple[str, ...] = ()  # not there yet: ``recipes.sgd`` of ``means.yaml``, a rule
    fitted: tuple[Decision, ...] = ()  # its settings were chosen because they give the print
    note: str = ""

    @model_validator(mode="after")
    def _takes_what_it_can(self) -> "_Test":
        sides = [getattr(self, side, None) for side in ("left", "right")]
        allowed = TAKES.get(getattr(self, "rule", ""), {"each"})
        if strange := {x.take for x in sides if x} - allowed:
            raise ValueError(f"this rule takes {', '.join(sorted(allowed))}, not {strange.pop()}")
        return self


TAKES: Mapping[str, set[str]] = MappingProxyType(
    {"top1": {"each", "best", "mean"}, "cost": {"each", "mean"}}
)
"""What a rule may take of several models; other rules take each."""


class _Hypothesis(_Test):
    """A claim of where a number is."""

    above: FiniteFloat | None = None
    below: FiniteFloat | None = None
    within: tuple[FiniteFloat, FiniteFloat] | None = None
    why: str  # the words of the sentence that give the direction and the margin

    @model_validator(mode="after")
    def _has_one_bound(self) -> "_Hypothesis":
        bounds = (self.above, self.below, self.within)
        if sum(bound is not None for bound in bounds) != 1:
            raise ValueError("needs one of above, below, within")
        if self.within and self.within[0] >= self.within[1]:
            raise ValueError("within needs the lower end, then the upper one")
        return self

    @property
    def claimed(self) -> Claimed:
        """Where the number has to be."""
        if self.within:
            return Claimed(*self.within)
        above = -math.inf if self.above is None else self.above
        return Claimed(above, math.inf if self.below is None else self.below)


class Top1Test(_Hypothesis):
    """Top-1 of left against right; pairs share the axes ``same``, and the seed."""

    rule: Literal["top1"]
    left: Runs
    right: Runs
    same: tuple[Axis, ...] = ("dataset",)
    by: Literal["difference", "percent"] = "difference"  # percentage points, or % of the right


class CostTest(_Hypothesis):
    """A cost of left against right."""

    rule: Literal["cost"]
    column: Column
    left: Runs
    right: Runs
    same: tuple[Axis, ...] = ("dataset",)
    by: Measure = "difference"  # in M, G or GB


COMPARED = frozenset({"epochs_to_target", "final_train_loss"})
"""Curves that are read of two sides; all others, of one."""


class CurveTest(_Hypothesis):
    """A learning curve has a shape."""

    rule: Literal["curve"]
    curve: Curve
    left: Runs
    right: Runs | None = None  # same seeds; None: what is read of the left is compared by itself
    same: tuple[Axis, ...] = ("dataset", "model")

    @model_validator(mode="after")
    def _has_as_many_sides(self) -> "CurveTest":
        if (self.right is not None) != (self.curve in COMPARED):
            raise ValueError(
                f"`right` is required by {', '.join(sorted(COMPARED))}, else not allowed"
            )
        return self


class ConvergenceTest(_Test):
    """The left does not converge, the right does."""

    rule: Literal["no_convergence"]
    left: Runs
    right: Runs
    same: tuple[Axis, ...] = ("dataset",)


class AsPrintedTest(_Test):
    """Counts round to what a column prints of a model, whatever the variant."""

    rule: Literal["as_printed"]
    models: Annotated[tuple[Name, ...], Field(min_length=1)]
    variants: Annotated[tuple[Name, ...], Field(min_length=1)]
    dataset: Name  # whose images the networks are counted for
    columns: Annotated[tuple[Name, ...], Field(min_length=1)]  # of printed tables


class StructureTest(_Test):
    """Tests of this project hold it to be true of what is built here, or show that it is not."""

    rule: Literal["structure"]
    shown_by: tuple[TestReference, ...] = ()
    refuted_by: tuple[TestReference, ...] = ()

    @model_validator(mode="after")
    def _has_evidence(self) -> "StructureTest":
        if not (self.shown_by or self.refuted_by):
            raise ValueError("needs shown_by or refuted_by")
        return self


class ArithmeticTest(_Test):
    """The parts of the claim are the test."""

    rule: Literal["arithmetic"]


class Untestable(_Test):
    """No run could tell."""

    rule: Literal["untestable"]
    untestable: str


Test = Annotated[
    Top1Test
    | CostTest
    | CurveTest
    | ConvergenceTest
    | AsPrintedTest
    | StructureTest
    | ArithmeticTest
    | Untestable,
    Field(discriminator="rule"),
]


def evidence(test: Test) -> Evidence:
    """Return what the verdict of a test rests on."""
    if isinstance(test, CostTest) and test.column == "predicted_peak_bytes":
        return "predicted memory"
    return RULES[test.rule]


def asks(test: Test) -> str:
    """Return where a number has to be for a claim, and which words of it say so."""
    if not isinstance(test, Top1Test | CostTest | CurveTest):
        return ""
    by = getattr(test, "by", "difference")
    kind = "ratio" if by == "ratio" else test.claimed.kind
    return f"{kind}, {test.claimed.words}{' %' * (by == 'percent')}: {test.why}"
