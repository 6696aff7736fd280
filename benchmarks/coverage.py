"""How often does an interval of a difference of top-1 hold the truth? ``-m benchmarks.coverage``.

Every trial draws a study with new seeds and new images, and compares all pairs of its models; no
two differ. All methods meet the same answers, and fewer seeds are the first of the most. Five
minutes on one thread.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from scipy import stats

from benchmarks.worlds import Pairs, Trial, World
from cxv.statistics import Interval, fit_prior

ALPHAS, SEEDS, RESAMPLES = (0.05, 0.001), (3, 5, 10), 400
TRIALS, OF_MANY_IMAGES = 1000, 300
MANY = 5000

USUAL = World()
WORLDS: Mapping[str, World] = MappingProxyType(
    {
        f"{share:.0%} by seeds, {images:,} images": World(share=share, images=images)
        for images in (360, 10_000)
        for share in (0, 0.3, 0.7, 0.9, 1)
    }
    | {"by noise of runs alone": World(share=1, kinship=1)}
    | {
        f"top-1 {100 * top1:g} %, {images:,} images": World(top1=top1, images=images)
        for images in (360, 10_000)
        for top1 in (0.08, 0.58, 0.995)
    }
    | {
        f"{models} models, {share:.0%} by seeds": World(models=models, share=share)
        for models in (3, 4, 10)
        for share in (0.7, 1)
    }
    | {
        f"unequal variances, {models} models, {share:.0%} by seeds": World(
            share=share, log_sd=1, models=models
        )
        for models, share in ((4, 0.9), (6, 0.7), (6, 0.9), (6, 1), (10, 0.9), (10, 1))
    }
    | {f"one seed in five lost, {share:.0%}": World(share=share, lost=0.2) for share in (0.7, 0.9)}
)

Bounds = tuple[np.ndarray, np.ndarray]
"""Low and high ends of intervals, (trials, pairs), percentage points."""
Method = Callable[[Pairs, World, float], Bounds]


def ours(pairs: Pairs, world: World, alpha: float) -> Bounds:
    """Moderated over the pairs of a study, as the project prints it."""
    seeds = pairs.by_seed.shape[-1]
    ends = []
    for trial in range(len(pairs.by_seed)):
        study = pairs.at(trial)
        freedoms = [seeds - 1] * len(study.mean)
        prior = fit_prior((seeds * study.seed_variance).tolist(), freedoms, rounding(world))
        ends.append([estimate.interval(alpha) for estimate in study.estimates(prior)])
    low, high = np.moveaxis(np.array(ends, float), -1, 0)
    return low, high


def rounding(world: World) -> float:
    """Return the least variance between seeds that a study goes by: top-1 moves by one image."""
    return (100 / world.images) ** 2 / 6


def _symmetric(pairs: Pairs, reach: np.ndarray) -> Bounds:
    return pairs.mean - reach, pairs.mean + reach


def student(pairs: Pairs, _: World, alpha: float) -> Bounds:
    """Seeds and images, Student's t of seeds - 1."""
    error = np.sqrt(pairs.seed_variance + pairs.image_variance)
    return _symmetric(pairs, stats.t.isf(alpha / 2, pairs.by_seed.shape[-1] - 1) * error)


def curve(pairs: Pairs, _: World, alpha: float) -> Bounds:
    """Each pair alone, between the normal and Student's quantile by the share of seeds.

    So this project printed it before it moderated variances.
    """
    total = pairs.seed_variance + pairs.image_variance
    share = np.divide(pairs.seed_variance, total, out=np.ones_like(total), where=total > 0)
    normal, t = stats.norm.isf(alpha / 2), stats.t.isf(alpha / 2, pairs.by_seed.shape[-1] - 1)
    return _symmetric(pairs, np.cbrt(normal**3 + share**2.2 * (t**3 - normal**3)) * np.sqrt(total))


def satterthwaite(pairs: Pairs, _: World, alpha: float) -> Bounds:
    """Each pair alone, by Satterthwaite's degrees of freedom."""
    total = pairs.seed_variance + pairs.image_variance
    share = np.divide(pairs.seed_variance, total, out=np.ones_like(total), where=total > 0)
    freedom = (pairs.by_seed.shape[-1] - 1) / np.maximum(share, 1e-3) ** 2
    return _symmetric(pairs, stats.t.isf(alpha / 2, freedom) * np.sqrt(total))


def paired_t(pairs: Pairs, _: World, alpha: float) -> Bounds:
    """Seeds alone, each pair alone."""
    reach = stats.t.isf(alpha / 2, pairs.by_seed.shape[-1] - 1)
    return _symmetric(pairs, reach * np.sqrt(pairs.seed_variance))


def bootstrap(pairs: Pairs, _: World, alpha: float) -> Bounds:
    """Percentiles of resampled seeds."""
    seeds = pairs.by_seed.shape[-1]
    weights = np.random.default_rng(2).multinomial(seeds, np.full(seeds, 1 / seeds), RESAMPLES)
    low, high = np.quantile(pairs.by_seed @ weights.T / seeds, [alpha / 2, 1 - alpha / 2], axis=-1)
    return low, high


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        "moderated (ours)": ours,
        "Student's t": student,
        "curve, each pair alone": curve,
        "Satterthwaite, each pair alone": satterthwaite,
        "paired t over seeds": paired_t,
        "bootstrap over seeds": bootstrap,
    }
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Of all pairs of all trials."""

    misses: float  # share of intervals that do not hold the truth
    error: float  # of it, trials being independent and pairs of one trial not
    width: float  # mean, percentage points

    @classmethod
    def of(cls, bounds: Bounds) -> "Rates":
        """Count; the truth is 0."""
        low, high = bounds
        misses = ((low > 0) | (high < 0)).mean(1)
        error = float(misses.std(ddof=1)) / len(misses) ** 0.5
        return cls(float(misses.mean()), error, float((high - low).mean()))

    def __str__(self) -> str:
        """Return percent."""
        return f"{100 * self.misses:.2f} ± {100 * self.error:.2f}"


@lru_cache(maxsize=1)
def drawn(world: World, trials: int, seeds: tuple[int, ...] = SEEDS) -> Mapping[int, Pairs]:
    """Return the pairs of all trials, by the number of seeds."""
    random = np.random.default_rng(0)
    found: dict[int, list[Pairs]] = {n: [] for n in seeds}
    for _ in range(trials):
        trial = Trial.of(world.draw(max(seeds), random))
        for n in seeds:
            found[n].append(Pairs.of(trial, n))
    return {n: Pairs(*map(np.array, zip(*all, strict=True))) for n, all in found.items()}


def uneven(world: World, few: int, many: int, alpha: float, trials: int) -> dict[int, Rates]:
    """Give every second model fewer seeds; a pair has those of both. By the number of a pair."""
    left, right = np.triu_indices(world.models, 1)
    has_many = (left % 2 == 1) & (right % 2 == 1)
    seeds = np.where(has_many, many, few)
    at_few, at_many = drawn(world, trials, (few, many)).values()
    variances = np.where(has_many, many * at_many.seed_variance, few * at_few.seed_variance)
    ends: dict[int, list[list[Interval | None]]] = {few: [], many: []}
    for trial in range(trials):
        prior = fit_prior(variances[trial].tolist(), (seeds - 1).tolist(), rounding(world))
        for n, pairs in ((few, at_few), (many, at_many)):
            found = pairs.at(trial).estimates(prior)
            ends[n].append([found[i].interval(alpha) for i in np.flatnonzero(seeds == n)])
    return {n: Rates.of(tuple(np.moveaxis(np.array(x, float), -1, 0))) for n, x in ends.items()}


def main() -> None:
    """Print how methods do in one world, and ours in all."""
    columns = "".join(f"{f'{n} seeds: misses at 5 %, at 0.1 %, width':>44}" for n in SEEDS)
    print(f"{'% of intervals':50}{columns}")
    for name, method in METHODS.items():
        _tell(name, method, USUAL)
    print("moderated (ours), in the worlds")
    for name, world in WORLDS.items():
        _tell(name, ours, world)
    for alpha in ALPHAS:
        for n, found in uneven(USUAL, 3, 8, alpha, TRIALS).items():
            print(f"3 and 8 seeds in one study: pairs of {n} miss in {found} at {100 * alpha:g} %")


def _tell(name: str, method: Method, world: World) -> None:
    trials = OF_MANY_IMAGES if world.images > MANY else TRIALS
    cells = []
    for pairs in drawn(world, trials).values():
        usual, rare = (Rates.of(method(pairs, world, alpha)) for alpha in ALPHAS)
        width = usual.width / Rates.of(student(pairs, world, ALPHAS[0])).width
        cells.append(f"{usual}, {rare}, {width:.2f}")
    print(f"{name:50}", *(f"{cell:>43}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
