"""What sharing saves, counted on grids small enough to count by hand."""

import subprocess
import sys
from pathlib import Path

import pytest
from samples import GRID, grid
from shared_fixtures import ROOT

from cxv.__main__ import main
from cxv.cli.plan import Plan, plans, table
from cxv.config.grid import Params
from cxv.errors import UserError

ADAMW, SGD = 8, 5  # epochs at most, in the grid of samples.py
STUDIES = """
studies:
  recipes:
    title: AdamW alone and before SGD
    runs: [{datasets: [digits], models: [cnv], recipes: [adamw, dualopt], seeds: [0]}]
  seeds:
    title: The same and a seed more
    runs: [{datasets: [digits], models: [cnv], recipes: [dualopt], seeds: [0, 1]}]
  aside:
    title: No part of the paper
    in_all: false
    runs: [{datasets: [digits], models: [cnv], recipes: [adamw], seeds: [2]}]
"""


@pytest.fixture
def params(tmp_path: Path) -> Params:
    settings = GRID.partition("studies:")[0].replace("study: small", "study: seeds")
    return grid(tmp_path, settings + STUDIES.lstrip())


def test_chains_of_a_study_share_their_beginning(params: Params) -> None:
    (recipes,) = plans(params, ["recipes"])
    shared, apart = ADAMW + SGD, ADAMW + (ADAMW + SGD)
    assert recipes == Plan("recipes", 2, shared, by_study=shared, by_chain=apart)
    assert recipes.ratio == apart / shared


def test_a_chain_that_two_studies_ask_for_is_trained_once(params: Params) -> None:
    recipes, seeds, together = plans(params, ["recipes", "seeds"])
    chain = ADAMW + SGD
    assert seeds == Plan("seeds", 4, 2 * chain, by_study=2 * chain, by_chain=2 * chain)
    assert together.name == "together"
    assert (together.runs, together.epochs) == (4, 2 * chain)  # seed 0 is in both
    assert together.by_study == recipes.epochs + seeds.epochs == chain + 2 * chain
    assert together.by_chain == recipes.by_chain + seeds.by_chain == ADAMW + chain + 2 * chain


def test_all_is_the_paper_and_every_study_is_listed_by_default(params: Params) -> None:
    recipes, seeds, extra, everything = plans(params)
    assert [x.name for x in (recipes, seeds, extra, everything)] == [*params.studies, "all"]
    assert everything.runs == len(params.runs("all"))
    assert everything.by_study == recipes.epochs + seeds.epochs  # without the one aside
    *_, together = plans(params, ["all", "recipes"])
    assert (together.epochs, together.by_chain) == (everything.epochs, everything.by_chain)


def test_an_unknown_study_is_reported_with_the_known_ones(params: Params) -> None:
    with pytest.raises(UserError, match=r"'recipe' .*; there are: recipes, seeds, aside, all"):
        plans(params, ["recipe"])


def test_columns_are_aligned() -> None:
    found = [Plan("a", 1, 10, 10, 10), Plan("together", 1000, 2000, 3000, 4000)]
    assert table(found).splitlines() == [
        "study      runs  epochs  study by study  chain by chain  ratio",
        "a             1      10              10              10   1.00",
        "together  1,000   2,000           3,000           4,000   2.00",
    ]


def test_the_verb_takes_studies_in_order(
    params: Params, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "seeds", "recipes", "--params", str(tmp_path / "params.yaml")]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["study", "seeds", "recipes", "together"]


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "cxv", "plan", "table2"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as plan:
        assert plan.stdout
        assert plan.stderr
        plan.stdout.close()
        assert plan.stderr.read() == b""
        assert plan.wait() == 0
