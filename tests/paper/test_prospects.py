"""What a study can tell of a claim before it is run: by its pairs, its seeds and a pilot."""

from collections.abc import Mapping
from dataclasses import replace
from math import inf, sqrt
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import pytest
from judged import PAPER, better, claim, found, grid, make, side

from cxv.config.spec import Run
from cxv.paper.prospects import Prospect, prospects
from cxv.paper.verdict_rules import Claimed
from cxv.results.lookup import top1
from cxv.results.records import Records
from cxv.results.selection import Trained
from cxv.statistics import Interval
from cxv.statistics.power import Assumed, chance_inside

PLANNED = PAPER.tolerances.planned


@pytest.mark.parametrize(
    ("claimed", "difference"),
    [
        (Claimed(0, inf), 1.5),
        (Claimed(4, inf), 5.5),
        (Claimed(-inf, -4), -5.5),
        (Claimed(-0.5, inf), 0),  # no loss
        (Claimed(-inf, 0.5), 0),  # no gain
        (Claimed(-1, 1), 0),
        (Claimed(1.5, 2.5), 2),
    ],
)
def test_what_is_true_if_a_claim_is_exactly_true(claimed: Claimed, difference: float) -> None:
    assert claimed.exactly_true(1.5) == difference


def expected(study: Records, *tests: Mapping[str, Any], pilot: Records | None = None) -> Prospect:
    paper = replace(PAPER, claims={"A-1": claim(*tests)})
    [one] = prospects(paper, study, pilot or study)
    return one


def planned(tmp_path: Path) -> Records:
    tmp_path.mkdir(exist_ok=True)
    return found(grid(tmp_path), tmp_path)


def chance(difference: float, sd: float, image_error: float, pairs: int) -> float:
    of = Assumed(difference=difference, seed_sd=sd, image_error=image_error, pairs=pairs)
    return chance_inside(Interval(0, inf), of, 3, PAPER.tolerances.alpha)


def test_all_pairs_of_a_claim_have_to_come_out(tmp_path: Path) -> None:
    study = planned(tmp_path)
    one, two = (expected(study, better(*left)) for left in (["cpv"], ["cpv", "cnv"]))
    cells = 2 * 3 + 2  # each network and cnv with gelu, after the first link and after both
    sharing = 4  # a network after its first link and after both
    pairs = cells * (cells - 1) // 2 - sharing
    each = chance(PLANNED.difference, PLANNED.seed_sd, PLANNED.image_error, pairs)
    assert (one.pairs, one.seeds, one.lacking, one.deviation) == (1, 3, 0, "assumed")
    assert one.chance == pytest.approx(each)
    assert two.pairs == 2
    assert two.chance == pytest.approx(each**2)
    assert one.needed is not None
    assert two.needed is not None
    assert 3 <= one.needed <= two.needed


def test_a_pair_that_is_not_in_the_study_leaves_the_claim_open(tmp_path: Path) -> None:
    one = expected(planned(tmp_path), better("cpv", "cltv"))
    assert (one.pairs, one.lacking, one.chance) == (1, 1, 0)


def test_a_claim_that_a_study_does_not_touch_has_no_line(tmp_path: Path) -> None:
    paper = replace(PAPER, claims={"A-1": claim(better("cltv"))})
    study = planned(tmp_path)
    assert prospects(paper, study, study) == ()


def test_of_curves_nothing_is_known_before_a_pilot(tmp_path: Path) -> None:
    curve = {
        "rule": "curve", "curve": "final_train_loss", "below": 0, "why": "it says so",
        "left": side("cpv"), "right": side("cpv", recipes=["adamw"]), "same": ["dataset", "model"],
    }  # fmt: skip
    alone, both = (
        expected(planned(tmp_path), *tests) for tests in ([curve], [curve, better("cpv")])
    )
    assert (alone.curves, alone.chance, alone.needed) == (1, None, None)
    assert both.curves == 1
    assert both.chance


def scattered(run: Run) -> float:
    """Return top-1 that vary by 2 points between seeds."""
    return 0.8 + 0.02 * Random(run.id).gauss()


def test_a_pilot_tells_how_far_seeds_are_apart(tmp_path: Path) -> None:
    """Differences vary by 2.8 points: known to, 7.85 x 2.8² = 62 seeds would show 1 point."""
    pilot = make(grid(tmp_path), tmp_path, scattered)
    study = planned(tmp_path / "not_run")
    test = better("cpv", than="cnv")
    piloted, assumed = expected(study, test, pilot=pilot), expected(study, test)
    assert (piloted.deviation, assumed.deviation) == ("pilot", "assumed")
    assert piloted.chance is not None
    assert assumed.chance is not None
    assert piloted.chance < 0.3 < assumed.chance
    assert piloted.needed is None or piloted.needed > 30


def test_percent_of_a_pilots_top1_are_more_than_points(tmp_path: Path) -> None:
    """Of 50 % they are about twice as many, so that a difference of 1 varies twice as much."""
    pilot = make(grid(tmp_path), tmp_path, lambda run: scattered(run) - 0.3)
    for path in (tmp_path / "runs").rglob("predictions.npz"):
        path.unlink()  # what they say of images is another matter
    one = expected(planned(tmp_path / "not_run"), better("cpv", by="percent"), pilot=pilot)
    left, right = (
        pilot.seeds(Trained("cifar10", model, "base", "dualopt")) for model in ("cpv", "resnet18")
    )
    prior = pilot.seed_variances.of_pair(left[0], right[0])
    assert prior
    scale = 1 / fmean(top1(run) or 0.0 for run in right.values())
    assert 1.8 < scale < 2.2
    deviation = scale * sqrt(prior.variance)
    assert one.chance == pytest.approx(
        chance(PLANNED.difference, deviation, scale * PLANNED.image_error, 24)
    )
