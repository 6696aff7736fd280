"""How often does an interval over models hold the effect in a new one? ``-m benchmarks.pooled``.

Models differ in their effect; each is trained on its own seeds; all answer the same test images.
Half of the variance that images give to the difference of one model is shared by all models. A
t-test on the models' effects, which a meta-analysis with weights that do not vary comes to as well,
takes them as independent. One minute on one thread; the standard error of a rate is 0.5 points.
"""

from math import sqrt

import numpy as np
from scipy import stats

from cxv.statistics import Effect, Estimate, pool

ALPHA, TRIALS, IMAGES = 0.05, 2000, 50
SEED_ERROR, IMAGE_ERROR = 0.2, 0.3  # of one model's difference, percentage points


def draw(models: int, spread: float, random: np.random.Generator) -> np.ndarray:
    """Return differences as (models, images), of 1; the true effect is 0."""
    error = IMAGE_ERROR * sqrt(IMAGES / 2)
    of_models = random.normal(0, sqrt(spread**2 + SEED_ERROR**2), (models, 1))
    shared, own = random.normal(0, error, IMAGES), random.normal(0, error, (models, IMAGES))
    return (of_models + shared + own) / 100


def held(models: int, spread: float, trials: int = TRIALS) -> tuple[float, float]:
    """Return how many percent of our intervals hold the effect, and of those of a t-test."""
    random = np.random.default_rng(4)
    quantile = stats.t.isf(ALPHA / 2, models - 1) / sqrt(models)
    ours = naive = 0
    for _ in range(trials):
        by_image = draw(models, spread, random)
        means = 100 * by_image.mean(1)
        found = pool([[_effect(mean, d) for mean, d in zip(means, by_image, strict=True)]])
        interval = found.interval(ALPHA) if found else None
        if interval is None:
            raise ValueError("three models have an interval")
        ours += interval.low <= 0 <= interval.high
        naive += abs(means.mean()) <= quantile * means.std(ddof=1)
    return 100 * ours / trials, 100 * naive / trials


def _effect(mean: float, by_image: np.ndarray) -> Effect:
    return Effect(Estimate(mean, SEED_ERROR**2, IMAGE_ERROR**2, 3), by_image)


def main() -> None:
    """Print a line for each number of models and spread between them."""
    print(f"{'models':>6}  {'spread':>6}  {'ours':>5}  {'t-test':>6}")
    for models in (3, 5, 15):
        for spread in (0.0, 0.3, 1.0):
            ours, naive = held(models, spread)
            print(f"{models:6}  {spread:6.1f}  {ours:5.1f}  {naive:6.1f}", flush=True)


if __name__ == "__main__":
    main()
