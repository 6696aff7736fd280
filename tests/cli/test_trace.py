"""A number of a table leads to its runs, their proof, weights, settings, code, data, and back."""

import json
from pathlib import Path

import pytest
import samples
import yaml
from look_up import study_table
from shared_fixtures import ROOT

from cxv.cli.trace import trace
from cxv.config.grid import Params
from cxv.errors import UserError
from cxv.records.atomic_files import sha256_of
from cxv.records.run import Cell

RESULTS, DATA = Path("results"), Path("data/raw")
CELL = "small/digits/resnet18/base/dualopt/top1_mean"
RUNS = [f"digits/resnet18/base/s{seed}/adamw/sgd" for seed in (0, 1)]


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path)
    samples.make(params, "small", RESULTS, missing={"cifar10/cnv/base"})
    return params


def test_a_mean_leads_to_every_seed_and_to_the_files_that_prove_it(params: Params) -> None:
    found = json.loads(trace(params, CELL, results=RESULTS, data=DATA).as_json())
    table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    [row] = [x for x in table.rows if (x.model.name, x.recipe) == ("resnet18", "dualopt")]
    cell = row.cells["top1_mean"]
    assert isinstance(cell, Cell)
    assert (found["value"], found["unit"], found["rule"]) == (cell.value, cell.unit, cell.rule)
    for one, run in zip(found["records"], RUNS, strict=True):
        folder = RESULTS / "runs" / run
        for key, name in (("proved by", "predictions.npz"), ("checkpoint", "checkpoint.pt")):
            assert one[key] == f"{folder / name} (SHA-256 {sha256_of(folder / name)})"
        assert one["specification"] == params.runs("small")[run].digest
        assert one["make it again"].endswith(f"--force {folder / 'metrics.json'}")
        assert "CXV_STORE=$(mktemp -d)" in one["make it again"]
        assert run in one["MLflow"]
        assert one["DVC stage"] in yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def test_every_cell_that_has_a_number_can_be_traced(params: Params) -> None:
    traced = 0
    for row in study_table(params, "small", samples.RUNS, samples.PROFILES).rows:
        name = "/".join((row.dataset.name, row.model.name, row.variant.name, row.recipe))
        for column, cell in row.cells.items():
            found = trace(params, f"small/{name}/{column}", results=RESULTS, data=DATA)
            assert column in str(found)
            if isinstance(cell, Cell):
                assert [x["record"] for x in found.records] == [
                    source.partition("#")[0] for source in cell.sources
                ]
                traced += 1
            else:
                assert found.number == {"status": cell.status, "reason": cell.reason}
    assert traced > 50


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("large/digits", "no study 'large' in params.yaml; there are: small, all"),
        ("small/digits/vit/base/adamw/n", "no row 'digits/vit/base/adamw' in small; there are:"),
        (CELL.replace("mean", "median"), "no column 'top1_median'; there are: top1_best,"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(params: Params, cell: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        trace(params, cell, results=RESULTS, data=DATA)
