"""What is found of the runs and networks that studies ask for, before any claim is judged by it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from judged import PAPER, better, by_model, claim, found, grid, make, side

from cxv.config.grid import Params
from cxv.config.vocabulary import NO_MEANS
from cxv.paper.selection import is_asked_for
from cxv.results.records import Records, few
from cxv.results.selection import Trained

RUN = "cifar10/cnv/base/s0/adamw/sgd"


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


@pytest.fixture
def records(params: Params, tmp_path: Path) -> Records:
    return make(params, tmp_path, by_model(cnv=90.0))


def asked(records: Records, **test: Any) -> bool:
    return is_asked_for(claim(test).tests[0], records)


MEMORY = {"rule": "cost", "column": "predicted_peak_bytes", "below": 0, "why": "less"}


@pytest.mark.parametrize(
    ("kept", "trained", "measured"),
    [(("runs", "profiles"), True, True), (("runs",), True, False), (("profiles",), False, True)],
)
def test_a_test_of_runs_asks_for_runs_and_one_of_costs_for_profiles(
    records: Records, kept: tuple[str, ...], trained: bool, measured: bool
) -> None:
    some = Records(
        PAPER.description.means,
        records.runs.values() if "runs" in kept else (),
        records.profiles.values() if "profiles" in kept else (),
    )
    assert asked(some, **better("cnv")) is trained
    assert asked(some, **MEMORY, left=side("cnv"), right=side("cpv")) is measured


def test_one_pair_of_which_both_sides_are_there_is_enough(records: Records) -> None:
    assert not asked(records, **better("cnv", than="vit"))
    assert not asked(records, **better("vit", than="cnv"))
    assert asked(records, **better("cnv", "vit"))
    assert not asked(records, **MEMORY, left=side("cnv"), right=side("vit"))
    assert asked(records, **MEMORY, left=side("cnv", "vit"), right=side("cpv"))


def test_a_test_of_what_params_yaml_lacks_asks_for_nothing(records: Records) -> None:
    assert not asked(records, **better("cnv"), missing=["recipes.sgd"])


def test_a_run_that_has_a_name_of_the_paper_and_is_another_hides_no_later_one(
    records: Records,
) -> None:
    first, *others = records.runs.values()
    changed = first.spec.model.model_copy(update={"set": {"dim": 32}})
    spec = first.spec.model_copy(update={"model": changed})
    some = Records(PAPER.description.means, [replace(first, spec=spec), *others], ())
    seeds = some.seeds(Trained("cifar10", "cnv", "base", "adamw"))
    assert first.spec.seed not in seeds
    assert len(seeds) == 2


def test_answers_are_right_where_the_prediction_is_the_label(
    records: Records, tmp_path: Path
) -> None:
    answers = records.answers(records.runs[RUN])
    with np.load(tmp_path / "runs" / RUN / "predictions.npz") as file:
        assert np.array_equal(answers, file["predicted"] == file["label"])
    assert answers is not None
    assert answers.sum() == 324  # 90 % of 360


def test_of_many_names_three_stand_in_a_line() -> None:
    assert few(["a", "b", "c"]) == "a, b, c"
    assert few(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"


def test_a_link_goes_on_from_the_one_before_where_that_is_asked_for(records: Records) -> None:
    last = records.runs[RUN]
    before = records.before(last)
    assert before is records.runs["cifar10/cnv/base/s0/adamw"]
    assert records.before(before) is None
    assert Records(NO_MEANS, [last], ()).before(last) is None


def test_what_is_lacking_is_reported_by_its_status_and_name(params: Params, tmp_path: Path) -> None:
    ids = [f"cifar10/cnv/base/s{seed}/adamw/sgd" for seed in range(3)]
    cnv, cpv = (Trained("cifar10", name, "base", "dualopt") for name in ("cnv", "cpv"))
    records = make(params, tmp_path, missing={ids[2]}, diverged={ids[0]})
    assert records.gaps([cpv]) == ""
    assert records.gaps([cnv, cnv]) == f"1 of 3 runs; diverged: {ids[0]}; not run: {ids[2]}"
    vit = Trained("cifar10", "vit", "base", "dualopt")
    asked = "nothing here asks for cifar10/vit/base dualopt"
    assert records.gaps([cpv, vit]) == f"3 of 3 runs; {asked}"
    assert [records.is_complete([x]) for x in (cpv, cnv, vit)] == [True, False, False]
    (tmp_path / "runs" / ids[1] / "metrics.json").write_text("{}")
    stale = found(params, tmp_path).gaps([cnv])
    assert stale == f"0 of 3 runs; diverged: {ids[0]}; not run: {ids[2]}; stale: {ids[1]}"
