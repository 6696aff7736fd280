"""How often does an interval of a difference of top-1 hold the truth? ``-m benchmarks.coverage``.

Two models answer the same test images. A run is right on an image if the skill of its model and its
luck as a run outweigh how hard the image is for all, how hard it is for this model, and noise of
this run on this image. All are normal, so that the true top-1 is known. Every trial draws new seeds
and new images; all methods and worlds meet the same chances. Two minutes on one thread.

The first table compares methods on the first of the worlds, the second has ours in all of them.
Held: intervals with the truth in them; false: wholly above 0 where there is no difference; found:
the same where there is one. The standard error of a rate is 0.5 points at 95 %, 0.35 at 2.5 %.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import sqrt
from types import MappingProxyType

import numpy as np
from scipy import stats

from cxv.statistics import Estimate, Interval, crossed, paired

ALPHA, TRIALS, RESAMPLES, EFFECT_PP = 0.05, 2000, 200, 1.0
SEEDS = (3, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where runs come from; what makes an answer hard has variance 1 in all."""

    images: int = 1000
    top1: float = 0.88  # of the model on the right
    seed_sd: float = 0.0025  # of top-1, on images without end
    kinship: float = 0.5  # of the luck of both sides under one seed: chains share their first link
    alone: float = 0.08  # variance of what is hard for one model only
    noise: float = 0.12  # variance of what is hard for one run only

    def draw(self, seeds: int, random: np.random.Generator) -> np.ndarray:
        """Return whether each answer is right, as (2 effects, 2 models, seeds, images).

        First with no difference between the models, then with EFFECT_PP, from the same chances.
        """
        top1 = self.top1 + np.array([[0, 0], [EFFECT_PP / 100, 0]])
        luck_sd = self.seed_sd / stats.norm.pdf(stats.norm.ppf(top1))
        skill = stats.norm.ppf(top1) * np.sqrt(1 + luck_sd**2)
        shared, own = random.standard_normal((1, seeds)), random.standard_normal((2, seeds))
        luck = sqrt(self.kinship) * shared + sqrt(1 - self.kinship) * own
        hard = sqrt(1 - self.alone - self.noise) * _normal(random, 1, 1, self.images)
        hard = hard + sqrt(self.alone) * _normal(random, 2, 1, self.images)
        hard = hard + sqrt(self.noise) * _normal(random, 2, seeds, self.images)
        return hard < np.float32(skill[..., None] + luck_sd[..., None] * luck)[..., None]


def _normal(random: np.random.Generator, *shape: int) -> np.ndarray:
    return random.standard_normal(shape, np.float32)


WORLDS: Mapping[str, World] = MappingProxyType(
    {
        "88 %, 1,000 images": World(),
        "88 %, 10,000 images": World(images=10_000),
        "58 %": World(top1=0.58),
        "seeds of no account": World(seed_sd=0),
        "seeds of 1 point": World(seed_sd=0.01, kinship=0),
        "images of no account": World(alone=0, kinship=0),
    }
)


def estimate(right: np.ndarray) -> Estimate:
    """Return what the project prints of a trial."""
    found = crossed(dict(enumerate(right[0])), dict(enumerate(right[1])))
    if found is None:
        raise ValueError("a trial has seeds")
    return found


def ours(right: np.ndarray, _: np.random.Generator) -> Interval | None:
    """Seeds and images, with the critical value of ``Estimate``."""
    return estimate(right).interval(ALPHA)


def satterthwaite(right: np.ndarray, _: np.random.Generator) -> Interval:
    """Seeds and images, with Student's t of Satterthwaite's degrees of freedom."""
    found = estimate(right)
    share = found.seed_variance / found.error**2
    reach = stats.t.isf(ALPHA / 2, (found.seeds - 1) / max(share, 1e-3) ** 2) * found.error
    return Interval(found.mean - reach, found.mean + reach)


def paired_t(right: np.ndarray, _: np.random.Generator) -> Interval | None:
    """Seeds alone."""
    left, other = (dict(enumerate(100 * side.mean(1))) for side in right)
    found = paired(left, other)
    return found and found.interval(ALPHA)


def percentile_of_seeds(right: np.ndarray, random: np.random.Generator) -> Interval:
    """Bootstrap over seeds."""
    of_seeds = 100 * (right[0].mean(1) - right[1].mean(1))
    means = random.choice(of_seeds, (RESAMPLES, len(of_seeds))).mean(1)
    return Interval(*np.quantile(means, [ALPHA / 2, 1 - ALPHA / 2]))


def percentile_of_both(right: np.ndarray, random: np.random.Generator) -> Interval:
    """Bootstrap over seeds and, apart from them, images: Owen's pigeonhole."""
    means, _ = _resampled(right, random)
    return Interval(*np.quantile(means, [ALPHA / 2, 1 - ALPHA / 2]))


def studentised(right: np.ndarray, random: np.random.Generator) -> Interval:
    """The same, of the deviation in standard errors."""
    found = estimate(right)
    means, errors = _resampled(right, random)
    low, high = np.quantile((means - found.mean) / errors, [ALPHA / 2, 1 - ALPHA / 2])
    return Interval(found.mean - high * found.error, found.mean - low * found.error)


def _resampled(right: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of resamples and their standard errors, in percentage points."""
    d = 100 * (right[0].astype(np.float32) - right[1])
    seeds, images = d.shape
    by_seed = random.multinomial(seeds, np.full(seeds, 1 / seeds), RESAMPLES)
    by_image = _image_weights(images)
    of_seeds, of_images = by_image @ d.T / images, by_seed.astype(np.float32) @ d / seeds
    mean = (by_seed * of_seeds).sum(1) / seeds
    squares = (by_seed * (by_image @ (d * d).T)).sum(1) / d.size - mean**2
    seed_squares = (by_seed * (of_seeds - mean[:, None]) ** 2).sum(1) / seeds
    image_squares = (by_image * (of_images - mean[:, None]) ** 2).sum(1) / images
    rest = (squares - seed_squares - image_squares) / ((seeds - 1) * (images - 1))
    of_image = np.maximum(0, image_squares / (images - 1) - rest)
    return mean, np.sqrt(seed_squares / (seeds - 1) + of_image)


@cache
def _image_weights(images: int) -> np.ndarray:
    """Return how often each resample takes each image, the same in every trial."""
    drawn = np.random.default_rng(2).multinomial(images, np.full(images, 1 / images), RESAMPLES)
    return drawn.astype(np.float32)


Method = Callable[[np.ndarray, np.random.Generator], Interval | None]
METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "ours": ours,
        "Satterthwaite": satterthwaite,
        "paired t": paired_t,
        "bootstrap: seeds": percentile_of_seeds,
        "bootstrap: both": percentile_of_both,
        "bootstrap: both, studentised": studentised,
    }
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Shares of trials."""

    held: float  # intervals that hold the truth, be it no difference or EFFECT_PP
    false: float  # intervals wholly above 0, of no difference
    found: float  # the same, of EFFECT_PP

    def __str__(self) -> str:
        """Return percent."""
        return " ".join(f"{100 * x:6.1f}" for x in (self.held, self.false, self.found))


def rates(
    method: Method, world: World, trials: int = TRIALS, seeds: tuple[int, ...] = SEEDS
) -> tuple[Rates, ...]:
    """Try a method with each number of seeds; fewer seeds are the first of the most."""
    draws, resamples = np.random.default_rng(0), np.random.default_rng(1)
    lows, highs = np.empty((2, len(seeds), 2, trials))
    for trial in range(trials):
        right = world.draw(max(seeds), draws)
        for at, effect in np.ndindex(len(seeds), 2):
            interval = method(right[effect, :, : seeds[at]], resamples)
            lows[at, effect, trial], highs[at, effect, trial] = interval or (np.nan, np.nan)
    truth = np.array([[0.0], [EFFECT_PP]])
    held = ((lows <= truth) & (truth <= highs)).mean((1, 2))
    false, found = (lows > 0).mean(2).T
    return tuple(map(Rates, held, false, found))


def main() -> None:
    """Print how methods do in one world, and ours in all."""
    print(
        f"{'% of trials':28}", *(f"{'n = ' + str(n) + ': held  false  found':>28}" for n in SEEDS)
    )
    first = next(iter(WORLDS.values()))
    for name, method in METHODS.items():
        _tell(name, rates(method, first))
    print("ours, in the worlds")
    for name, world in WORLDS.items():
        _tell(name, rates(ours, world))


def _tell(name: str, row: tuple[Rates, ...]) -> None:
    print(f"{name:28}", *(f"{rate!s:>28}" for rate in row), flush=True)


if __name__ == "__main__":
    main()
