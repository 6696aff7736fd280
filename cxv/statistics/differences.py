"""Top-1 of some seeds on some images -> the estimate of a mean, or of a difference.

A difference of top-1 has two sources of chance, which cross: every seed answers every image.

    d[seed, image] = mean + seed effect + image effect + rest

What is estimated is the mean: the difference to expect of a new seed on images like the test
images. Such designs are those of readers and cases (Obuchowski and Rockette 1995; Hillis 2007).
Where only one number a seed is known, it is that of a new seed on the very images tested.
"""

from collections.abc import Mapping
from math import nan

import numpy as np

from cxv.statistics.estimate import Answers, Estimate, Interval

ROUNDING = 1e-9
"""Values that differ by less are equal: binary fractions of 90.4 three times have a variance."""


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
    tied = np.ptp(array) < ROUNDING
    variance = nan if len(array) == 1 else (not tied) * array.var(ddof=1) / len(array)
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
    no image effect this is ``paired`` on the top-1. Images are sampled too, so that no difference
    is certain: the least variance is that of the images' means over these very seeds, or of two
    images, one won and one lost (Bonett and Price 2012). None if no seed is on both sides.

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
    count = len(d[0])
    of_seeds, of_images = d.mean(1, dtype=float), d.mean(0, dtype=float)
    by_image = of_images.var(ddof=1) / count
    mean, least = 100 * float(of_seeds.mean()), 100**2 * max(float(by_image), 2 / (count + 2) ** 2)
    if len(seeds) == 1:
        return Estimate(mean, nan, nan, 1, least)
    by_seed = of_seeds.var(ddof=1) / len(seeds)
    rest = d.var(dtype=float) - of_seeds.var() - of_images.var()
    rest /= (len(seeds) - 1) * (count - 1)
    return Estimate(
        mean,
        100**2 * float(by_seed),
        100**2 * max(0.0, float(by_image - rest)),
        len(seeds),
        least,
    )


def best_of_first(count: int, values: Mapping[int, float | None]) -> float | None:
    """Return the best of the lowest seeds, which many papers print.

    None if there are fewer than ``count``, or one of them has no value: no later seed stands in.
    """
    found = [x for seed in sorted(values)[:count] if (x := values[seed]) is not None]
    return max(found) if len(found) == count else None


def interval_of_images(right: int, images: int, alpha: float) -> Interval:
    """Return between which shares of 1 the accuracy of one model is, over images like these.

    Wilson's score interval (1927). It says nothing of another seed.
    """
    from scipy import stats  # noqa: PLC0415 - takes a second, and a dry run needs none of it

    found = stats.binomtest(right, images).proportion_ci(1 - alpha, method="wilson")
    return Interval(float(found.low), float(found.high))
