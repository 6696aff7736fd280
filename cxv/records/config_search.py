"""What a search for printed costs leaves behind, and when a count is what was printed."""

from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import JsonValue, NonNegativeInt, PositiveInt

from cxv.config.spec import ConfigSearch
from cxv.config.strict_model import Name, StrictModel
from cxv.records.costs import Convention
from cxv.records.record import Record

MEGA, GIGA = 1e6, 1e9
ParamsRule = Literal["all", "modules"]
"""Which parameters are counted: every one, or the weights and biases of modules."""

Rule = TypeVar("Rule", bound=str)


def agreeing(counts: Mapping[Rule, int], printed: str, unit: float) -> tuple[Rule, ...]:
    """Return the rules by which a count, in ``unit``, rounds to the digits ``printed``."""
    decimals = len(printed.partition(".")[2])
    return tuple(rule for rule, n in counts.items() if f"{n / unit:.{decimals}f}" == printed)


class Candidate(StrictModel):
    """A network, and its costs by every rule of counting."""

    settings: dict[str, JsonValue]  # dotted keys
    edits: tuple[Name, ...]
    image_size: PositiveInt
    chosen: bool  # by means.yaml
    params: dict[ParamsRule, PositiveInt]
    macs: dict[Convention, NonNegativeInt]  # empty: not counted, for its parameters differ

    def params_rules(self, spec: ConfigSearch) -> tuple[ParamsRule, ...]:
        """Return the rules by which it has the parameters that the paper prints."""
        return agreeing(self.params, spec.params_m, MEGA)

    def macs_rules(self, spec: ConfigSearch) -> tuple[Convention, ...]:
        """Return the rules by which it has the MACs that the paper prints."""
        return agreeing(self.macs, spec.macs_g, GIGA)


class SearchResult(StrictModel):
    """What was found in a space. If nothing explains both numbers, what comes nearest to each."""

    tried: PositiveInt  # networks
    choice: Candidate  # of means.yaml, whether it explains both numbers or not
    explanations: tuple[Candidate, ...]
    nearest: tuple[Candidate, ...]  # by parameters, then by MACs; empty if anything explains both


class ConfigSearchRecord(Record):
    """``<model>.json`` of one model."""

    spec: ConfigSearch
    findings: SearchResult
