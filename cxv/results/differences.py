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


def difference(records: Records, pair: Pair) -> Difference:
    """Return left - right of top-1 over the seeds of both sides.

    It is paired over test images too, if every run has left its predictions.
    """
    left, right = [sample(records, side) for side in (pair.left, pair.right) if side]
    estimate, lacks = estimated(records, left, right)
    if estimate is None:
        return Difference(None)
    chosen = [f"{side.chosen} is best" for side in (left, right) if side.chosen]
    note = "; ".join([*chosen, *([lacks] if lacks else [])])
    return Difference(estimate, note, sources(records, pair))


def estimated(records: Records, left: Sample, right: Sample) -> tuple[Estimate | None, str]:
    """Return left - right in percentage points, and over what its interval is not."""
    seeds = sorted(left.top1_pp.keys() & right.top1_pp)
    if not seeds:
        return None, ""
    answers = [_answers(records, side, seeds) for side in (left, right)]
    by_image = len({len(x) for side in answers for x in side.values()}) == 1 and all(
        len(side) == len(seeds) for side in answers
    )
    if by_image:
        return crossed(*answers), ""
    return paired(left.top1_pp, right.top1_pp), "over seeds alone, for lack of predictions"


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


def _answers(records: Records, side: Sample, seeds: list[int]) -> Answers:
    """Return the answers of every seed that has left them."""
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
