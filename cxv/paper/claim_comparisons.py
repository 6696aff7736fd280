"""A test of a claim -> what it compares, pair by pair, each with its verdict and its records."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from cxv.config.sources import IMAGES
from cxv.paper.claim_tests import (
    AsPrintedTest,
    ConvergenceTest,
    CostTest,
    CurveTest,
    Test,
    Top1Test,
)
from cxv.paper.costs import compared, static_counts
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.selection import pairs
from cxv.paper.verdict_rules import Verdict, compare, convergence, not_run
from cxv.results.curves import UNITS, readings
from cxv.results.differences import difference
from cxv.results.lookup import Gap, RunLookup, top1
from cxv.results.selection import Pair, Trained
from cxv.statistics import mean_over_seeds


def judged(test: Test, context: JudgingContext) -> tuple[JudgedPair, ...]:
    """Return every comparison that a test makes; of one that no records bear on, nothing."""
    if isinstance(test, AsPrintedTest):
        return tuple(static_counts(test, context))
    judge = _JUDGES.get(type(test))
    return tuple(judge(test, pair, context) for pair in pairs(test)) if judge else ()


def _top1(test: Top1Test, pair: Pair, context: JudgingContext) -> JudgedPair:
    relative = test.by == "percent"
    found = difference(context.records, pair, relative=relative)
    alpha = context.tolerances.alpha
    verdict = compare(found.estimate, test.claimed, alpha, choices=pair.choices)
    judged = _judge_pair(test, pair, context, verdict, found.note, found.sources)
    return replace(judged, unit="%") if relative else judged


def _curve(test: CurveTest, pair: Pair, context: JudgingContext) -> JudgedPair:
    right = pair.right.members[0] if pair.right else None
    how = context.tolerances.curves
    read = readings(context.records, test.curve, pair.left.members[0], right, how)
    verdict = not_run("learning curves")
    if read:
        verdict = compare(mean_over_seeds(read), test.claimed, context.tolerances.alpha)
    judged = _judge_pair(test, pair, context, verdict, "", _links(pair, context) if read else ())
    return replace(judged, unit=UNITS[test.curve])


def _links(pair: Pair, context: JudgingContext) -> tuple[str, ...]:
    """Return the record of every link whose curve may be read."""
    found: list[str] = []
    for one in pair.members:
        for run in context.records.seeds(one).values():
            link: RunLookup | None = run
            while link and top1(link) is not None:
                found.append(link.source)
                link = context.records.before(link)
    return tuple(dict.fromkeys(found))


def _convergence(test: ConvergenceTest, pair: Pair, context: JudgingContext) -> JudgedPair:
    """The left fails to converge, and the right does not."""
    members = pair.members
    other = members[1].words(context.usual_recipe)
    left, right = (_converges(one, context) for one in members)
    verdict = left
    if right.word == "reproduced":
        verdict = replace(left, word="not_reproduced", reason=f"nor does {other}")
    elif left.word == "reproduced" and right.word != "not_reproduced":
        verdict = replace(left, word=right.word)
    reason = f"{verdict.reason}; {other}: {right.reason}"
    used = tuple(
        run.source
        for one in members
        for run in context.records.seeds(one).values()
        if not isinstance(run.record, Gap)
    )
    judged = _judge_pair(test, pair, context, replace(verdict, reason=reason), "", used)
    return replace(judged, unit="seeds")


def _converges(one: Trained, context: JudgingContext) -> Verdict:
    losses: dict[int, float | None] = {}
    for seed, run in context.records.seeds(one).items():
        if isinstance(run.record, Gap):
            continue
        if top1(run) is None:
            losses[seed] = None
        elif epochs := context.records.history(run):
            losses[seed] = epochs[-1].loss
    known = [
        IMAGES[run.spec.dataset.source].classes
        for run in context.records.seeds(one).values()
        if run.spec.dataset.source in IMAGES
    ]
    return convergence(losses if known else {}, max(known, default=2), context.tolerances)


def _judge_pair(
    test: Top1Test | CurveTest | ConvergenceTest,
    pair: Pair,
    context: JudgingContext,
    verdict: Verdict,
    note: str,
    used: tuple[str, ...],
) -> JudgedPair:
    """Add to a verdict of runs what it lacks: seeds, runs, predictions."""
    gaps, over = context.records.gaps(pair.members), context.records.is_complete(pair.members)
    if verdict.word == "not_run" and gaps and over:  # all that is lacking has diverged
        verdict = replace(verdict, word="inconclusive", reason="", missing=())
    elif verdict.word == "not_run" and gaps:
        verdict = replace(verdict, reason="", missing=(gaps,))
    elif isinstance(test, ConvergenceTest) and over:
        gaps = ""  # the verdict's reason names the diverged runs
    reason = "; ".join(filter(None, (verdict.reason, note, gaps)))
    verdict = replace(verdict, reason=reason)
    what = pair.words(context.usual_recipe)
    claimed = "" if isinstance(test, ConvergenceTest) else test.claimed.words
    return JudgedPair(what=what, unit="points", verdict=verdict, claimed=claimed, sources=used)


_JUDGES: Mapping[type, Callable[[Any, Pair, JudgingContext], JudgedPair]] = MappingProxyType(
    {
        Top1Test: _top1,
        CostTest: compared,
        CurveTest: _curve,
        ConvergenceTest: _convergence,
    }
)
