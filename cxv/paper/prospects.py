"""What the runs of a study can tell of each claim, said before they are run.

The chance that a claim comes out as reproduced, if it is exactly true and training varies as it did
in a pilot: records of pairs of the same kind. Where there is none, as ``tolerances.yaml`` assumes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod, sqrt
from statistics import fmean

from cxv.paper.claim_spec import Claim
from cxv.paper.claim_tests import ConvergenceTest, CurveTest, Top1Test
from cxv.paper.load_claims import Paper
from cxv.paper.selection import pairs
from cxv.paper.tolerances import Tolerances
from cxv.results.differences import estimated, sample
from cxv.results.lookup import RunLookup
from cxv.results.records import Records
from cxv.results.seed_variances import Cell, Kind
from cxv.results.selection import Pair
from cxv.statistics import Interval
from cxv.statistics.power import Assumed, chance_inside, seeds_needed

WANTED = 0.8
"""The chance for which seeds are counted, as is usual in the planning of experiments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a study can tell of a claim by its trained runs."""

    claim: str
    pairs: int  # of top-1, in this study
    lacking: int  # such pairs that the claim has besides: without them it stays open
    curves: int  # tests of curves or of convergence: nothing is known of those before a pilot
    seeds: int  # of the pair with the fewest
    chance: float | None  # that all pairs come out; None: no pair of top-1
    needed: int | None  # seeds for a chance of ``WANTED``; None: more than 200
    deviation: str  # of seeds, whence: ``pilot``, ``assumed``, or both


@dataclass(frozen=True, slots=True)
class _Planned:
    """A pair of a study, what it is to show, and what is assumed of it."""

    region: Interval
    assumed: Assumed
    alpha: float
    seeds: int
    deviation: str

    def chance(self, seeds: int) -> float:
        return chance_inside(self.region, self.assumed, seeds, self.alpha)


def prospects(paper: Paper, study: Records, pilot: Records) -> tuple[Prospect, ...]:
    """Return what to expect of every claim that a study tests with trained runs.

    Args:
        paper: its claims, and what is assumed without a pilot.
        study: the runs that are planned, made or not.
        pilot: all runs that there are.
    """
    kinds = Counter(_kinds({Cell.of(run) for run in study.runs.values()}))
    found = (_prospect(id, claim, paper, study, pilot, kinds) for id, claim in paper.claims.items())
    return tuple(one for one in found if one)


def _kinds(cells: Iterable[Cell]) -> Iterator[Kind]:
    """Yield the kind of every pair of a study, whose variances are moderated together."""
    for one, other in combinations(cells, 2):
        if one.dataset == other.dataset:
            yield one.kind_with(other)


def _prospect(
    id: str,
    claim: Claim,
    paper: Paper,
    study: Records,
    pilot: Records,
    kinds: Mapping[Kind, int],
) -> Prospect | None:
    compared = [
        (test, pair)
        for test in claim.tests
        if isinstance(test, Top1Test) and not test.missing
        for pair in pairs(test)
    ]
    asked = [(test, pair) for test, pair in compared if _seeds(pair, study)]
    curves = [
        test
        for test in claim.tests
        if isinstance(test, CurveTest | ConvergenceTest)
        and any(_seeds(pair, study) for pair in pairs(test))
    ]
    if not (asked or curves):
        return None
    planned = [_planned(test, pair, paper.tolerances, study, pilot, kinds) for test, pair in asked]
    lacking = len(compared) - len(asked)
    return Prospect(
        claim=id,
        pairs=len(asked),
        lacking=lacking,
        curves=len(curves),
        seeds=min((one.seeds for one in planned), default=0),
        chance=prod(one.chance(one.seeds) for one in planned) * (not lacking) if planned else None,
        needed=seeds_needed(lambda seeds: prod(x.chance(seeds) for x in planned), WANTED)
        if planned
        else None,
        deviation=", ".join(dict.fromkeys(one.deviation for one in planned)),
    )


def _seeds(pair: Pair, study: Records) -> int:
    """Return how many seeds a study trains for both sides."""
    return len(set.intersection(*(set(study.seeds(one)) for one in pair.members)))


def _planned(
    test: Top1Test,
    pair: Pair,
    tolerances: Tolerances,
    study: Records,
    pilot: Records,
    kinds: Mapping[Kind, int],
) -> _Planned:
    """Return a pair with its deviations; a mean over models is taken to vary as one of them."""
    runs = [_first(pair, side, study) for side in (0, -1)]
    prior = pilot.seed_variances.of_pair(*runs)
    by_images = _image_error(pair, pilot)
    without, scale = tolerances.planned, _scale(test, pair, pilot)
    one, other = map(Cell.of, runs)
    return _Planned(
        region=Interval(test.claimed.low, test.claimed.high),
        assumed=Assumed(
            difference=test.claimed.exactly_true(without.difference),
            seed_sd=scale * (sqrt(prior.variance) if prior else without.seed_sd),
            image_error=scale * (without.image_error if by_images is None else by_images),
            pairs=kinds[one.kind_with(other)],
        ),
        alpha=tolerances.alpha / pair.choices,
        seeds=_seeds(pair, study),
        deviation="pilot" if prior else "assumed",
    )


def _scale(test: Top1Test, pair: Pair, pilot: Records) -> float:
    """Return how many units of a test a percentage point is.

    Percent of the right are more than points, how much more a pilot tells; without, as many.
    """
    if test.by == "difference" or pair.right is None:
        return 1.0
    scores = sample(pilot, pair.right).top1_pp
    return 100 / fmean(scores.values()) if any(scores.values()) else 1.0


def _first(pair: Pair, side: int, study: Records) -> RunLookup:
    return next(iter(study.seeds(pair.members[side]).values()))


def _image_error(pair: Pair, pilot: Records) -> float | None:
    """Return the standard error that test images gave to this very pair; None if they did not."""
    left, right = (sample(pilot, side) for side in (pair.left, pair.right) if side)
    estimate, lacks = estimated(pilot, left, right)
    if estimate is None or lacks:
        return None
    return sqrt(estimate.image_variance if estimate.seeds > 1 else estimate.least_variance)
