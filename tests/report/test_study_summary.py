"""What ``dvc metrics`` shows of a study is what its report says."""

import json
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest
import samples
from look_up import gather

from cxv.config.grid import Params
from cxv.report.study_summary import write_summary
from cxv.results.lookup import top1
from cxv.results.table import Table

POSTTRAIN = "cifar10-cnv-base-posttrain"
"""The row of three seeds: its interval takes what the others say of the variance between seeds."""


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


def written(table: Table) -> dict[str, dict[str, float]]:
    write_summary(table, Path("summary"))
    return {path.stem: json.loads(path.read_text()) for path in Path("summary").iterdir()}


def test_every_row_has_a_file_with_its_mean_and_the_interval_of_the_report(params: Params) -> None:
    table = samples.made(params)
    intervals = gather(params, "small", samples.RUNS, samples.PROFILES).intervals
    rows = written(table)
    assert rows.keys() == intervals.keys()
    assert len(rows) == len(table.rows) > 3
    for name, numbers in rows.items():
        ends = (100 * numbers["top1_low"], 100 * numbers["top1_high"])
        assert ends == pytest.approx(intervals[name].interval)
    [seeds] = [row.seeds for row in table.rows if row.recipe == "posttrain"]
    assert rows[POSTTRAIN]["top1"] == fmean(x for seed in seeds if (x := top1(seed)) is not None)
    assert rows[POSTTRAIN]["runs"] == 3


def test_runs_without_a_top_1_do_not_count(params: Params) -> None:
    links = {id for id in params.runs("small") if id.startswith("cifar10/")}
    one, *_ = sorted(id for id in links if id.endswith("/sgd"))
    assert written(samples.made(params, diverged={one}))[POSTTRAIN]["runs"] == 2


def test_a_row_without_any_run_says_so_and_gives_no_number(params: Params) -> None:
    links = {id for id in params.runs("small") if id.startswith("cifar10/")}
    assert written(samples.made(params, missing=links))[POSTTRAIN] == {"runs": 0}


def test_no_file_stays_of_a_row_that_is_gone(params: Params) -> None:
    table = samples.made(params)
    written(table)
    assert len(written(replace(table, rows=table.rows[:1]))) == 1
