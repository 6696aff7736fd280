"""What verdicts should be, computed in another way than the code under test computes it."""

from collections.abc import Sequence

import numpy as np
import yaml
from scipy import stats
from shared_fixtures import ROOT

from cxv.paper.verdict_rules import Word
from cxv.statistics import Prior


def moderated(variance: float, freedom: int, prior: Prior | None) -> tuple[float, float]:
    """Return a variance between seeds and its degrees of freedom, after other pairs were heard.

    A mean of both variances, each weighted by its degrees of freedom (Smyth 2004).
    """
    if prior is None:
        return variance, freedom
    total = freedom + min(prior.freedom, prior.lent)
    if np.isinf(prior.freedom):
        return prior.variance, total
    both = prior.freedom * prior.variance + freedom * variance
    return both / (prior.freedom + freedom), total


def p_of_paired(differences: Sequence[float], prior: Prior | None) -> float:
    """Return the two-sided p-value of a t-test of one difference a seed."""
    seeds = len(differences)
    variance, freedom = moderated(float(np.var(differences, ddof=1)), seeds - 1, prior)
    reached = abs(float(np.mean(differences))) / (variance / seeds) ** 0.5
    return float(2 * stats.t.sf(reached, freedom))


def p_of_crossed(differences: np.ndarray, prior: Prior) -> float:
    """Return what D27 of data/paper/README.md says of (seeds, images), in percentage points.

    By mean squares; the degrees of freedom by Satterthwaite's formula, those of images unlimited.
    """
    seeds, images = differences.shape
    mean, of_seeds, of_images = (differences.mean(axis) for axis in (None, 1, 0))
    rest = differences - of_seeds[:, None] - of_images + mean
    noise = (rest**2).sum() / ((seeds - 1) * (images - 1))
    own = ((of_seeds - mean) ** 2).sum() / (seeds - 1)
    alone = ((of_images - mean) ** 2).sum() / (images - 1) / images
    variance, freedom = moderated(float(own), seeds - 1, prior)
    by_seed = variance / seeds
    total = max(by_seed + max(0.0, alone - noise / (seeds * images)), alone)
    return float(2 * stats.t.sf(abs(mean) / total**0.5, freedom * (total / by_seed) ** 2))


def unrun() -> dict[str, Word]:
    """Return what each claim is before any run, by the rules of its tests as they are written."""
    text = (ROOT / "data/paper/claims.yaml").read_text()
    claims = yaml.safe_load(text)["claims"]
    rules = {id: {test["rule"] for test in claim["tests"]} for id, claim in claims.items()}
    without = {"structure", "arithmetic", "untestable"}
    return {
        id: "not_run"
        if found - without
        else "under_test"
        if "structure" in found
        else "not_testable"
        for id, found in rules.items()
    }
