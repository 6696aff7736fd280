"""A mean over seeds and test images, its interval and its test."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped
from scipy import special

ALPHA = 0.05
"""With which an interval misses the truth, unless ``tolerances.yaml`` says another."""

MIN_SEEDS = 3
"""Fewer say too little of their own spread for any interval."""

Answers = Mapping[int, Shaped[np.ndarray, " images"]]
"""Seed -> whether each test image was answered rightly, or by which share of models, in order."""


class Interval(NamedTuple):
    """From ``low`` to ``high``; either may be infinite."""

    low: float
    high: float


class Prior(NamedTuple):
    """What the other pairs of a study say of the variance between seeds, see ``moderation``."""

    variance: float  # between seeds, in the unit of the mean, squared
    freedom: float  # degrees: how much it weighs, next to seeds - 1 of the pair's own; may be inf
    lent: float  # degrees of freedom that one pair may add to its own
    pairs: int  # that said so


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds and the variances of this mean, in the unit of what was averaged."""

    mean: float
    seed_variance: float  # of the mean, from a new choice of seeds, by its own seeds; nan of one
    image_variance: float  # of the mean, from a new choice of test images; 0: these very images
    seeds: int
    least_variance: float = 0.0  # of the mean of these very seeds, from a new choice of images
    prior: Prior | None = None  # None: no other pairs to learn from

    @property
    def sd(self) -> float:
        """Deviation between its own seeds."""
        return sqrt(self.seed_variance * self.seeds)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return sqrt(max(self._variance, self.least_variance))

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the standard error, of Student's t.

        By Satterthwaite's formula where the seeds' variance is moderated: images are so many that
        their variance counts as known. Without a prior those of the seeds, whatever the images add:
        too few seeds for the formula, by which up to 7.8 % of 95 % intervals would miss.
        """
        own = float(self.seeds - 1)
        if self.prior is None:
            return own
        by_seeds = self._moderated
        share = by_seeds / self._variance if self._variance else 1.0
        return (own + min(self.prior.freedom, self.prior.lent)) / share**2 if share else inf

    @property
    def _moderated(self) -> float:
        """The variance of the mean between seeds, after the other pairs were heard (Smyth 2004)."""
        if self.prior is None:
            return self.seed_variance
        weight = 1 / (1 + (self.seeds - 1) / self.prior.freedom)
        return weight * self.prior.variance / self.seeds + (1 - weight) * self.seed_variance

    @property
    def _variance(self) -> float:
        return self._moderated + self.image_variance

    def scaled(self, factor: float, mean: float) -> "Estimate":
        """Return the estimate in another unit, as a percentage of something, around ``mean``."""
        prior = self.prior
        return replace(
            self,
            mean=mean,
            seed_variance=factor**2 * self.seed_variance,
            image_variance=factor**2 * self.image_variance,
            least_variance=factor**2 * self.least_variance,
            prior=prior and prior._replace(variance=factor**2 * prior.variance),
        )

    def interval(self, alpha: float) -> Interval | None:
        """Return the interval that misses the truth with probability ``alpha``, in equal tails.

        It is no narrower than that over images alone, of these very seeds: seeds that tie are no
        certainty. None of fewer than ``MIN_SEEDS`` seeds, and where nothing varied.
        """
        if not (scales := self._scales):
            return None
        reach = max(-float(special.stdtrit(freedom, alpha / 2)) * x for freedom, x in scales)
        return Interval(self.mean - reach, self.mean + reach)

    def interval_of_images(self, alpha: float) -> Interval | None:
        """Return the interval over images alone, of these very seeds, however few they are."""
        if not self.least_variance:
            return None
        reach = -float(special.ndtri(alpha / 2)) * sqrt(self.least_variance)
        return Interval(self.mean - reach, self.mean + reach)

    def p_value(self, null: float = 0.0) -> float | None:
        """Return the ``alpha`` at which ``null`` is an end of the interval; None without one."""
        if not (scales := self._scales):
            return None
        off = abs(self.mean - null)
        return max(2 * float(special.stdtr(freedom, -off / x)) for freedom, x in scales)

    @property
    def _scales(self) -> list[tuple[float, float]]:
        """Degrees of freedom and standard errors: of seeds and images, and of images alone."""
        if self.seeds < MIN_SEEDS:
            return []
        both, images = sqrt(self._variance), sqrt(self.least_variance)
        return [(freedom, x) for freedom, x in ((self.freedom, both), (inf, images)) if x]
