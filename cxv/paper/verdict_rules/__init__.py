"""What runs say of a claim: one pure function a rule, and the verdict that all of them give.

Rules judge estimates, which ``cxv.statistics`` makes of runs. Names that end in ``_pp`` are in
percentage points. A verdict is never silent: it names what is missing.
"""

from cxv.paper.verdict_rules.counts import is_one_of, less_memory, memory, ratio, static
from cxv.paper.verdict_rules.over_seeds import (
    Side,
    accuracy,
    convergence,
    curve,
    direction,
    no_gain,
    number,
    on_par,
    within_family,
)
from cxv.paper.verdict_rules.verdict import Verdict, Word, not_run, not_testable

__all__ = [
    "Side",
    "Verdict",
    "Word",
    "accuracy",
    "convergence",
    "curve",
    "direction",
    "is_one_of",
    "less_memory",
    "memory",
    "no_gain",
    "not_run",
    "not_testable",
    "number",
    "on_par",
    "ratio",
    "static",
    "within_family",
]
