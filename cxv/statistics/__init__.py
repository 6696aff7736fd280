"""What seeds and test images say of a mean: its intervals and tests, and the seeds it needs.

Why the interval is this one, and how often it holds the truth: D27 in data/paper/README.md and
``benchmarks/coverage.py``.
"""

from cxv.statistics.differences import (
    best_of_first,
    crossed,
    interval_of_images,
    mean_over_seeds,
    paired,
)
from cxv.statistics.estimate import MIN_SEEDS, Answers, Estimate, Interval, Prior
from cxv.statistics.moderation import MIN_PAIRS, fit_prior

__all__ = [
    "MIN_PAIRS",
    "MIN_SEEDS",
    "Answers",
    "Estimate",
    "Interval",
    "Prior",
    "best_of_first",
    "crossed",
    "fit_prior",
    "interval_of_images",
    "mean_over_seeds",
    "paired",
]
