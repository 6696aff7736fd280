"""One effect in several models -> the effect in a new model, and how far models are apart.

Every model counts once. With one study's seeds and images for all, the weights of a random-effects
meta-analysis would be equal but for chance, and its interval (Hartung and Knapp 2001) is then that
of a t-test on the models' effects, which has no need of their errors. Such an analysis takes the
effects as independent. They are not: all models answer the same test images. Models and images
cross, as seeds and images do in ``crossed``, so the variance that they share is added once. With
half of it shared, 95 to 97.5 % of these intervals hold the effect, of 3 to 15 models, and 51 to
95 % of those of the t-test (``benchmarks/pooled.py``).

The interval is of a new model like those tried, on new seeds and images like the test images; over
several datasets, on these datasets. Seeds of different models are taken as independent.

Hedges, L. V. and Olkin, I. (1985). Statistical methods for meta-analysis. Academic Press. The
spread between models, by the method of moments.

Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general
approach. Statistics in Medicine 27. The intervals of two independent parts make that of their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np
from jaxtyping import Float
from scipy import special

from cxv.statistics.differences import crossed
from cxv.statistics.estimate import MIN_SEEDS, Estimate, Interval

MIN_MODELS = MIN_SEEDS
"""Fewer say too little of their own spread for any interval."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What was found of one model on one dataset."""

    estimate: Estimate  # percentage points
    by_image: Float[np.ndarray, " images"] | None = None  # its mean over seeds, of 1; None: unknown


@dataclass(frozen=True, slots=True)
class Pooled:
    """The mean over models, and the variances of this mean, in percentage points."""

    mean: float
    model_variance: float  # of the mean, from a new choice of models and of their seeds
    image_variance: float  # of the mean, from a new choice of test images; 0: these very images
    models: int
    spread: float | None  # deviation between models beyond chance; None: their errors are unknown

    def interval(self, alpha: float) -> Interval | None:
        """Return the interval that misses the truth with probability ``alpha``, in equal tails.

        None of fewer than ``MIN_MODELS`` models, and where nothing varied: that is no certainty.
        """
        if self.models < MIN_MODELS or not self.model_variance + self.image_variance:
            return None
        by_models = special.stdtrit(self.models - 1, alpha / 2) ** 2 * self.model_variance
        by_images = special.ndtri(alpha / 2) ** 2 * self.image_variance
        reach = sqrt(by_models + by_images)
        return Interval(self.mean - reach, self.mean + reach)


def pool(datasets: Sequence[Sequence[Effect]]) -> Pooled | None:
    """Return the mean effect over models; of each, it is the mean over datasets.

    Args:
        datasets: the effects of the same models in the same order on each. They share no images.

    Returns:
        None of fewer than two models.
    """
    models = len(datasets[0])
    if models < 2:  # noqa: PLR2004 - nothing to pool
        return None
    means = np.mean([[one.estimate.mean for one in effects] for effects in datasets], axis=0)
    errors = np.mean([[one.estimate.error**2 for one in effects] for effects in datasets], axis=0)
    shared = sum(map(_shared_variance, datasets)) / len(datasets) ** 2
    between = float(means.var(ddof=1))
    own = float(errors.mean()) / len(datasets) - shared
    spread = sqrt(max(0.0, between - own)) if isfinite(own) else None
    return Pooled(float(means.mean()), between / models, shared, models, spread)


def _shared_variance(effects: Sequence[Effect]) -> float:
    """Return the variance of the mean over models from images, which agree on all of them."""
    by_image = {i: one.by_image for i, one in enumerate(effects) if one.by_image is not None}
    if len(by_image) < len(effects) or len({len(one) for one in by_image.values()}) > 1:
        return 0.0
    nothing = np.zeros_like(by_image[0])
    found = crossed(by_image, dict.fromkeys(by_image, nothing))
    return found.image_variance if found else 0.0
