"""Made-up studies whose truth is known: models that answer the same test images, seed by seed.

A run is right on an image if the skill of its model and its luck as a run outweigh how hard the
image is for all, how hard it is for this model, and noise of this run on this image. What makes an
answer hard is normal, and all models have the same top-1: no two of them differ.
"""

from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from scipy import optimize, stats

from cxv.statistics import Estimate, Prior


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where the runs of a study come from; what makes an answer hard has variance 1 in all."""

    images: int = 360
    top1: float = 0.88
    share: float = 0.7  # of the variance of a difference over three seeds that seeds make
    models: int = 6  # all pairs of them are compared
    log_sd: float = 0.0  # deviation of the logarithm of the variances of models between seeds
    lost: float = 0.0  # share of seeds, of every second model, that end in a second, worse mode
    kinship: float = 0.3  # of the luck of all models under one seed: chains share their first link

    @property
    def alone(self) -> float:
        """Variance of what is hard for one model only."""
        return 0.08 if self.share < 1 else 0.0

    @property
    def noise(self) -> float:
        """Variance of what is hard for one run only; without it and luck, seeds tie."""
        return 0.06 * self.share**2

    @property
    def image_variance(self) -> float:
        """Variance of a difference of accuracies from one image to the next, of all seeds."""
        return 2 * (self._both(1 - self.noise) - self._both(1 - self.noise - self.alone))

    @property
    def seed_sd(self) -> float:
        """Deviation between the seeds of a model, of an accuracy over images without end."""
        if self.share in (0, 1):
            return 0.04 * self.share * sqrt(self.top1 * (1 - self.top1))
        of_images = self.image_variance / self.images
        wanted = 3 * of_images * self.share / (1 - self.share)
        rest = 2 * (self.top1 - self._both(1 - self.noise)) / self.images
        if rest > wanted:
            raise ValueError(f"noise alone makes a larger share than {self.share}")
        return sqrt((wanted - rest) / 2 / (1 - self.kinship))

    def _both(self, correlation: float) -> float:
        """Return the chance that two runs are right on an image, so correlated."""
        return _both_below(float(stats.norm.ppf(self.top1)), correlation)

    def draw(self, seeds: int, random: np.random.Generator) -> np.ndarray:
        """Return whether each answer is right, as (models, seeds, images)."""
        skill = self._skill(seeds, random).astype(np.float32)[..., None]
        hard = sqrt(1 - self.alone - self.noise) * _normal(random, 1, 1, self.images)
        if self.alone:
            hard = hard + sqrt(self.alone) * _normal(random, self.models, 1, self.images)
        if not self.noise:
            return hard < skill
        noise = _normal(random, self.models, seeds, self.images)
        noise *= np.float32(sqrt(self.noise))
        return np.add(noise, hard, out=noise) < skill

    def _skill(self, seeds: int, random: np.random.Generator) -> np.ndarray:
        """Return skill and luck of each run, (models, seeds); its top-1 is the normal cdf of it."""
        level = stats.norm.ppf(self.top1)
        spread = np.exp(self.log_sd / 2 * random.standard_normal((self.models, 1)))
        spread /= np.exp(self.log_sd**2 / 4)  # variances of mean 1
        sd = self.seed_sd / stats.norm.pdf(level) * spread
        shared = random.standard_normal((1, seeds))
        own = random.standard_normal((self.models, seeds))
        luck = sqrt(self.kinship) * shared + sqrt(1 - self.kinship) * own
        skill = level * np.sqrt(1 + sd**2) + sd * luck
        if self.lost:
            low, high = self._modes(float(sd[0, 0]))
            skill[1::2] = np.where(random.random(skill[1::2].shape) < self.lost, low, high)
        return skill

    def _modes(self, sd: float) -> tuple[float, float]:
        """Return two skills, so that top-1 is as of the others and skills deviate as theirs."""
        apart = sd / sqrt(self.lost * (1 - self.lost))

        def excess(low: float) -> float:
            lost, found = stats.norm.cdf([low, low + apart])
            return self.lost * lost + (1 - self.lost) * found - self.top1

        low = optimize.brentq(excess, -10, 10)
        return low, low + apart


@cache
def _both_below(level: float, correlation: float) -> float:
    if correlation >= 1:
        return float(stats.norm.cdf(level))
    cov = [[1, correlation], [correlation, 1]]
    return float(stats.multivariate_normal.cdf([level, level], cov=cov))


def _normal(random: np.random.Generator, *shape: int) -> np.ndarray:
    return random.standard_normal(shape, np.float32)


class Trial(NamedTuple):
    """What all methods need of a study's answers, in fractions of 1."""

    means: np.ndarray  # (models, seeds), of images
    both: np.ndarray  # (models, seeds, models, seeds), share of images that both runs got right
    images: int

    @classmethod
    def of(cls, right: np.ndarray) -> "Trial":
        """Sum answers of (models, seeds, images) up."""
        models, seeds, images = right.shape
        flat = right.reshape(models * seeds, images).astype(np.float32)
        both = (flat @ flat.T).astype(float) / images
        return cls(
            both.diagonal().reshape(models, seeds), both.reshape((models, seeds) * 2), images
        )


class Pairs(NamedTuple):
    """All pairs of a study, in percentage points: what ``crossed`` says of each."""

    by_seed: np.ndarray  # (pairs, seeds): differences
    seed_variance: np.ndarray  # (pairs,), as the next
    image_variance: np.ndarray
    least_variance: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """Differences over seeds."""
        return self.by_seed.mean(-1)

    def at(self, trial: int) -> "Pairs":
        """Return the pairs of one of several trials."""
        return Pairs(*(x[trial] for x in self))

    def estimates(self, prior: Prior | None) -> list[Estimate]:
        """Return what the project makes of the pairs of one study."""
        numbers = zip(self.mean, *self[1:], strict=True)
        seeds = self.by_seed.shape[-1]
        return [
            Estimate(float(mean), float(by_seed), float(by_image), seeds, float(least), prior)
            for mean, by_seed, by_image, least in numbers
        ]

    @classmethod
    def of(cls, trial: Trial, seeds: int) -> "Pairs":
        """Take the first seeds of each model."""
        left, right = np.triu_indices(len(trial.means), 1)
        means, both = trial.means[:, :seeds], trial.both[:, :seeds, :, :seeds]
        d = means[left] - means[right]
        square = d.mean(1) ** 2
        of_both = both.mean((1, 3))
        image_squares = (
            of_both[left, left] + of_both[right, right] - 2 * of_both[left, right] - square
        )
        same_seed = np.einsum("asbs->ab", both) / seeds
        squares = (means[left] + means[right]).mean(1) - 2 * same_seed[left, right] - square
        rest = (squares - d.var(1) - image_squares) / ((seeds - 1) * (trial.images - 1))
        by_image = image_squares / (trial.images - 1)
        least = np.maximum(by_image, 2 / (trial.images + 2) ** 2)
        return cls(
            100 * d,
            100**2 * d.var(1, ddof=1) / seeds,
            100**2 * np.maximum(0, by_image - rest),
            100**2 * least,
        )
