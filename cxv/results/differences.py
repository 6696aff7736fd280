"""Runs of both sides of a pair -> the estimate of their difference."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import fmean

import numpy as np

from cxv.results.correct_answers import mean_answers
from cxv.results.lookup import RunLookup, top1
from cxv.results.records import Records
from cxv.results.selection import Pair, Side, Trained
from cxv.statistics import Answers, Estimate, crossed, paired


@dataclass(frozen=True, slots=True)
class Sample:
    """One side, seed by seed; a mean over models stands for each of them."""

    top1_pp: Mapping[int, float]
    runs: Mapping[int, tuple[RunLookup, ...]]  # whose top-1 are averaged
    chosen: str = ""  # of several models


@dataclass(frozen=True, slots=True)
class Difference:
    """What was found between two sides."""

    estimate: Estimate | None  # left - right, percentage points; None: no seed is on both sides
    note: str = ""  # what was taken of several models, and over what the interval is
    sources: tuple[str, ...] = ()


def difference(records: Records, pair: Pair, *, relative: bool = False) -> Difference:
    """Return left - right of top-1 over the seeds of both sides, in points, or in % of the right.

    It is paired over test images too, if every run was tested on the same.
    """
    left, right = [sample(records, side) for side in (pair.left, pair.right) if side]
    estimate, lacks = (_relative if relative else estimated)(records, left, right)
    if estimate is None:
        return Difference(None)
    chosen = [f"{side.chosen} is best" for side in (left, right) if side.chosen]
    among = [f"interval for the best of {pair.choices} pairs"] if pair.choices > 1 else []
    note = "; ".join([*chosen, *among, *([lacks] if lacks else [])])
    return Difference(estimate, note, sources(records, pair))


def estimated(records: Records, left: Sample, right: Sample) -> tuple[Estimate | None, str]:
    """Return left - right in percentage points, and over what its interval is not.

    The variance between seeds is moderated by that of all pairs of the kind. A mean over models
    varies less than those, and has its own alone.
    """
    return _estimated(records, left, right, ratio=1.0)


def _estimated(
    records: Records, left: Sample, right: Sample, ratio: float
) -> tuple[Estimate | None, str]:
    """Return left - ratio x right."""
    seeds = sorted(left.top1_pp.keys() & right.top1_pp)
    if not seeds:
        return None, ""
    if answers := _answers_to_the_same(records, left, right, seeds):
        others = {seed: ratio * x for seed, x in answers[1].items()}
        estimate, lacks = crossed(answers[0], others), ""
    else:
        estimate = paired(left.top1_pp, {seed: ratio * x for seed, x in right.top1_pp.items()})
        lacks = "over seeds alone, as the test images differ"
    runs = [side.runs[seeds[0]] for side in (left, right)]
    if estimate and all(len(side) == 1 for side in runs):
        prior = records.seed_variances.of_pair(runs[0][0], runs[1][0])
        estimate = replace(estimate, prior=prior)
    return estimate, lacks


def _relative(records: Records, left: Sample, right: Sample) -> tuple[Estimate | None, str]:
    """Return by how many percent left exceeds right.

    Of a ratio of means, whose error is that of left - ratio x right (the delta method).
    """
    seeds = left.top1_pp.keys() & right.top1_pp
    if not seeds or not any(right.top1_pp[seed] for seed in seeds):
        return None, ""
    ours, theirs = (fmean(side.top1_pp[seed] for seed in seeds) for side in (left, right))
    estimate, lacks = _estimated(records, left, right, ours / theirs)
    percent = 100 * (ours / theirs - 1)
    return estimate and estimate.scaled(100 / theirs, percent), lacks


def sample(records: Records, side: Side) -> Sample:
    """Return the top-1 of a side; of several models, on the seeds that all of them have."""
    found = [_each(records, one) for one in side.members]
    if side.take == "each":
        return found[0]
    shared = sorted(set.intersection(*(set(one.top1_pp) for one in found)))
    if side.take == "mean":
        return Sample(
            {seed: fmean(one.top1_pp[seed] for one in found) for seed in shared},
            {seed: tuple(run for one in found for run in one.runs[seed]) for seed in shared},
        )
    if not shared:
        return Sample({}, {})
    means = [fmean(one.top1_pp[seed] for seed in shared) for one in found]
    best = means.index(max(means))
    return replace(found[best], chosen=side.members[best].words(records.usual_recipe))


def _each(records: Records, one: Trained) -> Sample:
    return sample_of(records.seeds(one))


def sample_of(runs: Mapping[int, RunLookup]) -> Sample:
    """Return the top-1 of every seed that has one."""
    scores = {seed: x for seed, run in runs.items() if (x := top1(run)) is not None}
    return Sample(
        {seed: 100 * score for seed, score in scores.items()},
        {seed: (runs[seed],) for seed in scores},
    )


def by_image(records: Records, left: Sample, right: Sample) -> np.ndarray | None:
    """Return left - right of each test image, of 1, mean over the seeds of both sides.

    None unless all were tested on the same.
    """
    seeds = sorted(left.top1_pp.keys() & right.top1_pp)
    answers = _answers_to_the_same(records, left, right, seeds)
    if not answers:
        return None
    ours, theirs = (np.mean([side[seed] for seed in seeds], axis=0) for side in answers)
    return np.subtract(ours, theirs)


def _answers_to_the_same(
    records: Records, left: Sample, right: Sample, seeds: list[int]
) -> tuple[Answers, Answers] | None:
    """Return both sides' answers; None if they are not to the same images."""
    ours, theirs = (_answers(records, side, seeds) for side in (left, right))
    found = [*ours.values(), *theirs.values()]
    complete = len(found) == 2 * len(seeds) and len({len(x) for x in found}) == 1
    return (ours, theirs) if complete else None


def _answers(records: Records, side: Sample, seeds: list[int]) -> Answers:
    """Return the answers of every seed whose runs were tested on the same images."""
    found: dict[int, np.ndarray] = {}
    for seed in seeds:
        every = [x for run in side.runs[seed] if (x := records.answers(run)) is not None]
        if len(every) == len(side.runs[seed]) and len({len(x) for x in every}) == 1:
            found[seed] = mean_answers(every)
    return found


def sources(records: Records, pair: Pair) -> tuple[str, ...]:
    """Return the record of every run that gave a top-1, those that were not taken among them."""
    return tuple(
        run.source
        for one in pair.members
        for run in records.seeds(one).values()
        if top1(run) is not None
    )
