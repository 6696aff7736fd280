"""Rules of the verdicts: numbers in, a word and its reason out.

Estimates come from ``cxv.statistics``, which makes them of runs. Names that end in ``_pp`` are in
percentage points. A verdict is never silent: it names what is missing.
"""

from cxv.paper.verdict_rules.counts import is_one_of, memory, static
from cxv.paper.verdict_rules.hypothesis import Claimed, compare, compare_exactly
from cxv.paper.verdict_rules.printed_top1 import accuracy, convergence
from cxv.paper.verdict_rules.verdict import Verdict, Word, not_run, not_testable

__all__ = [
    "Claimed",
    "Verdict",
    "Word",
    "accuracy",
    "compare",
    "compare_exactly",
    "convergence",
    "is_one_of",
    "memory",
    "not_run",
    "not_testable",
    "static",
]
