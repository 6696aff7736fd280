"""A number that other code made is shown where the settings say so, and marked in every form."""

from pathlib import Path

import pytest
import samples
from resealed import edit

from cxv.config.grid import Params
from cxv.jobs import profile, train
from cxv.jobs.plan import kept_stale, plan, rerun_code
from cxv.report.contents import ReportData
from cxv.report.rendering import render_html, render_latex, render_markdown
from cxv.results.lookup import Gap, count_statuses, find, find_all
from cxv.results.table import Table, study_table

RESULTS = Path("results")
RUN = "digits/resnet18/base/s0/adamw/sgd"
RECORD = RESULTS / "runs" / RUN / "metrics.json"
MADE_BY = "0" * 12


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path)
    samples.make(params, "small", RESULTS)
    edit(RECORD, lambda fields: fields["stamp"].update(code=MADE_BY))
    return params.model_copy(update={"stale": "report"})


def made(params: Params) -> Table:
    runs = find_all(train.jobs(params, "small"), RESULTS, params.stale)
    profiles = find_all(profile.jobs(params, "small"), RESULTS, params.stale)
    return study_table(params, "small", runs, profiles)


def test_a_record_of_other_code_is_found_with_the_reason(params: Params) -> None:
    job = train.jobs(params, "small")[RUN]
    found = find(job, RESULTS, "report")
    assert not isinstance(found.record, Gap)
    assert found.stale == f"{RECORD}: made by code {MADE_BY}, now {job.code}"
    assert count_statuses([found]) == "1 of 1 stale (seed 0)"
    assert isinstance(find(job, RESULTS).record, Gap)


def test_an_altered_record_stays_altered_and_one_of_other_settings_stale(params: Params) -> None:
    job = train.jobs(params, "small")[RUN]
    edit(RECORD, lambda fields: fields["spec"].update(seed=7))
    other = find(job, RESULTS, "report").record
    assert isinstance(other, Gap)
    assert other.status == "stale"
    RECORD.write_text(RECORD.read_text().replace('"seed": 7', '"seed": 0'))
    altered = find(job, RESULTS, "report").record
    assert isinstance(altered, Gap)
    assert altered.status == "altered"


def test_the_cells_made_from_it_are_marked_and_no_other(params: Params) -> None:
    stale = {
        (row.model.name, row.recipe, column)
        for row in made(params).rows
        for column, cell in row.cells.items()
        if not isinstance(cell, Gap) and cell.stale
    }
    columns = ("top1_best", "top1_mean", "top1_sd", "n", "top1_optimism", "top1_without_optimism")
    assert stale == {("resnet18", "dualopt", column) for column in columns}


def test_every_form_counts_stale_numbers_first_and_marks_each(params: Params) -> None:
    table = made(params)
    total = sum(not isinstance(x, Gap) for row in table.rows for x in row.cells.values())
    data = ReportData.of(table)
    says = f"Stale: 6 of {total} numbers of the tables"
    markdown = render_markdown(data)
    assert markdown.splitlines()[2].startswith(says)
    assert f"- Stale: {RECORD}: made by code {MADE_BY}" in markdown
    [row] = [x for x in markdown.splitlines() if x.startswith("| ResNet-18 | base | dualopt |")]
    assert row.count("(stale)") == 5  # the optimism has no column of its own
    assert "1 of 2 stale (seed 0)" in row
    html, latex = render_html(data), render_latex(data)
    assert html.index(says) < html.index('class="findings"')
    assert '<span class="gap">stale</span>' in html
    assert says in latex.document
    assert "(stale)" in "".join(latex.tables.values())


def test_without_stale_records_nothing_is_said_of_them(params: Params) -> None:
    samples.make(params, "small", RESULTS)
    markdown = render_markdown(ReportData.of(made(params)))
    assert "stale" not in markdown.lower()


def test_a_record_is_made_again_by_its_own_code_alone_where_stale_ones_are_shown(
    params: Params,
) -> None:
    jobs = plan(params, "small", None)
    job = jobs["train"][RUN]
    assert rerun_code(job, RESULTS, "retrain") == job.code
    assert rerun_code(job, RESULTS, "report") == MADE_BY
    assert kept_stale(jobs, RESULTS, "report") == [f"{job.path} {MADE_BY} {job.code}"]
    assert kept_stale(jobs, RESULTS, "retrain") == []
    edit(RECORD, lambda fields: fields["spec"].update(seed=7))
    assert rerun_code(job, RESULTS, "report") == job.code  # another run: it is to be made
    RECORD.unlink()
    assert rerun_code(job, RESULTS, "report") == job.code
