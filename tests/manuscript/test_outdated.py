"""A number whose record or whose file of macros has changed is named wherever it is used."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from manuscripts import BOTH, DATA, RESULTS, Paper, add, mean, paper, written
from resealed import edit

from cxv.jobs.report import contents
from cxv.report.rendering import write_report

__all__ = ["paper", "written"]

RUN = RESULTS / "runs/digits/convolutions/base/s0/adamw/sgd"


def test_a_number_that_its_records_no_longer_give_is_old(paper: Paper) -> None:
    run = paper.params.runs("switch")["digits/convolutions/base/s0/adamw/sgd"]
    samples.save_run(RESULTS / "runs", run, top1=0.5)
    found = paper.audit().findings
    assert {one.kind for one in found} == {"old"}
    assert {one.file.name for one in found} == {"paper.tex", "results.tex"}
    assert any(f"the records give {mean():.2f}" in one.says for one in found)
    paper.write_macros()
    assert paper.audit().findings == ()


def test_macros_of_other_records_are_old_although_no_number_that_is_used_changed(
    paper: Paper,
) -> None:
    path = RESULTS / "runs/digits/attention/base/s0/adamw/metrics.json"
    edit(path, lambda fields: fields["stamp"].update(seconds=1.0))
    [found] = paper.audit().findings
    assert (found.file.name, found.kind) == ("cxv_switch.tex", "old")
    assert found.write == "cxv latex-macros switch --out cxv_switch.tex"


def test_a_stale_run_is_named_wherever_its_numbers_are_used(paper: Paper) -> None:
    edit(RUN / "metrics.json", lambda fields: fields["stamp"].update(code="0123456789ab"))
    paper.write_macros()
    found = paper.audit().findings
    assert {one.kind for one in found} == {"stale"}
    assert all("made by code 0123456789ab" in one.says for one in found)
    assert {one.file.name for one in found} == {"paper.tex", "results.tex"}
    assert not any("attention" in one.number for one in found)


def altered_record() -> None:
    path = RUN / "metrics.json"
    path.write_text(path.read_text().replace('"top1": 0.', '"top1": 0.1', 1))


def altered_predictions() -> None:
    shutil.copy(RUN.parent / "predictions.npz", RUN)


@pytest.mark.parametrize("alter", [altered_record, altered_predictions])
def test_an_altered_record_is_named(paper: Paper, alter: Callable[[], None]) -> None:
    alter()
    found = paper.audit().findings
    assert {one.kind for one in found} == {"altered"}
    assert all(str(RUN) in one.says for one in found)


def test_macros_that_were_edited_are_named(paper: Paper) -> None:
    paper.edit(
        "cxv_switch", f"{{{BOTH}/top1_mean}}{{{mean():.2f}}}", f"{{{BOTH}/top1_mean}}{{99.99}}"
    )
    found = paper.audit().findings
    assert {one.kind for one in found} == {"old"}
    assert all("prints 99.99" in one.says for one in found)


def test_a_macro_that_no_file_defines_is_named(paper: Paper) -> None:
    text = Path("cxv_switch.tex").read_text()
    lines = [line for line in text.splitlines() if f"@set{{{BOTH}/top1_best}}" not in line]
    Path("cxv_switch.tex").write_text("\n".join(lines))
    [found] = paper.audit().findings
    assert (found.kind, found.says) == ("old", "no file of macros that is input has it")


def test_a_file_that_is_not_there_is_named(paper: Paper) -> None:
    line = add(paper, r"\input{tables/none}")
    [found] = paper.audit().findings
    assert (found.line, found.kind, found.number) == (line, "missing", "tables/none")


def test_a_table_of_a_report_is_taken_in_as_long_as_its_records_give_it(paper: Paper) -> None:
    write_report(contents(paper.params.only("switch"), RESULTS, DATA), Path("report"))
    add(paper, r"\input{report/tables/table-digits}")
    found = paper.audit()
    assert (found.findings, found.counts["tables of reports"]) == ((), 1)
    path = Path("report/tables/table-digits.tex")
    path.write_text(path.read_text().replace(f"{mean():.2f}", "99.99"))
    [finding] = paper.audit().findings
    assert (finding.file, finding.kind) == (path, "old")
