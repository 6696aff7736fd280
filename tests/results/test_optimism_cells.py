"""What a table says of the optimism of its top-1, and what it says without the files for it."""

from pathlib import Path

import numpy as np
import pytest
import samples
from look_up import find_runs, study_table
from resealed import reseal

from cxv.config.grid import Params
from cxv.records.answers import save_answers
from cxv.records.run import Cell
from cxv.results.lookup import Gap
from cxv.results.optimism import link_optimism, read_right, run_optimism
from cxv.results.table import Table

ON_TEST = samples.GRID.replace("select_on: validation", "select_on: test")
ADAMW = "digits/resnet18/base/s{}/adamw"
CPV = "digits/cpv_small/base/s{}/adamw"


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path, ON_TEST)
    samples.make(params, "small", Path("results"))
    return params


def cells(params: Params, model: str, recipe: str) -> dict[str, Cell | Gap]:
    table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    [row] = [
        row
        for row in table.rows
        if (row.model.name, row.recipe, row.variant.name) == (model, recipe, "base")
    ]
    return dict(row.cells)


def number(cell: Cell | Gap) -> Cell:
    assert isinstance(cell, Cell)
    return cell


def answers_of(run: str) -> Path:
    return samples.RUNS / run / "answers.npz"


def leave_no_answers(run: str) -> None:
    """As a file that another program wrote, which the record is made to fit."""
    answers_of(run).write_bytes(b"PK")
    reseal(answers_of(run).parent)


def replaced(run: str, right: np.ndarray) -> None:
    """Put other answers in the place of a run's."""
    save_answers(answers_of(run), np.packbits(right, axis=1), right.shape[1])


def test_the_corrected_top1_is_the_mean_less_the_mean_optimism_of_its_seeds(params: Params) -> None:
    found, runs = cells(params, "resnet18", "adamw"), find_runs(params, "small", samples.RUNS)
    both = [runs[ADAMW.format(seed)] for seed in (0, 1)]
    answers = [right for run in both if (right := read_right(run)) is not None]
    optimism = number(found["top1_optimism"])
    assert optimism.value == pytest.approx(sum(map(link_optimism, answers)) / 2)
    assert optimism.value > 0
    corrected = number(found["top1_without_optimism"])
    assert corrected.value == number(found["top1_mean"]).value - optimism.value
    assert corrected.unit == optimism.unit == number(found["top1_mean"]).unit
    assert corrected.sources == tuple(run.source for run in both)
    assert corrected.rule == (
        f"mean of 2 seeds, less an optimism of {100 * optimism.value:.2f} points;"
        " epochs picked and scored on halves of the test split"
    )


def test_three_seeds_have_an_interval(params: Params) -> None:
    """Student's t with two degrees of freedom reaches 4.3027 standard errors."""
    ends = [f"cifar10/cnv/base/s{seed}/adamw_ra/adamw/sgd" for seed in (0, 1, 2)]
    runs = find_runs(params, "small", samples.RUNS)
    found = [run_optimism(runs[end], runs) for end in ends]
    values = 100 * np.array(found, dtype=float)
    reach = 4.3027 * values.std(ddof=1) / np.sqrt(3)
    low, high = values.mean() - reach, values.mean() + reach
    rule = number(cells(params, "cnv", "posttrain")["top1_optimism"]).rule
    assert "mean of 3 seeds; epochs picked" in rule
    assert rule.endswith(f"95 % interval over seeds {low:.2f} to {high:.2f} points")


def test_a_validation_split_flatters_no_test_top1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path)
    samples.make(params, "small", Path("results"))
    found = cells(params, "resnet18", "adamw")
    assert number(found["top1_optimism"]).value == 0
    corrected = number(found["top1_without_optimism"])
    assert corrected.value == number(found["top1_mean"]).value
    assert "no epoch was picked on the test split" in corrected.rule


def test_a_seed_without_answers_is_left_out_and_named(params: Params) -> None:
    leave_no_answers(ADAMW.format(1))
    found, runs = cells(params, "resnet18", "adamw"), find_runs(params, "small", samples.RUNS)
    optimism = number(found["top1_optimism"])
    assert optimism.value == run_optimism(runs[ADAMW.format(0)], runs)
    assert optimism.sources == (runs[ADAMW.format(0)].source,)
    assert "1 seed; 1 of 2 without answers (seed 1)" in optimism.rule
    assert number(found["n"]).value == 2, "top-1 itself needs no answers"


def test_no_answers_leave_a_gap_that_says_so_and_every_other_number(params: Params) -> None:
    before = cells(params, "resnet18", "adamw")
    for seed in (0, 1):
        leave_no_answers(ADAMW.format(seed))
    after = cells(params, "resnet18", "adamw")
    changed = {"top1_optimism", "top1_without_optimism"}
    assert {key for key in before if before[key] != after[key]} == changed
    assert all(isinstance(x := after[key], Gap) and x.status == "no answers" for key in changed)


def test_a_chain_needs_the_answers_of_every_link(params: Params) -> None:
    runs = find_runs(params, "small", samples.RUNS)
    end = runs[f"{CPV.format(0)}/sgd"]
    assert run_optimism(end, runs) is not None
    answers_of(CPV.format(0)).unlink()
    assert run_optimism(end, runs) is None
    assert run_optimism(end, {end.spec.id: end}) is None


def test_a_diverged_row_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path, ON_TEST)
    lost = {ADAMW.format(seed) for seed in (0, 1)}
    samples.make(params, "small", Path("results"), diverged=lost)
    gap = cells(params, "resnet18", "adamw")["top1_without_optimism"]
    assert gap == Gap("diverged", "2 of 2 diverged (seed 0, 1)")


def test_answers_that_do_not_pick_the_epoch_of_the_record_are_no_answers(params: Params) -> None:
    name = ADAMW.format(0)
    run = find_runs(params, "small", samples.RUNS)[name]
    assert not isinstance(run.record, Gap)
    right, best = read_right(run), run.record.outcome.best_epoch - 1
    assert right is not None
    other = right.copy()
    other[[best - 1, best]] = right[[best, best - 1]]  # as good, but in another epoch
    one_more, one_less = right.copy(), right.copy()
    one_more[best, np.flatnonzero(~right[best])[0]] = True
    one_less[best, np.flatnonzero(right[best])[0]] = False
    for wrong in (other, one_more, one_less, right[:-1], right[:, :-8]):
        replaced(name, wrong)
        assert read_right(run) is None
    replaced(name, right)
    assert read_right(run) is not None


def test_the_page_says_what_the_corrected_top1_is(params: Params) -> None:
    table: Table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    assert "picking on one half of the images and scoring on the other" in table.optimism
