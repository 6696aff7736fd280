"""What tests of claims are judged by, and what comes of a comparison."""

from dataclasses import dataclass

from cxv.paper.printed_tables import Printed
from cxv.paper.tolerances import Tolerances
from cxv.paper.verdict_rules import Verdict
from cxv.results.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    """One comparison, its verdict, and the records used."""

    what: str
    unit: str
    verdict: Verdict
    claimed: str = ""  # where the number has to be, in words
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgingContext:
    """What every test is judged by."""

    records: Records
    printed: Printed
    tolerances: Tolerances

    @property
    def usual_recipe(self) -> str:
        """That of ``about`` in ``paper.yaml``, which goes without saying."""
        return self.printed.paper.about.recipe
