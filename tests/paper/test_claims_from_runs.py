"""Runs of known effect give the verdict that they should; what is missing is named."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from by_hand import p_of_crossed, p_of_paired, unrun
from judged import PAPER, better, by_model, found, grid, judge, make, side
from look_up import every_record
from papers import SHIPPED
from resealed import replace, reseal, show_every_image_twice
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.paper.claims_from_runs import judge_claims
from cxv.paper.verdict_rules import Word
from cxv.records.predictions import Predictions


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


def run_id(model: str, seed: int, links: str = "adamw/sgd", variant: str = "base") -> str:
    return f"cifar10/{model}/{variant}/s{seed}/{links}"


def by_seed(model: str, correct: Sequence[int]) -> Any:
    """Return a top-1 that leaves a model right on so many images beyond 288 of 360."""
    return lambda run: (288 + (correct[run.seed] if run.model.name == model else 0)) / 360


def fail_on_the_first_images(root: Path) -> None:
    """Let all runs fail on the same images, as real ones do on what is hard for all."""
    for path in root.glob("runs/**/predictions.npz"):
        found = Predictions.load(path)
        failed = int((found.predicted != found.label).sum())
        predicted = np.where(np.arange(len(found.label)) < failed, found.label + 1, found.label)
        Predictions(predicted, found.label, found.log_probability).save(path)
        reseal(path.parent)


@pytest.mark.parametrize(
    ("percent", "word"), [(90.0, "reproduced"), (70.0, "not_reproduced"), (80.0, "inconclusive")]
)
def test_a_known_effect_gives_its_verdict(
    params: Params, tmp_path: Path, percent: float, word: Word
) -> None:
    outcome = judge(make(params, tmp_path, by_model(cnv=percent)), better("cnv"))
    [pair] = outcome.tests[0].pairs
    assert (outcome.word, pair.verdict.n) == (word, 3)
    assert pair.what == "cnv against resnet18, cifar10"
    assert pair.verdict.mean == pytest.approx(percent - 80.0)
    assert len(outcome.sources) == 6
    assert outcome.sources[0].startswith(f"{tmp_path}/runs/{run_id('cnv', 0)}/metrics.json#")


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_missing_seeds_leave_it_open_and_are_named(
    params: Params, tmp_path: Path, lost: int
) -> None:
    missing = {run_id("cnv", seed) for seed in range(lost)}
    outcome = judge(make(params, tmp_path, by_model(cnv=95.0), missing=missing), better("cnv"))
    assert outcome.word == ("inconclusive" if lost < 3 else "not_run")
    assert f"{6 - lost} of 6 runs; not run: {', '.join(sorted(missing))}" in outcome.reason
    if lost < 3:
        assert f"{3 - lost} of at least 3 seeds" in outcome.reason


def test_one_lost_run_changes_its_own_claims_alone(params: Params, tmp_path: Path) -> None:
    records = make(params, tmp_path, by_model(cnv=90.0, cpv=90.0))
    tests = better("cnv"), better("cpv")
    before = [judge(records, test) for test in tests]
    shutil.rmtree(tmp_path / "runs" / run_id("cnv", 1))
    after = [judge(found(params, tmp_path), test) for test in tests]
    others = [(x.word, x.tests[0].pairs[0].verdict.mean, x.sources) for x in (before[1], after[1])]
    assert others[0] == others[1]  # the interval moves a little, by one run fewer to learn from
    assert (before[0].word, after[0].word) == ("reproduced", "inconclusive")
    assert f"5 of 6 runs; not run: {run_id('cnv', 1)}" in after[0].reason
    assert len(after[0].sources) == 5


def test_a_record_of_other_code_counts_as_not_run_and_is_called_stale(
    params: Params, tmp_path: Path
) -> None:
    make(params, tmp_path, by_model(cnv=90.0))
    for seed in range(3):
        path = tmp_path / "runs" / run_id("cnv", seed) / "metrics.json"
        code = found(params, tmp_path).runs[run_id("cnv", seed)].record.stamp.code  # type: ignore[union-attr]
        replace(path, code, "0" * 12)
    outcome = judge(found(params, tmp_path), better("cnv"))
    assert (outcome.word, len(outcome.tests[0].pairs[0].sources)) == ("not_run", 0)
    assert f"3 of 6 runs; stale: {run_id('cnv', 0)}" in outcome.reason


def test_what_no_study_asks_for_is_named(params: Params, tmp_path: Path) -> None:
    records = make(params, tmp_path)
    outcome = judge(records, better("vit", left=side("vit", recipes=["posttrain"])))
    assert outcome.word == "not_run"
    assert "nothing here asks for cifar10/vit/base posttrain" in outcome.reason
    lacking = judge(records, better("cnv", missing=["variants.class_token"]))
    assert lacking.word == "not_run"
    assert lacking.reason == "not there yet: variants.class_token"


def test_a_seed_that_diverged_is_left_out_and_named(params: Params, tmp_path: Path) -> None:
    diverged = {run_id("cnv", seed) for seed in range(3)}
    one = judge(make(params, tmp_path, diverged={run_id("cnv", 2)}), better("cnv"))
    assert f"5 of 6 runs; diverged: {run_id('cnv', 2)}" in one.reason
    every = judge(make(params, tmp_path, diverged=diverged), better("cnv"))
    assert (every.word, every.tests[0].pairs[0].verdict.n) == ("inconclusive", 0)
    assert "diverged" in every.reason


def test_where_test_images_differ_seeds_alone_decide_and_it_is_said(
    params: Params, tmp_path: Path
) -> None:
    make(params, tmp_path, by_seed("cnv", (15, 20, 28)))
    fail_on_the_first_images(tmp_path)
    records = found(params, tmp_path)
    both = judge(records, better("cnv")).tests[0].pairs[0].verdict
    sides = [records.runs[run_id(model, 0)] for model in ("cnv", "resnet18")]
    prior = records.seed_variances.of_pair(*sides)
    assert prior
    show_every_image_twice(tmp_path / "runs" / run_id("cnv", 0))
    alone = judge(found(params, tmp_path), better("cnv")).tests[0].pairs[0].verdict
    assert (both.word, alone.word, alone.n) == ("reproduced", "reproduced", 3)
    assert "over seeds alone" in alone.reason
    assert "over seeds alone" not in both.reason
    answers = np.zeros((3, 360))
    for seed, more in enumerate((15, 20, 28)):
        answers[seed, 72 - more : 72] = 100  # right where the other fails, for 288 were right
    assert both.p == pytest.approx(p_of_crossed(answers, prior), rel=1e-6)
    assert alone.p == pytest.approx(p_of_paired(answers.mean(1).tolist(), prior), rel=1e-6)
    assert both.p != pytest.approx(alone.p, rel=0.1)


def test_predictions_of_another_run_are_not_taken(params: Params, tmp_path: Path) -> None:
    make(params, tmp_path, by_model(cnv=90.0))
    files = [tmp_path / "runs" / run_id(model, 0) / "predictions.npz" for model in ("cpv", "cnv")]
    shutil.copy(*files)
    outcome = judge(found(params, tmp_path), better("cnv"))
    assert f"5 of 6 runs; altered: {run_id('cnv', 0)}" in outcome.reason


def test_equal_records_give_equal_verdicts(params: Params, tmp_path: Path) -> None:
    first = judge_claims(PAPER, make(params, tmp_path))
    assert judge_claims(PAPER, found(params, tmp_path)) == first


def test_every_claim_of_the_paper_has_a_verdict_without_any_run(tmp_path: Path) -> None:
    records = every_record(
        load(ROOT / "params.yaml"), tmp_path, tmp_path, paper=SHIPPED.description
    )
    outcomes = judge_claims(SHIPPED, records)
    assert outcomes.keys() == SHIPPED.claims.keys()
    assert {id: outcome.word for id, outcome in outcomes.items()} == unrun()
    assert all(outcome.reason and not outcome.sources for outcome in outcomes.values())
    assert not [id for id, x in outcomes.items() if "nothing here asks for" in x.reason]
