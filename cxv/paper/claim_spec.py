"""What ``claims.yaml`` and ``inconsistencies.yaml`` hold."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from cxv.config.strict_model import Name, StrictModel
from cxv.paper.claim_tests import Test
from cxv.paper.printed_check_spec import Check

ClaimId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}-[A-Z]?[1-9][0-9]*$")]
InconsistencyId = Annotated[str, StringConstraints(pattern=r"^INC-[0-9]{2}$")]
Parts = Annotated[tuple[Check, ...], Field(min_length=1)]
Kind = Literal[
    "ablation",
    "background",
    "comparison",
    "conjecture",
    "control",
    "directional",
    "figure",
    "qualitative",
    "ratio",
    "setup",
    "structural",
]


class Claim(StrictModel):
    """A sentence of the paper, in our words."""

    section: str  # of the paper
    claim: str
    kind: Kind
    parts: Parts
    tests: Annotated[tuple[Test, ...], Field(min_length=1)]


class ClaimsFile(StrictModel):
    """``claims.yaml``."""

    groups: dict[Name, Annotated[tuple[Name, ...], Field(min_length=1)]]
    claims: dict[ClaimId, Claim]


class Inconsistency(StrictModel):
    """Where the paper contradicts itself, or its released code; its parts show that."""

    what: str
    severity: Literal["high", "medium", "low", "info"]
    touches: Annotated[tuple[str, ...], Field(min_length=1)]  # claims, and selectors of cells
    parts: Parts


class InconsistenciesFile(StrictModel):
    """``inconsistencies.yaml``."""

    inconsistencies: dict[InconsistencyId, Inconsistency]
