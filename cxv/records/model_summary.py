"""What a network is made of, as seen in a forward pass: drawn from it are Figures 1 and 3."""

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from cxv.config.spec import ModelSummary
from cxv.config.strict_model import StrictModel
from cxv.records.costs import Convention
from cxv.records.record import Record

Form = Literal["chain", "residual", "whole"]
"""Parts one after the other; the same, and what entered added to what leaves; or of any order."""


class ModuleSummary(StrictModel):
    """A module, and what leaves it for one image; of identities there is none."""

    name: str  # in the network, e.g. ``layers.0.1``
    kind: str  # its class
    detail: str  # settings, in a few words
    form: Form  # a module without parts is a whole
    shape: tuple[PositiveInt, ...]
    params: NonNegativeInt  # all elements
    macs: dict[Convention, NonNegativeInt]  # of one image
    parts: tuple["ModuleSummary", ...] = ()

    @property
    def pattern(self) -> "ModuleSummary":
        """The same without names: equal for blocks that are built alike."""
        return self.model_copy(
            update={"name": "", "parts": tuple(part.pattern for part in self.parts)}
        )


class ModelSummaryRecord(Record):
    """``<model>.json``: the module structure of one network."""

    spec: ModelSummary
    model_summary: ModuleSummary
