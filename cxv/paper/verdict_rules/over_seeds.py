"""Rules for what varies between seeds: accuracies, their differences, readings of curves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from cxv.paper.tolerances import Tolerances
from cxv.paper.verdict_rules.verdict import Verdict, Word, not_run
from cxv.statistics import (
    MIN_SEEDS,
    Estimate,
    Interval,
    best_of_first,
    holm,
    mean_over_seeds,
)

Side = Literal["greater", "less"]
"""Of left, against right."""


def accuracy(
    top1_pp: Mapping[int, float | None],
    printed_pp: float,
    dataset: str,
    tolerances: Tolerances,
    *,
    best_of: int,
) -> Verdict:
    """R-acc: is the best of the first seeds what the paper prints?

    Reproduced within the dataset's tolerance. Not reproduced if more than twice that away, and the
    interval of the mean over seeds leaves out all that is within it. Between these, inconclusive.
    The estimate is the best of the first seeds, or of those that there are. The interval is
    over seeds alone: the paper's test images are ours.

    Args:
        top1_pp: seed -> percent; None: diverged or not run.
        printed_pp: percent.
        dataset: as the tolerances name it.
        tolerances: fixed before the first run.
        best_of: how many seeds.
    """
    scored = {seed: x for seed, x in top1_pp.items() if x is not None}
    mean, best = mean_over_seeds(scored), best_of_first(best_of, top1_pp)
    if mean is None:
        return not_run(f"runs on {dataset}")
    interval = mean.interval(tolerances.alpha)
    if best is None or interval is None:
        reason = f"not all of the first {_count(best_of)} seeds" if interval else _too_few(mean)
        first = [scored[seed] for seed in sorted(top1_pp)[:best_of] if seed in scored]
        few = _judged("inconclusive", reason, mean, tolerances)
        return replace(few, estimate=max(first or scored.values()))
    tolerance_pp = tolerances.around(dataset)
    band = Interval(printed_pp - tolerance_pp, printed_pp + tolerance_pp)
    off_pp = round(abs(best - printed_pp), 6)  # of digits, not of binary fractions
    word: Word = "inconclusive"
    if off_pp <= tolerance_pp:
        word = "reproduced"
    elif off_pp > 2 * tolerance_pp and not _meet(interval, band):
        word = "not_reproduced"
    score = f"best of the first {_count(best_of)} {best:.2f}" if best_of > 1 else f"{best:.2f}"
    reason = f"{score}, printed {printed_pp:g} ± {tolerance_pp:g} pp"
    return replace(_judged(word, reason, mean, tolerances), estimate=best)


def direction(difference: Estimate | None, claimed: Side, tolerances: Tolerances) -> Verdict:
    """R-dir: is the whole interval of left - right on the claimed side of 0?

    Contradicted if it is wholly on the other side, else inconclusive, as with fewer than three
    seeds always.
    """
    return _located(difference, _beyond(0.0, claimed), tolerances)


def number(
    difference: Estimate | None,
    claimed: Side,
    value: float,
    tolerance: float,
    tolerances: Tolerances,
) -> Verdict:
    """R-num: as ``direction``, and the interval has to meet ``value`` ± ``tolerance``.

    An interval that misses these, and is not wholly on the other side, is not reproduced: the data
    exclude the number, whatever they say of the direction.
    """
    verdict = direction(difference, claimed, tolerances)
    if verdict.low is None or verdict.high is None or verdict.word == "contradicted":
        return verdict
    reason = f"{verdict.reason}; claimed {value:g} ± {tolerance:g}"
    if not _meet(
        Interval(verdict.low, verdict.high), Interval(value - tolerance, value + tolerance)
    ):
        return replace(verdict, word="not_reproduced", reason=f"{reason}, which it leaves out")
    return replace(verdict, reason=reason)


def no_gain(difference_pp: Estimate | None, margin_pp: float, tolerances: Tolerances) -> Verdict:
    """R-null: does left gain less than a margin over right?

    Reproduced if the interval ends below the margin, contradicted if it begins above. Its ends are
    those of the two-sided interval that every rule prints.

    Args:
        difference_pp: left - right.
        margin_pp: of the tolerances.
        tolerances: fixed before the first run.
    """
    return _located(difference_pp, Interval(-math.inf, margin_pp), tolerances)


def on_par(difference_pp: Estimate | None, margin_pp: float, tolerances: Tolerances) -> Verdict:
    """R-null of a claim of equality: do left and right differ by less than a margin, either way?"""
    return _located(difference_pp, Interval(-margin_pp, margin_pp), tolerances)


def curve(
    readings: Mapping[int, float], claimed: Side, than: float, tolerances: Tolerances
) -> Verdict:
    """R-curve: is what each seed's learning curve reads, on average over seeds, beyond ``than``?"""
    if not readings:
        return not_run("learning curves")
    return _located(mean_over_seeds(readings), _beyond(than, claimed), tolerances)


def convergence(
    final_losses: Mapping[int, float | None], classes: int, tolerances: Tolerances
) -> Verdict:
    """R-conv: do most of the first three seeds fail to converge?

    A loss has not converged above a share of that of guessing.

    Args:
        final_losses: seed -> last training loss, nats per image; None or NaN: diverged.
        classes: between which is guessed.
        tolerances: fixed before the first run.
    """
    threshold = tolerances.conv.share_of_chance_loss * math.log(classes)
    first = [final_losses[seed] for seed in sorted(final_losses)[:MIN_SEEDS]]
    if not first:
        return not_run("runs")
    failed = sum(loss is None or not loss <= threshold for loss in first)
    reason = f"{failed} of {len(first)} seeds diverged or ended above {threshold:.3g} nats"
    word: Word = "reproduced" if failed >= tolerances.conv.seeds else "not_reproduced"
    if len(first) < MIN_SEEDS:
        word = "inconclusive"
    return Verdict(word=word, reason=reason, estimate=float(failed), n=len(first))


def within_family(verdicts: Sequence[Verdict], tolerances: Tolerances) -> tuple[Verdict, ...]:
    """Hold the tests of one family to its common ``alpha`` (Holm): what fails is inconclusive.

    Verdicts without a test stay as they are, and so do all intervals.
    """
    tested = [verdict.p for verdict in verdicts if verdict.p is not None]
    adjusted = iter(holm(tested))
    return tuple(
        verdict if verdict.p is None else _adjusted(verdict, next(adjusted), tolerances)
        for verdict in verdicts
    )


def _adjusted(verdict: Verdict, p: float, tolerances: Tolerances) -> Verdict:
    lost = verdict.word in ("reproduced", "contradicted") and p >= tolerances.alpha
    reason = f"{verdict.reason}; in its family p = {p:.2g}"
    return replace(verdict, word="inconclusive" if lost else verdict.word, p=p, reason=reason)


def _beyond(than: float, claimed: Side) -> Interval:
    return Interval(than, math.inf) if claimed == "greater" else Interval(-math.inf, than)


def _meet(one: Interval, other: Interval) -> bool:
    return one.low <= other.high and other.low <= one.high


def _located(estimate: Estimate | None, claimed: Interval, tolerances: Tolerances) -> Verdict:
    """Judge by the interval: all inside what is claimed, all outside, or across."""
    if estimate is None:
        return not_run("runs with a seed that both sides share")
    interval = estimate.interval(tolerances.alpha)
    if interval is None:
        return _judged("inconclusive", _too_few(estimate), estimate, tolerances)
    word: Word = "inconclusive"
    if claimed.low < interval.low and interval.high < claimed.high:
        word = "reproduced"
    elif not _meet(interval, claimed):
        word = "contradicted"
    edges = [edge for edge in claimed if math.isfinite(edge)]
    p = max(estimate.p_value(edge) or 0 for edge in edges)
    shown = f"{estimate.mean:+.2f} in [{interval.low:+.2f}, {interval.high:+.2f}]"
    return replace(_judged(word, shown, estimate, tolerances), p=p)


def _count(seeds: int) -> str:
    return {2: "two", 3: "three", 4: "four", 5: "five"}.get(seeds, str(seeds))


def _too_few(estimate: Estimate) -> str:
    return f"{estimate.seeds} of at least {MIN_SEEDS} seeds"


def _judged(word: Word, reason: str, mean: Estimate, tolerances: Tolerances) -> Verdict:
    low, high = mean.interval(tolerances.alpha) or (None, None)
    return Verdict(
        word=word,
        reason=reason,
        estimate=mean.mean,
        low=low,
        high=high,
        mean=mean.mean,
        sd=None if math.isnan(mean.sd) else mean.sd,
        n=mean.seeds,
    )
