"""What seeds and test images say of a mean: its intervals and tests, and the seeds it needs.

A difference of top-1 has two sources of chance, which cross: every seed answers every image.

    d[seed, image] = mean + seed effect + image effect + rest

What is estimated is the mean: the difference to expect of a new seed on images like the test
images. Where only one number a seed is known, it is that of a new seed on the very images tested.
Why the interval is this one, and what others do: D27 in data/paper/README.md and
``benchmarks/coverage.py``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, nan, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Shaped
from scipy import optimize, special, stats

MIN_SEEDS = 3
"""Fewer say too little of their own spread for any interval."""

SMALLEST_P = 1e-12
"""Smaller p-values are reported as this one."""

Answers = Mapping[int, Shaped[np.ndarray, " images"]]
"""Seed -> whether each test image was answered rightly, or by which share of models, in order."""


class Interval(NamedTuple):
    """From ``low`` to ``high``."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds and the variances of this mean, in the unit of what was averaged."""

    mean: float
    seed_variance: float  # of the mean, from a new choice of seeds; nan of one seed
    image_variance: float  # of the mean, from a new choice of test images; 0: these very images
    seeds: int

    @property
    def sd(self) -> float:
        """Deviation between seeds."""
        return sqrt(self.seed_variance * self.seeds)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return sqrt(self.seed_variance + self.image_variance)

    def interval(self, alpha: float) -> Interval | None:
        """Return the interval that misses the truth with probability ``alpha``, in equal tails.

        None of fewer than ``MIN_SEEDS`` seeds. With no variance at all it is a point.
        """
        if self.seeds < MIN_SEEDS:
            return None
        reach = self._critical(alpha) * self.error
        return Interval(self.mean - reach, self.mean + reach)

    def p_value(self, null: float = 0.0) -> float | None:
        """Return the least ``alpha`` whose interval leaves ``null`` out; None where there is none.

        Intervals and this test are two views of one: ``p < alpha`` if and only if ``null`` is
        outside ``interval(alpha)``.
        """
        if self.seeds < MIN_SEEDS:
            return None
        distance = abs(self.mean - null)
        if distance >= self._critical(SMALLEST_P) * self.error:
            return SMALLEST_P if distance else 1.0
        return exp(
            optimize.brentq(
                lambda log_p: self._critical(exp(log_p)) - distance / self.error,
                log(SMALLEST_P),
                0,
            )
        )

    def _critical(self, alpha: float) -> float:
        """Return how many standard errors the interval reaches to each side.

        If all variance is between seeds it is Student's t with n_seeds - 1 degrees of freedom. If
        all is between images it is the normal quantile, since there are thousands of images. For
        a mixture no exact answer is known (the Behrens-Fisher problem). This curve keeps the
        probability of a miss near ``alpha`` whatever the shares are. At 5 % and 3, 5, 10 seeds it
        is within 4.2-5.5, 4.8-5.2 and 5.0-5.1 %. With Satterthwaite's degrees of freedom it rises
        to 7.8 %.
        """
        normal, student = _quantiles(alpha, self.seeds - 1)
        total = self.seed_variance + self.image_variance
        share = self.seed_variance / total if total else 1
        return float(np.cbrt(normal**3 + share**2.2 * (student**3 - normal**3)))


@lru_cache(maxsize=4096)
def _quantiles(alpha: float, freedom: int) -> tuple[float, float]:
    """Return how far the normal and Student's distribution reach, ``alpha`` lying outside."""
    return -float(special.ndtri(alpha / 2)), -float(special.stdtrit(freedom, alpha / 2))


def mean_over_seeds(values: Mapping[int, float]) -> Estimate | None:
    """Return the mean of one value a seed, such as the top-1 of one model; None of no seed.

    Raises:
        ValueError: a value is not finite, as that of a run that diverged.
    """
    if not values:
        return None
    array = np.array(list(values.values()))
    if not np.isfinite(array).all():
        raise ValueError(f"not all values are finite: {dict(values)}")
    variance = array.var(ddof=1) / len(array) if len(array) > 1 else nan
    return Estimate(float(array.mean()), float(variance), 0.0, len(array))


def paired(left: Mapping[int, float], right: Mapping[int, float]) -> Estimate | None:
    """Return left - right of one value a seed, over the seeds of both sides: the paired t-test.

    None if no seed is on both sides.
    """
    return mean_over_seeds({seed: left[seed] - right[seed] for seed in sorted(left.keys() & right)})


def crossed(left: Answers, right: Answers) -> Estimate | None:
    """Return the difference of top-1, left - right, in percentage points.

    Paired over the seeds of both sides and over test images. The variances are those of a crossed
    design of two random factors, from its mean squares: that of seeds holds the rest too, so with
    no image effect this is ``paired`` on the top-1. None if no seed is on both sides.

    Raises:
        ValueError: not all answers are to the same number of images.
    """
    seeds = sorted(left.keys() & right)
    if not seeds:
        return None
    images = {len(side[seed]) for side in (left, right) for seed in seeds}
    if len(images) > 1 or min(images) < 2:  # noqa: PLR2004 - of one image nothing varies
        raise ValueError(f"answers have to be to the same images, two or more: {sorted(images)}")
    d = np.array([np.subtract(left[s], right[s], dtype=np.float32) for s in seeds])
    of_seeds, of_images = d.mean(1, dtype=float), d.mean(0, dtype=float)
    if len(seeds) == 1:
        return Estimate(100 * float(of_seeds.mean()), nan, nan, 1)
    by_seed = of_seeds.var(ddof=1) / len(seeds)
    by_image = of_images.var(ddof=1) / len(d[0])
    rest = d.var(dtype=float) - of_seeds.var() - of_images.var()
    rest /= (len(seeds) - 1) * (len(d[0]) - 1)
    return Estimate(
        100 * float(of_seeds.mean()),
        100**2 * float(by_seed),
        100**2 * max(0.0, float(by_image - rest)),
        len(seeds),
    )


def best_of_first(count: int, values: Mapping[int, float | None]) -> float | None:
    """Return the best of the lowest seeds, which many papers print.

    None if there are fewer than ``count``, or one of them has no value: no later seed stands in.
    """
    found = [x for seed in sorted(values)[:count] if (x := values[seed]) is not None]
    return max(found) if len(found) == count else None


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that hold for a whole family, in the order given (Holm 1979).

    To call what stays below alpha a finding errs anywhere in the family with probability alpha.
    """
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = floor
    return adjusted


def power(difference: float, sd: float, seeds: int, alpha: float) -> float:
    """Return the chance that a paired t-test finds a ``difference``; ``sd``: of one seed's."""
    freedom, shift = seeds - 1, abs(difference) / sd * sqrt(seeds)
    reach = stats.t.isf(alpha / 2, freedom)
    right, wrong = (stats.nct.sf(reach, freedom, side) for side in (shift, -shift))
    return float(right + wrong)


def seeds_needed(difference: float, sd: float, alpha: float, wanted: float = 0.8) -> int:
    """Return the fewest seeds with which ``power`` reaches ``wanted``, at least ``MIN_SEEDS``.

    Of the test images at hand: more seeds cannot make up for too few images.

    Raises:
        ValueError: no number of seeds shows a difference of 0.
    """
    if not difference:
        raise ValueError("a difference of 0 cannot be found, with however many seeds")
    if not sd:
        return MIN_SEEDS
    quantiles = stats.norm.isf(alpha / 2) + stats.norm.ppf(wanted)
    seeds = max(MIN_SEEDS, int((quantiles * sd / difference) ** 2))  # a known sd needs fewer
    while power(difference, sd, seeds, alpha) < wanted:
        seeds += 1
    return seeds
