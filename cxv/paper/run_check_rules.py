"""A test of a claim -> what it compares, pair by pair, each with its verdict and its records."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from cxv.paper.claim_tests import (
    Conv,
    Curves,
    Dir,
    Direction,
    Null,
    Num,
    Static,
    Test,
)
from cxv.paper.costs import compared, static_counts
from cxv.paper.judging_context import Court, Judged
from cxv.paper.selection import counts, pairs
from cxv.paper.verdict_rules import (
    Side,
    Verdict,
    convergence,
    curve,
    direction,
    no_gain,
    number,
    on_par,
)
from cxv.results.curves import UNITS, readings
from cxv.results.differences import difference
from cxv.results.lookup import Gap, RunEvidence, top1
from cxv.results.selection import Pair, Trained

SIDES: Mapping[Direction, Side] = MappingProxyType({"above": "greater", "below": "less"})
CLASSES = MappingProxyType({"digits": 10, "cifar10": 10, "cifar100": 100, "tiny_imagenet": 200})
"""Of each source; of photos of one's own no claim speaks."""


def judged(test: Test, court: Court) -> tuple[Judged, ...]:
    """Return every comparison that a test makes; of one that no records bear on, nothing."""
    if isinstance(test, Static):
        return tuple(static_counts(test, court))
    if counts(test):
        return tuple(compared(test, pair, court) for pair in pairs(test))
    judge = _JUDGES.get(type(test))
    return tuple(judge(test, pair, court) for pair in pairs(test)) if judge else ()


def _direction(test: Dir, pair: Pair, court: Court) -> Judged:
    found = difference(court.records, pair)
    verdict = direction(found.estimate, SIDES[test.direction], court.tolerances)
    return _told(test, pair, court, verdict, found.note, found.sources)


def _number(test: Num, pair: Pair, court: Court) -> Judged:
    found = difference(court.records, pair)
    tolerance = court.tolerances.num[test.tolerance]
    side = SIDES[test.direction]
    verdict = number(found.estimate, side, test.value, tolerance, court.tolerances)
    return _told(test, pair, court, verdict, found.note, found.sources)


def _null(test: Null, pair: Pair, court: Court) -> Judged:
    found, margins = difference(court.records, pair), court.tolerances.null
    if test.direction == "no_gain":
        verdict = no_gain(found.estimate, margins.no_gain, court.tolerances)
    else:
        verdict = on_par(found.estimate, margins.on_par, court.tolerances)
    return _told(test, pair, court, verdict, found.note, found.sources)


def _curve(test: Curves, pair: Pair, court: Court) -> Judged:
    right = pair.right.members[0] if pair.right else None
    how = court.tolerances.curve
    read = readings(court.records, test.curve, pair.left.members[0], right, how)
    verdict = curve(read, SIDES[test.direction], test.value, court.tolerances)
    told = _told(test, pair, court, verdict, "", _links(pair, court) if read else ())
    return replace(told, unit=UNITS[test.curve])


def _links(pair: Pair, court: Court) -> tuple[str, ...]:
    """Return the record of every link whose curve may be read."""
    found: list[str] = []
    for one in pair.members:
        for run in court.records.seeds(one).values():
            link: RunEvidence | None = run
            while link and top1(link) is not None:
                found.append(link.source)
                link = court.records.before(link)
    return tuple(dict.fromkeys(found))


def _convergence(test: Conv, pair: Pair, court: Court) -> Judged:
    """The left fails to converge, and the right does not."""
    members = pair.members
    left, right = (_converges(one, court) for one in members)
    verdict = left
    if right.word == "reproduced":
        verdict = replace(left, word="not_reproduced", reason=f"nor does {members[1].words}")
    elif left.word == "reproduced":
        verdict = replace(left, word="reproduced" if right.word == "not_reproduced" else right.word)
    reason = f"{verdict.reason}; {members[1].words}: {right.reason}"
    used = tuple(
        run.source
        for one in members
        for run in court.records.seeds(one).values()
        if not isinstance(run.record, Gap)
    )
    told = _told(test, pair, court, replace(verdict, reason=reason), "", used)
    return replace(told, unit="seeds")


def _converges(one: Trained, court: Court) -> Verdict:
    losses: dict[int, float | None] = {}
    for seed, run in court.records.seeds(one).items():
        if isinstance(run.record, Gap):
            continue
        if top1(run) is None:
            losses[seed] = None
        elif epochs := court.records.history(run):
            losses[seed] = epochs[-1].loss
    known = [
        CLASSES[run.spec.dataset.source]
        for run in court.records.seeds(one).values()
        if run.spec.dataset.source in CLASSES
    ]
    return convergence(losses if known else {}, max(known, default=2), court.tolerances)


def _told(
    test: Test, pair: Pair, court: Court, verdict: Verdict, note: str, used: tuple[str, ...]
) -> Judged:
    """Add to a verdict of runs what it lacks: seeds, runs, predictions."""
    least = max(court.tolerances.seeds_min, test.seeds_min if isinstance(test, Dir) else 0)
    if 0 < verdict.n < least and verdict.p is not None:
        reason = f"{verdict.n} of at least {least} seeds: {verdict.reason}"
        verdict = replace(verdict, word="inconclusive", reason=reason, p=None)
    gaps, over = court.records.gaps(pair.members), court.records.is_complete(pair.members)
    if verdict.word == "not_run" and gaps and over:  # all that is lacking has diverged
        verdict = replace(verdict, word="inconclusive", reason="", missing=())
    elif verdict.word == "not_run" and gaps:
        verdict = replace(verdict, reason="", missing=(gaps,))
    elif isinstance(test, Conv) and over:
        gaps = ""  # of what diverged it is told already
    reason = "; ".join(filter(None, (verdict.reason, note, gaps)))
    verdict = replace(verdict, reason=reason)
    return Judged(what=pair.words, unit="points", verdict=verdict, sources=used)


_JUDGES: Mapping[type, Callable[[Any, Pair, Court], Judged]] = MappingProxyType(
    {Dir: _direction, Num: _number, Null: _null, Curves: _curve, Conv: _convergence}
)
