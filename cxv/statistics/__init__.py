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
from cxv.statistics.estimate import ALPHA, MIN_SEEDS, Answers, Estimate, Interval, Prior
from cxv.statistics.moderation import MIN_PAIRS, fit_prior
from cxv.statistics.pooled import MIN_MODELS, Effect, Pooled, pool

__all__ = [
    "ALPHA",
    "MIN_MODELS",
    "MIN_PAIRS",
    "MIN_SEEDS",
    "Answers",
    "Effect",
    "Estimate",
    "Interval",
    "Pooled",
    "Prior",
    "best_of_first",
    "crossed",
    "fit_prior",
    "interval_of_images",
    "mean_over_seeds",
    "paired",
    "pool",
]
