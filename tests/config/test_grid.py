"""The rules of the grid: which runs a study asks for, and what makes two runs the same."""

import json
from pathlib import Path

import pytest

from cxv.config.grid import ALL, Gpus, Params
from cxv.config.load import load
from cxv.config.spec import Run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def params() -> Params:
    return load(ROOT / "params.yaml")


def test_a_run_travels_by_value(params: Params) -> None:
    for run in params.runs(ALL).values():
        assert Run.model_validate_json(run.canonical()) == run


def test_the_order_of_keys_changes_nothing_and_a_swap_of_values_does(params: Params) -> None:
    run = params.runs("table1")["cifar10/cpv/base/s0/adamw"]
    fields = json.loads(run.canonical())
    backwards = json.dumps({key: fields[key] for key in reversed(fields)})
    assert Run.model_validate_json(backwards).digest == run.digest
    optimizer = fields["phases"][0]["optimizer"]
    optimizer["lr"], optimizer["weight_decay"] = optimizer["weight_decay"], optimizer["lr"]
    assert Run.model_validate_json(json.dumps(fields)).digest != run.digest


def test_chains_that_begin_alike_share_their_beginning(params: Params) -> None:
    runs = params.runs("table3")
    pairs, links = 3 * 15 * 3, 2  # datasets x models x seeds; AdamW is the first link of DualOpT
    assert len(runs) == pairs * links
    assert len(params.final_runs("table3")) == pairs * links  # both are columns of the table
    assert params.runs("table1").keys() == runs.keys()


def test_a_link_knows_the_one_before(params: Params) -> None:
    run = params.runs("table4")["cifar10/cpv/base/s0/adamw_ra/sgd_ra/adamw/sgd"]
    assert [link.id for link in run.chain][-2:] == [
        "cifar10/cpv/base/s0/adamw_ra/sgd_ra/adamw",
        run.id,
    ]
    assert run.chain[0].parent is None


def test_all_is_the_paper_and_its_controls_and_not_the_demo(params: Params) -> None:
    chosen = params.studies.keys() - {"demo", "small", "lite", "readings"}
    united = set().union(*(params.runs(name) for name in chosen))
    assert params.runs(ALL).keys() == united
    assert not any(id.startswith("digits/") for id in united)


def test_less_data_is_a_share_of_the_training_images_and_every_test_image(params: Params) -> None:
    parts = {run.dataset for run in params.runs("less_data").values()}
    shares = {x.name: x.per_class and x.per_class.train / 5000 for x in parts}  # of each class
    assert shares == {"cifar10_10": 0.1, "cifar10_25": 0.25, "cifar10_50": 0.5}
    assert {(x.source, x.per_class and x.per_class.test) for x in parts} == {("cifar10", None)}


def test_a_study_depends_only_on_what_it_uses(params: Params) -> None:
    only = params.only("demo")
    assert set(only.datasets) == {"digits"}
    assert "adamw" not in only.phases
    whole = params.final_runs("demo")
    assert only.final_runs("demo") == {id: run.on_any_device for id, run in whole.items()}
    elsewhere = params.model_copy(
        update={"mirror": "archives", "gpus": Gpus(share="auto"), "study": "table1"}
    )
    assert elsewhere.only("demo").digest == only.digest
