"""A run counts as the paper's if all of it is as ``means.yaml`` says: names alone do not tell."""

import json
import operator
from functools import reduce
from pathlib import Path

import pytest
import samples
from look_up import every_record
from papers import SHIPPED
from profiled import save_profile
from shared_fixtures import ROOT

from cxv.config.load import load
from cxv.config.spec import Profile, Run
from cxv.paper.claims_from_runs import judge_claims
from cxv.paper.printed_against_ours import JudgedCell, judge_cells
from cxv.results.records import Records

GRID = f"""
study: small
paper: {ROOT}/data/paper
seeds: [0, 1, 2]
profile_batch: 32
training:
  select_on: test
  validation_fraction: 0.1
  autocast_cuda: auto
  autocast_cpu: float32
  cpu_threads: 1
  memory: fused
datasets: {{}}
models: {{}}
variants: {{}}
phases:
  adamw_fast:
    optimizer: {{name: AdamW, lr: 0.5, betas: [0.9, 0.999], eps: 1.0e-8, weight_decay: 0.01}}
    batch: 32
    patience: 20
    max_epochs: 300
  sgd_fast:
    optimizer: {{name: SGD, lr: 0.5, momentum: 0.9, weight_decay: 0.0}}
    batch: 32
    patience: 20
    max_epochs: 100
recipes: {{adamw_alone: [adamw_fast], both: [adamw_fast, sgd_fast]}}
studies:
  small:
    title: Embeddings of CNV
    runs:
      - datasets: [cifar10]
        models: [cnv]
        variants: [embed_1_conv, base, embed_3_convs]
        recipes: [dualopt]
      - {{datasets: [cifar10], models: [cpv, resnet34], recipes: [adamw, dualopt]}}
"""
OF_RUNS = {
    *(f"table1.{model}.cifar10" for model in ("cnv", "cpv", "resnet34")),
    *(f"table2.{name}.cifar10" for name in ("embed_1_conv", "base", "embed_3_convs")),
    *(f"table3.cifar10.cpv.{recipe}" for recipe in ("adamw", "dualopt")),
}
INCREASE = "table3.cifar10.cpv.increase_percent"


def records(folder: Path, text: str, *, costs: bool = False) -> Records:
    """Make all runs of the small study up; return what is found."""
    path = folder / "params.yaml"
    path.write_text(text)
    params = load(path)
    for run in params.runs("small").values():
        samples.save_run(folder / "runs", run, top1=0.9)
    for profile in params.profiles("small").values() if costs else ():
        save_profile(folder / "profiles", profile)
    description = SHIPPED.description
    return every_record(params, folder / "runs", folder / "profiles", paper=description)


def with_ours(found: Records) -> dict[str, JudgedCell]:
    """Return the printed numbers that have one of ours."""
    cells = judge_cells(SHIPPED, found)
    return {name: one for name, one in cells.items() if one.verdict.estimate is not None}


def test_runs_that_are_as_the_paper_has_them_are_judged(tmp_path: Path) -> None:
    found = records(tmp_path, GRID)
    ours = with_ours(found)
    assert ours.keys() == {*OF_RUNS, INCREASE}
    assert {ours[name].verdict.n for name in OF_RUNS} == {3}
    assert "not_run" not in {ours[name].verdict.word for name in OF_RUNS}
    outcomes = judge_claims(SHIPPED, found)
    assert any(outcome.sources for outcome in outcomes.values())


OTHERWISE = {
    "epochs that are chosen on training images": [("select_on: test", "select_on: validation")],
    "another learning rate, by other names": [
        ("recipes: [adamw, dualopt]", "recipes: [adamw_alone, both]"),
        ("recipes: [dualopt]", "recipes: [both]"),
    ],
    "other models, by other names": [
        ("models: {}", "models: {mine: {zoo: cnv, set: {dim: 64}}}"),
        ("models: [cnv]", "models: [mine]"),
        ("models: [cpv, resnet34]", "models: [mine]"),
    ],
    "other data, by another name": [
        ("datasets: {}", "datasets: {part: {source: cifar10, per_class: {train: 9}}}"),
        ("datasets: [cifar10]", "datasets: [part]"),
    ],
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_no_number_of_the_paper_is_judged_by_other_runs(tmp_path: Path, case: str) -> None:
    text = GRID
    for old, new in OTHERWISE[case]:
        assert old in text
        text = text.replace(old, new)
    found = records(tmp_path, text)
    assert found.runs
    cells = judge_cells(SHIPPED, found)
    assert {one.verdict.word for one in cells.values()} == {"not_run"}
    assert not any(one.sources for one in cells.values())
    assert not any(outcome.sources for outcome in judge_claims(SHIPPED, found).values())


def test_costs_are_judged_however_a_network_was_trained(tmp_path: Path) -> None:
    text = GRID.replace("select_on: test", "select_on: validation")
    found = records(tmp_path, text, costs=True)
    costs = {
        f"table1.{model}.{column}"
        for model in ("cnv", "cpv", "resnet34")
        for column in ("params_m", "macs_g", "gpu_gb")
    }
    assert with_ours(found).keys() == costs


CHANGES = {
    "learning rate": ("phases.0.optimizer.lr", 0.5),
    "epochs": ("phases.1.max_epochs", 99),
    "augmentation": ("phases.0.augment", [{"name": "flip"}]),
    "numbers of the model": ("model.set", {"dim": 64}),
    "model": ("model.zoo", "cpv"),
    "edits": ("variant.edits", ["rotary"]),
    "images": ("dataset.per_class", {"train": 9}),
    "selection": ("training.select_on", "validation"),
}
ALIKE = {
    "seed": ("seed", 7),
    "threads": ("training.cpu_threads", 2),
    "maps that are kept": ("training.memory", "lean"),
}


@pytest.mark.parametrize("case", [*CHANGES, *ALIKE])
def test_a_run_is_the_papers_by_value(tmp_path: Path, case: str) -> None:
    means = SHIPPED.description.means
    (tmp_path / "params.yaml").write_text(GRID)
    run = load(tmp_path / "params.yaml").runs("small")["cifar10/cnv/base/s0/adamw/sgd"]
    assert means.has(run)
    key, value = (CHANGES | ALIKE)[case]
    fields = json.loads(run.canonical())
    fields["training"]["validation_fraction"] = 0.1  # felt by ``selection`` alone
    *outer, last = (int(part) if part.isdigit() else part for part in key.split("."))
    inner = reduce(operator.getitem, outer, fields)
    assert inner[last] != value
    inner[last] = value
    other = Run.model_validate_json(json.dumps(fields))
    assert means.has(other) is (case in ALIKE)
    network = Profile(dataset=other.dataset, model=other.model, variant=other.variant, batch=9)
    assert means.has_network(network) is not key.startswith(("model", "variant", "dataset"))
