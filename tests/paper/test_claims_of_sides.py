"""The sides of a comparison: the best or the mean of models, points or percent."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from by_hand import moderated, p_of_paired
from judged import Top1, better, by_model, found, grid, judge, make, side
from resealed import show_every_image_twice

from cxv.config.grid import Params
from cxv.paper.claim_family import ClaimResult
from cxv.paper.verdict_rules import Verdict
from cxv.results.records import Records
from cxv.statistics import Prior

IMAGES = 360


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


def right(**correct: Sequence[int]) -> Top1:
    """Return a top-1 of so many of 360 images by model and seed; 288 of all others."""
    rest: Mapping[str, Sequence[int]] = correct
    return lambda run: rest.get(run.model.name, (288, 288, 288))[run.seed] / IMAGES


def over_seeds_alone(params: Params, root: Path, top1: Top1) -> Records:
    make(params, root, top1)
    for path in root.glob("runs/cifar10/cnv/**/predictions.npz"):
        show_every_image_twice(path.parent)
    return found(params, root)


def only(outcome: ClaimResult) -> Verdict:
    """Return the verdict of the one pair of the one test."""
    [pair] = outcome.tests[0].pairs
    return pair.verdict


def prior_of(records: Records, model: str, than: str = "resnet18") -> Prior:
    runs = [records.runs[f"cifar10/{name}/base/s0/adamw/sgd"] for name in (model, than)]
    found = records.seed_variances.of_pair(*runs)
    assert found
    return found


def test_best_and_mean_of_several_models(params: Params, tmp_path: Path) -> None:
    records = make(params, tmp_path, by_model(cnv=90.0, cpv=86.0))
    for take, mean in (("best", 10.0), ("mean", 8.0)):
        outcome = judge(records, better("cnv", left=side("cnv", "cpv", take=take)))
        [pair] = outcome.tests[0].pairs
        assert pair.verdict.mean == pytest.approx(mean, abs=0.3)
        assert ("cnv is best" in pair.verdict.reason) == (take == "best")
        assert len(pair.sources) == 9
    shutil.rmtree(tmp_path / "runs/cifar10/cpv")
    outcome = judge(found(params, tmp_path), better("cnv", left=side("cnv", "cpv", take="best")))
    assert outcome.word == "not_run"  # cpv might have been better


def test_the_best_of_two_is_corrected_for_the_choice(params: Params, tmp_path: Path) -> None:
    """A single CNV has a p-value, the better one of two has twice that, and a wider interval."""
    records = over_seeds_alone(params, tmp_path, right(cnv=(296, 291, 294), cpv=(286, 287, 288)))
    alone = only(judge(records, better("cnv")))
    best = only(judge(records, better("cnv", left=side("cnv", "cpv", take="best"))))
    gains = [100 * x / IMAGES for x in (8, 3, 6)]
    assert alone.p == pytest.approx(p_of_paired(gains, prior_of(records, "cnv")), rel=1e-6)
    assert best.p == pytest.approx(2 * alone.p)
    assert best.mean == alone.mean
    assert alone.low is not None
    assert best.low is not None
    assert best.low < alone.low
    assert "interval for the best of 2 pairs" in best.reason
    both = judge(
        records,
        better("cnv", left=side("cnv", "cpv", take="best"))
        | {"right": side("resnet18", "cpv", take="best")},
    )
    assert only(both).p == pytest.approx(4 * p_of_paired(gains, prior_of(records, "cnv")), rel=1e-6)
    assert "interval for the best of 4 pairs" in only(both).reason


def test_percent_is_of_the_right_and_its_error_by_the_delta_method(
    params: Params, tmp_path: Path
) -> None:
    """85 % against 80 % is 6.25 % more; 303, 306, 309 against 290, 284, 290 images.

    The error is that of left - 1.0625 right, over 80: both sides are drawn.
    """
    left, other = np.array([303, 306, 309]), np.array([290, 284, 290])
    records = over_seeds_alone(params, tmp_path, right(cnv=left.tolist(), resnet18=other.tolist()))
    outcome = judge(records, better("cnv", by="percent", within=[0, 13]))
    verdict = only(outcome)
    prior = prior_of(records, "cnv")
    deviations = 100 * (left - 1.0625 * other) / IMAGES  # their mean is 0
    percent = (6.25 + 1.25 * deviations).tolist()
    scaled = prior._replace(variance=1.25**2 * prior.variance)
    assert outcome.tests[0].pairs[0].unit == "%"
    assert verdict.mean == pytest.approx(6.25)
    assert verdict.word == "reproduced"
    assert verdict.p == pytest.approx(
        p_of_paired(percent, scaled), rel=1e-6
    )  # to 0, which is nearer
    drawn = _percent_of_draws(*(float(np.var(100 * x / IMAGES, ddof=1)) for x in (left, other)))
    own, _ = moderated(float(np.var(percent, ddof=1)), 2, None)
    assert (own / 3) ** 0.5 == pytest.approx(drawn, rel=0.03)


def _percent_of_draws(of_left: float, of_right: float) -> float:
    """Return how far a percentage of means of three spreads, by drawing many: a bootstrap."""
    random = np.random.default_rng(3)
    means = [
        random.normal(centre, variance**0.5, (20_000, 3)).mean(1)
        for centre, variance in ((85.0, of_left), (80.0, of_right))
    ]
    return float((100 * (means[0] / means[1] - 1)).std())


def test_points_are_not_percent(params: Params, tmp_path: Path) -> None:
    """Five points above 80 are 6.25 %: of a claim of 5.5 to 7, one is inside and one is not."""
    records = make(params, tmp_path, by_model(cnv=85.0))
    judged = {
        by: only(judge(records, better("cnv", by=by, within=[5.5, 7])))
        for by in ("percent", "difference")
    }
    assert judged["percent"].mean == pytest.approx(6.25)
    assert judged["difference"].mean == pytest.approx(5.0)


def test_three_seeds_that_tie_are_no_point(params: Params, tmp_path: Path) -> None:
    """Images are drawn, and other pairs tell how far seeds are apart; without either it is open."""
    records = make(params, tmp_path, by_model(cnv=80.0 + 100 / IMAGES))  # by one image
    tied = only(judge(records, better("cnv")))
    assert tied.word == "inconclusive"
    assert tied.low is not None
    assert tied.high is not None
    assert tied.high - tied.low > 2 * 100 / IMAGES
    assert tied.p == 1.0
