"""The interval of a top-1: over seeds and test images, or of a seed's images alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from cxv.results.lookup import Gap, RunLookup, top1
from cxv.results.records import Records
from cxv.statistics import Interval, crossed, interval_of_images, mean_over_seeds

PERCENT = 100


@dataclass(frozen=True, slots=True)
class AccuracyInterval:
    """Where the top-1 of a network trained this way is, in percent."""

    low: float
    high: float
    over: str  # what was sampled: the interval says nothing of anything else

    @property
    def interval(self) -> Interval:
        """Both ends."""
        return Interval(self.low, self.high)


def accuracy_interval(
    records: Records, runs: Mapping[int, RunLookup], alpha: float
) -> AccuracyInterval | None:
    """Return the interval of the mean top-1 of some seeds; None if none of them has any.

    Of three seeds or more it is of a new seed on images like the test images. Of fewer it is of
    these very networks, on such images.
    """
    scored = {seed: run for seed, run in runs.items() if top1(run) is not None}
    if not scored:
        return None
    if found := _over_seeds(records, scored, alpha):
        return found
    shares = [share for run in scored.values() if (share := top1(run)) is not None]
    first = next(iter(scored.values())).record
    images = 0 if isinstance(first, Gap) else first.outcome.test_images
    low, high = interval_of_images(round(images * fmean(shares)), images, alpha)
    return AccuracyInterval(PERCENT * low, PERCENT * high, "test images alone")


def _over_seeds(
    records: Records, runs: Mapping[int, RunLookup], alpha: float
) -> AccuracyInterval | None:
    answers = {seed: x for seed, run in runs.items() if (x := records.answers(run)) is not None}
    if len(answers) == len(runs) and len({len(x) for x in answers.values()}) == 1:
        none = {seed: np.zeros_like(x) for seed, x in answers.items()}
        estimate, over = crossed(answers, none), "seeds and test images"
    else:
        scores = {seed: PERCENT * (top1(run) or 0.0) for seed, run in runs.items()}
        estimate, over = mean_over_seeds(scores), "seeds alone, as the test images differ"
    dataset = next(iter(runs.values())).spec.dataset.name
    prior = records.seed_variances.of_cell(dataset)
    interval = replace(estimate, prior=prior).interval(alpha) if estimate else None
    if interval is None:
        return None
    return AccuracyInterval(max(0.0, interval.low), min(float(PERCENT), interval.high), over)
