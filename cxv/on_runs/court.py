"""What tests of claims are judged by, and what comes of a comparison."""

from dataclasses import dataclass

from cxv.claims.printed import Printed
from cxv.on_runs.records import Records
from cxv.tolerances import Tolerances
from cxv.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One comparison, its verdict, and the records that this stands on."""

    what: str
    unit: str
    verdict: Verdict
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Court:
    """What every test is judged by."""

    records: Records
    printed: Printed
    tolerances: Tolerances
