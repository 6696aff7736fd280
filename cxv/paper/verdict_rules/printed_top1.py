"""Is a top-1 of ours the printed one? And does training converge at all?"""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from cxv.paper.tolerances import Tolerances
from cxv.paper.verdict_rules.hypothesis import Claimed, judged, lacks_spread
from cxv.paper.verdict_rules.verdict import Verdict, Word, not_run
from cxv.statistics import MIN_SEEDS, Estimate, Interval, best_of_first


def accuracy(
    top1_pp: Mapping[int, float | None],
    mean: Estimate | None,
    printed_pp: float,
    dataset: str,
    tolerances: Tolerances,
    *,
    best_of: int,
) -> Verdict:
    """Judge whether the best of so many seeds, as the paper prints it, is near the print.

    By equivalence: the interval of the expected best of ``best_of`` seeds has to lie within the
    dataset's tolerance of the print. It is that of the mean plus so many deviations between seeds
    (order statistics of a normal distribution); over seeds alone, the paper's test images being
    ours. The estimate is the best of the first seeds, or of those that there are.

    Args:
        top1_pp: seed -> percent; None: diverged or not run.
        mean: over the seeds that have one, in percent; None of no seed.
        printed_pp: percent.
        dataset: as the tolerances name it.
        tolerances: how near is near.
        best_of: how many seeds.
    """
    scored = {seed: x for seed, x in top1_pp.items() if x is not None}
    if mean is None:
        return not_run(f"runs on {dataset}")
    interval = expected_best(mean, best_of, tolerances.alpha)
    best = best_of_first(best_of, top1_pp)
    if best is None or interval is None:
        reason = f"not all of the first {_count(best_of)} seeds" if interval else lacks_spread(mean)
        first = [scored[seed] for seed in sorted(top1_pp)[:best_of] if seed in scored]
        few = judged("inconclusive", reason, mean, interval)
        return replace(few, estimate=max(first or scored.values()))
    tolerance_pp = tolerances.around(dataset)
    band = Claimed(printed_pp - tolerance_pp, printed_pp + tolerance_pp)
    of = f"best of {_count(best_of)} " if best_of > 1 else ""
    reason = (
        f"{of}{best:.2f}, expected in [{interval.low:.2f}, {interval.high:.2f}],"
        f" printed {printed_pp:g} ± {tolerance_pp:g} pp"
    )
    return replace(judged(band.word(interval), reason, mean, interval), estimate=best)


def expected_best(mean: Estimate, best_of: int, alpha: float) -> Interval | None:
    """Return the interval of the best of so many seeds to expect; None where there is none.

    The expected best is a quantile of what seeds give, mean + deviations x sd. Of normal seeds its
    interval is exact: (estimated mean - it) / standard error has a noncentral t distribution.

    Args:
        mean: over seeds alone.
        best_of: how many seeds.
        alpha: that the interval misses, in equal tails.
    """
    from scipy import stats  # noqa: PLC0415 - takes a second, and a dry run needs none of it

    if mean.interval(alpha) is None:
        return None
    shift = -deviations_above(best_of) * math.sqrt(mean.seeds)
    least, most = stats.nct.ppf([alpha / 2, 1 - alpha / 2], mean.freedom, shift)
    low, high = (mean.mean - float(end) * mean.error for end in (most, least))
    return Interval(max(0.0, low), min(100.0, high))


@lru_cache
def deviations_above(best_of: int) -> float:
    """Return by how many deviations the best of so many normal draws exceeds their mean.

    1 / sqrt(pi) = 0.564 of two, 3 / (2 sqrt(pi)) = 0.846 of three.
    """
    from scipy import integrate, stats  # noqa: PLC0415 - takes a second, as above

    density = stats.norm.pdf
    found, _ = integrate.quad(
        lambda x: x * best_of * density(x) * stats.norm.cdf(x) ** (best_of - 1), -10, 10
    )
    return float(found)


def convergence(
    final_losses: Mapping[int, float | None], classes: int, tolerances: Tolerances
) -> Verdict:
    """Judge whether training fails to converge: all seeds do, or none does; else it is open.

    A loss has not converged above a share of that of guessing.

    Args:
        final_losses: seed -> last training loss, nats per image; None or NaN: diverged.
        classes: between which is guessed.
        tolerances: how much of the loss of guessing is too much.
    """
    threshold = tolerances.share_of_chance_loss * math.log(classes)
    if not final_losses:
        return not_run("runs")
    failed = sum(loss is None or not loss <= threshold for loss in final_losses.values())
    seeds = len(final_losses)
    reason = f"{failed} of {seeds} seeds diverged or ended above {threshold:.3g} nats"
    word: Word = "inconclusive"
    if seeds >= MIN_SEEDS and failed in (0, seeds):
        word = "reproduced" if failed else "not_reproduced"
    return Verdict(word=word, reason=reason, estimate=float(failed), n=seeds)


def _count(seeds: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}.get(seeds, str(seeds))
