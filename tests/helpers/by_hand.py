"""What verdicts should be, computed in another way than the code under test computes it."""

import numpy as np
import yaml
from scipy import optimize, stats
from shared_fixtures import ROOT

from cxv.paper.verdict_rules import Word


def p_of_crossed(differences: np.ndarray) -> float:
    """Return what D27 of data/paper/README.md says of (seeds, images): its mean squares, by hand.

    The curve between the normal quantile and Student's t is that of ``cxv/statistics.py``.
    """
    seeds, images = differences.shape
    mean, of_seeds, of_images = (differences.mean(axis) for axis in (None, 1, 0))
    rest = differences - of_seeds[:, None] - of_images + mean
    noise = (rest**2).sum() / ((seeds - 1) * (images - 1))
    by_seed = ((of_seeds - mean) ** 2).sum() / (seeds - 1) / seeds
    by_image = ((of_images - mean) ** 2).sum() / (images - 1) / images - noise / (seeds * images)
    share = by_seed / (by_seed + max(by_image, 0))
    reached = mean / (by_seed + max(by_image, 0)) ** 0.5

    def beyond(alpha: float) -> float:
        normal, student = stats.norm.isf(alpha / 2), stats.t.isf(alpha / 2, seeds - 1)
        return (normal**3 + share**2.2 * (student**3 - normal**3)) ** (1 / 3) - reached

    return float(optimize.bisect(beyond, 1e-9, 1, xtol=1e-12))


def seeds_for(difference: float, sd: float) -> int:
    """Return the fewest seeds with which a paired t-test at 5 % finds a difference in 80 %."""
    return next(
        n
        for n in range(3, 1000)
        if stats.nct.sf(stats.t.isf(0.025, n - 1), n - 1, difference / sd * n**0.5)
        + stats.nct.cdf(-stats.t.isf(0.025, n - 1), n - 1, difference / sd * n**0.5)
        >= 0.8
    )


def unrun() -> dict[str, Word]:
    """Return what each claim is before any run, by the rules of its tests as they are written."""
    text = (ROOT / "data/paper/claims.yaml").read_text()
    claims = yaml.safe_load(text)["claims"]
    rules = {id: {test["rule"] for test in claim["tests"]} for id, claim in claims.items()}
    without = {"R-struct", "R-arith", "R-none"}
    return {
        id: "not_run"
        if found - without
        else "under_test"
        if "R-struct" in found
        else "not_testable"
        for id, found in rules.items()
    }
