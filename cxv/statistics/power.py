"""What a comparison can tell, said before it is run: the chance of each word, and the seeds needed.

Of an assumed truth and assumed deviations. What was observed is no such assumption: power at the
observed effect is the p-value once more (Hoenig and Heisey 2001).
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf, sqrt

import numpy as np
from scipy import special

from cxv.statistics.estimate import MIN_SEEDS, Interval
from cxv.statistics.moderation import MIN_PAIRS, SHARE_OF_FREEDOM

MOST_SEEDS = 200
QUANTILES = (np.arange(200) + 0.5) / 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is taken to be true of a difference, in its unit."""

    difference: float
    seed_sd: float  # of one seed's difference
    image_error: float  # standard error of the mean from the choice of test images
    pairs: int = 1  # of the study, whose variances are pooled


@lru_cache(maxsize=4096)
def chance_inside(region: Interval, assumed: Assumed, seeds: int, alpha: float) -> float:
    """Return the chance that the whole interval of a comparison is in ``region``.

    The estimate is normal; the variance between seeds is drawn as so many seeds and pairs give it.
    """
    if seeds < MIN_SEEDS:
        return 0.0
    own = seeds - 1
    is_pooled = assumed.pairs >= MIN_PAIRS
    freedom = own * (1 + SHARE_OF_FREEDOM * assumed.pairs) if is_pooled else own
    drawn = 2 * special.gammaincinv(freedom / 2, QUANTILES) / freedom  # chi-squared
    by_seeds, by_images = assumed.seed_sd**2 / seeds, assumed.image_error**2
    truly, error = sqrt(by_seeds + by_images), np.sqrt(by_seeds * drawn + by_images)
    if not truly:
        return float(region.low < assumed.difference < region.high)
    total = float(freedom)
    if is_pooled:
        total = freedom / (by_seeds / truly**2) ** 2 if by_seeds else inf
    reach = -special.stdtrit(total, alpha / 2) * error
    low = (region.low + reach - assumed.difference) / truly
    high = (region.high - reach - assumed.difference) / truly
    return float(np.maximum(0, special.ndtr(high) - special.ndtr(low)).mean())


def seeds_needed(chance: Callable[[int], float], wanted: float) -> int | None:
    """Return the fewest seeds with which something comes out with the chance ``wanted``.

    Args:
        chance: of a number of seeds; more seeds never lower it.
        wanted: from 0 to 1.

    Returns:
        None if not even ``MOST_SEEDS`` would do, as where images are too few.
    """
    counts = range(MIN_SEEDS, MOST_SEEDS + 1)
    at = bisect_left(counts, True, key=lambda seeds: chance(seeds) >= wanted)
    return counts[at] if at < len(counts) else None
