"""What ``claims.yaml`` and ``inconsistencies.yaml`` hold."""

from typing import Annotated

from pydantic import Field, StringConstraints

from cxv.config.strict_model import Name, StrictModel
from cxv.paper.claim_tests import Test
from cxv.paper.printed_check_spec import Check

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]*$")]
Parts = Annotated[tuple[Check, ...], Field(min_length=1)]


class Claim(StrictModel):
    """A sentence of the paper, in our words."""

    section: str  # of the paper; several are divided by commas
    place: str = ""  # paragraph and sentence; none: a control that the paper lacks
    quote: str = ""  # of the sentence, the words that make the claim
    claim: str
    parts: Parts
    tests: Annotated[tuple[Test, ...], Field(min_length=1)]

    @property
    def is_control(self) -> bool:
        """Tell a control that the paper lacks from a claim of the paper."""
        return self.place == "none"

    @property
    def first(self) -> str:
        """The chapter in which it first stands."""
        return self.section.partition(",")[0].partition(".")[0]


class ClaimsFile(StrictModel):
    """``claims.yaml``."""

    sections: dict[str, str]  # chapter -> its heading in a report
    groups: dict[Name, Annotated[tuple[Name, ...], Field(min_length=1)]]
    claims: dict[Id, Claim]


class Inconsistency(StrictModel):
    """Where the paper contradicts itself, or its released code; its parts show that."""

    what: str
    touches: Annotated[tuple[str, ...], Field(min_length=1)]  # claims, and selectors of cells
    parts: Parts


class InconsistenciesFile(StrictModel):
    """``inconsistencies.yaml``."""

    inconsistencies: dict[Id, Inconsistency]
