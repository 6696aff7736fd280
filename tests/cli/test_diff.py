"""Two runs or studies are compared from their settings to their numbers, and by what made them."""

import json
import shutil
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import samples
from resealed import edit
from scipy import stats

from cxv.cli.compared import Compared, Measured
from cxv.cli.diff import as_json, diff, listing
from cxv.config.grid import Params
from cxv.errors import UserError
from cxv.records.predictions import Predictions
from cxv.records.run import RunRecord

RESULTS = Path("results")
ONE, OTHER = "digits/resnet18/base/s0/adamw", "digits/resnet18/base/s1/adamw"
SECOND = """
  second:
    title: Another question
    runs: [{datasets: [digits], models: [resnet18], recipes: [posttrain]}]
"""


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path, samples.GRID.rstrip() + SECOND)
    for study in params.studies:
        samples.make(params, study, RESULTS)
    return params


def compare(params: Params, left: str, right: str) -> Compared:
    return diff(params, left, right, results=RESULTS)


def changes(found: Compared, kind: str) -> list[str]:
    return [str(change) for change in found.changes if change.kind == kind]


def right_answers(run: str) -> np.ndarray:
    found = Predictions.load(RESULTS / "runs" / run / "predictions.npz")
    return (found.predicted == found.label).astype(float)


def test_two_runs_differ_by_their_seed_alone_and_in_the_images_that_they_answer(
    params: Params,
) -> None:
    found = compare(params, ONE, f"results/runs/{OTHER}/metrics.json")
    assert list(map(str, found.changes)) == ["seed: 0 -> 1"]
    top1, loss, epochs, _, _ = found.numbers
    per_image = 100 * (right_answers(OTHER) - right_answers(ONE))
    mean, error = per_image.mean(), per_image.std(ddof=1) / sqrt(len(per_image))
    low, high = stats.norm.interval(0.95, mean, error)
    assert top1.difference is not None
    assert top1.difference.value == pytest.approx(mean)
    assert top1.difference.interval == pytest.approx((low, high))
    assert top1.left is not None
    assert top1.left.value == pytest.approx(100 * right_answers(ONE).mean())
    wilson = stats.binomtest(int(right_answers(ONE).sum()), 360).proportion_ci(0.95, "wilson")
    assert top1.left.interval == pytest.approx((100 * wilson.low, 100 * wilson.high))
    record = RunRecord.read(RESULTS / "runs" / ONE / "metrics.json")
    assert (loss.left, epochs.left) == (
        Measured(record.outcome.loss or 0, "nats"),
        Measured(record.outcome.epochs, ""),
    )


def test_two_makings_of_one_run_are_held_apart(params: Params) -> None:
    """Their ids are the same, and their numbers are not."""
    shutil.copytree(RESULTS / "runs" / ONE, "old")
    shutil.copytree(RESULTS / "runs" / OTHER, RESULTS / "runs" / ONE, dirs_exist_ok=True)
    edit(
        RESULTS / "runs" / ONE / "metrics.json",
        lambda fields: (
            fields["spec"].update(seed=0),
            fields.update(data_sha256="d" * 64),
            fields["stamp"].update(device="NVIDIA H200", code="0" * 12),
            fields["stamp"]["packages"].update(numpy="9.9"),
        ),
    )
    found = compare(params, "old", ONE)
    assert changes(found, "specification") == []
    assert changes(found, "data") == [f"digits, SHA-256: {samples._sha('digits')} -> {'d' * 64}"]
    assert changes(found, "environment") == ["device: cpu -> NVIDIA H200", "numpy: 2.4.6 -> 9.9"]
    top1 = found.numbers[0]
    assert top1.left is not None
    assert top1.right is not None
    assert top1.right.value == pytest.approx(100 * right_answers(OTHER).mean())
    assert top1.left.value != top1.right.value
    assert top1.difference is None  # their test images are not the same
    [note] = found.notes
    assert "0" * 12 in note


def test_rows_of_two_studies_that_differ_in_one_part_are_paired_over_seeds(params: Params) -> None:
    found = compare(params, "small", "second")
    assert "study.title: A study of <small> things -> Another question" in changes(
        found, "specification"
    )
    assert "recipes.adamw.0: adamw -> nothing" in changes(found, "specification")
    numbers = {number.name: number for number in found.numbers}
    name = "digits/resnet18/base"
    alone = numbers[f"{name}/posttrain"]
    assert alone.left is None
    assert alone.right is not None
    pair = numbers[f"{name}/dualopt -> {name}/posttrain"]
    ends = [f"{name}/s{{}}/adamw/sgd", f"{name}/s{{}}/adamw_ra/adamw/sgd"]
    left, right = (
        np.mean([right_answers(end.format(seed)).mean() for seed in (0, 1)]) for end in ends
    )
    assert pair.difference is not None
    assert pair.difference.value == pytest.approx(100 * (right - left))
    assert f"{name}/adamw -> cifar10" not in " ".join(numbers)


def test_both_forms_say_the_same(params: Params) -> None:
    found = compare(params, ONE, OTHER)
    text, data = listing(found), json.loads(as_json(found))
    assert "seed: 0 -> 1" in text
    assert data["changes"][0]["name"] == "seed"
    top1 = data["numbers"][0]
    assert f"{top1['left']['value']:.4g} %" in text
    assert len(top1["difference"]["interval"]) == 2
    assert "the same" in listing(compare(params, ONE, ONE))


@pytest.mark.parametrize(
    ("left", "right", "says"),
    [
        ("small", "large", r"'small' is a study; 'large' is unknown"),
        (ONE, "small", rf"'{ONE}' is a run; 'small' is a study"),
        ("nothing", ONE, r"studies: small, second\n  runs that are made: .*s0.* and \d+ more"),
    ],
)
def test_names_of_two_kinds_are_refused_with_what_there_is(
    params: Params, left: str, right: str, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        compare(params, left, right)
