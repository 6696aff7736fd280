"""Every printed number of Tables 1 to 4 finds its runs, and a verdict by its rule."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from judged import PAPER, by_model, grid, make
from look_up import every_record, gather, study_table
from papers import SHIPPED
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.paper.printed_against_ours import JudgedCell, judge_cells
from cxv.report.exports import cells_csv
from cxv.report.rendering import render_html, render_markdown
from cxv.report.sections.paper_tables import printed_tables
from cxv.results.records import Records


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


def judged(records: Records, name: str) -> JudgedCell:
    return judge_cells(PAPER, records)[name]


def test_the_shipped_settings_ask_for_the_runs_of_every_number() -> None:
    shipped = load(ROOT / "params.yaml")
    cells = judge_cells(
        SHIPPED,
        every_record(shipped, Path("nowhere"), Path("nowhere"), paper=SHIPPED.description),
    )
    assert len(cells) == 138
    assert all(one.asked and one.verdict.word == "not_run" for one in cells.values())
    assert not any(one.sources for one in cells.values())


@pytest.mark.parametrize(
    ("name", "recipe"),
    [
        ("table1.cltv.cifar100", "dualopt"),
        ("table2.embed_1_conv.cifar10", "dualopt"),
        ("table3.cifar10.cpv.adamw", "adamw"),
        ("table4.cpv.randaugment", "randaugment"),
        ("table4.cltv.posttrain", "posttrain3"),  # stronger, sec. 4.2
    ],
)
def test_a_number_stands_for_runs_by_one_recipe(name: str, recipe: str) -> None:
    assert PAPER.printed.cells[name].of.recipe == recipe


@pytest.mark.parametrize(
    ("cnv", "word"),
    [(89.0, "reproduced"), (90.3, "inconclusive"), (91.5, "not_reproduced")],  # printed 89.56
)
def test_a_top1_is_judged_by_the_best_of_three(
    params: Params, tmp_path: Path, cnv: float, word: str
) -> None:
    one = judged(make(params, tmp_path, by_model(cnv=cnv)), "table1.cnv.cifar10")
    assert (one.verdict.word, one.verdict.n) == (word, 3)
    assert one.verdict.estimate == pytest.approx(cnv, abs=0.2)  # of 360 images
    assert len(one.sources) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cpv: {}", "cpv: {set: {dim: 64}}"),
        ("cpv: {}", "cpv: {zoo: resnet18}"),
        ("cifar10: {source: cifar10}", "cifar10: {source: cifar10, per_class: {train: 500}}"),
        ("cifar10: {source: cifar10}", "cifar10: {source: cifar100}"),
        ("base: {}", "base: {edits: [rotary]}"),
    ],
)
def test_what_is_not_as_the_paper_has_it_stands_for_none_of_its_numbers(
    tmp_path: Path, old: str, new: str
) -> None:
    grid(tmp_path)
    path = tmp_path / "params.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    params = load(path)
    records = make(params, tmp_path, by_model(cpv=91.0))
    for column in ("cifar10", "params_m", "gpu_gb"):
        one = judged(records, f"table1.cpv.{column}")
        assert (one.asked, one.verdict.word, one.sources) == (False, "not_run", ())
    table = study_table(params, "small", tmp_path / "runs", tmp_path / "profiles")
    specs = [run.spec for run in table.runs if run.spec.model.name == "cpv"]
    assert specs
    assert not any(map(PAPER.description.means.has, specs))
    tables = printed_tables(judge_cells(PAPER, records), table, PAPER)
    lines = tables[0].groups["Convolutional Xformers"]
    assert {cell.runs for line in lines for cell in line.cells if "cpv" in cell.id} == {""}


def test_too_few_seeds_show_the_best_there_is(params: Params, tmp_path: Path) -> None:
    lost = "cifar10/cnv/base/s1/adamw/sgd"
    one = judged(make(params, tmp_path, missing=[lost]), "table1.cnv.cifar10")
    assert one.verdict.word == "inconclusive"
    assert one.verdict.estimate == pytest.approx(80.0, abs=0.2)
    assert "2 of at least 3 seeds" in one.verdict.reason
    assert lost in one.verdict.reason


def test_no_later_seed_stands_in_for_one_of_the_first_three(tmp_path: Path) -> None:
    params = grid(tmp_path, seeds="[0, 1, 2, 3]")
    lost = ["cifar10/cnv/base/s1/adamw/sgd", "cifar10/cpv/base/s0/adamw"]
    records = make(params, tmp_path, lambda run: 0.99 if run.seed == 3 else 0.89, diverged=lost)
    one = judged(records, "table1.cnv.cifar10")
    assert (one.verdict.word, one.verdict.n) == ("inconclusive", 3)
    assert one.verdict.estimate == pytest.approx(89.0, abs=0.2)
    assert one.verdict.reason.startswith("not all of the first three seeds; 3 of 4 runs")
    whole = judged(records, "table3.cifar10.cpv.dualopt").verdict
    assert whole.reason.startswith("best of three 88.89")
    assert judged(records, "table3.cifar10.cpv.increase_percent").verdict.estimate is None


def test_an_increase_is_arithmetic_on_two_judged_numbers(params: Params, tmp_path: Path) -> None:
    records = make(
        params, tmp_path, lambda run: 0.9 if len(run.links) == 2 else 0.75
    )  # DualOpT, AdamW
    one = judged(records, "table3.cifar10.cpv.increase_percent")
    assert one.verdict.estimate == pytest.approx(20.0, abs=0.3)
    assert one.verdict.word == "not_testable"
    assert len(one.sources) == 6
    missing = judged(records, "table3.cifar100.cltv.increase_percent")
    assert (missing.asked, missing.verdict.word) == (False, "not_run")


def test_a_predicted_memory_is_shown_and_not_judged(params: Params, tmp_path: Path) -> None:
    records = make(params, tmp_path)
    small = judged(records, "table1.cnv.gpu_gb")
    assert "batch of 32" in small.verdict.reason  # the study measures at 8
    profile = records.profiles["cifar10/cnv/base"]
    measured = profile.record.measured.model_copy(update={"batch": 32})  # type: ignore[union-attr]
    record = profile.record.model_copy(update={"measured": measured})  # type: ignore[union-attr]
    records.profiles["cifar10/cnv/base"] = replace(profile, record=record)
    one = judged(records, "table1.cnv.gpu_gb")
    peak = measured.predicted_peak_bytes + measured.predicted_context_bytes
    assert one.verdict.estimate == pytest.approx(peak / 1e9)
    assert (one.verdict.word, one.printed.rule) == ("not_run", "equivalence")


@pytest.mark.parametrize(
    ("device", "word", "peak_gb"),
    [
        ("Tesla T4", "reproduced", 2.6),  # what torch allocated, not what it reserved
        ("Tesla P100-PCIE-16GB", "reproduced", 2.6),
        ("NVIDIA H100 80GB HBM3", "not_run", None),  # says less of the print than the prediction
    ],
)
def test_a_peak_is_judged_where_a_gpu_like_the_papers_had_it(
    params: Params, tmp_path: Path, device: str, word: str, peak_gb: float | None
) -> None:
    records = make(params, tmp_path)
    found = records.profiles["cifar10/cnv/base"]
    measured: Any = found.record.measured  # type: ignore[union-attr]
    seen = {"measured_allocated_bytes": 2_600_000_000, "measured_reserved_bytes": 9_000_000_000}
    peaks = tuple(
        peak.model_copy(update=seen) if peak == measured.peak("eager") else peak
        for peak in measured.peak_memory
    )
    on_gpu = measured.model_copy(update={"batch": 32, "device": device, "peak_memory": peaks})
    record = found.record.model_copy(update={"measured": on_gpu})  # type: ignore[union-attr]
    records.profiles["cifar10/cnv/base"] = replace(found, record=record)
    one = judged(records, "table1.cnv.gpu_gb")  # printed 3.1
    peak = measured.predicted_peak_bytes / 1e9 if peak_gb is None else peak_gb
    assert one.verdict.estimate == pytest.approx(peak + 0.4)  # with its CUDA context
    assert one.verdict.word == word
    assert ("predicted" if peak_gb is None else device) in one.verdict.reason


def test_an_increase_is_asked_for_where_both_recipes_are(tmp_path: Path) -> None:
    grid(tmp_path)
    path = tmp_path / "params.yaml"
    path.write_text(path.read_text().replace("recipes: [adamw, dualopt]}", "recipes: [adamw]}"))
    one = judged(make(load(path), tmp_path), "table3.cifar10.cpv.increase_percent")
    assert (one.asked, one.verdict.word, len(one.sources)) == (False, "not_run", 3)


def test_a_count_is_held_against_the_printed_digits(params: Params, tmp_path: Path) -> None:
    one = judged(make(params, tmp_path), "table1.resnet18.params_m")
    assert one.verdict.word == "not_reproduced"  # the sample's network is smaller
    assert one.verdict.estimate is not None
    lost = judged(make(params, tmp_path / "b", missing=["cifar10/cnv/base"]), "table1.cnv.macs_g")
    assert (lost.asked, lost.verdict.word) == (True, "not_run")


def test_tables_have_the_rows_of_the_paper(params: Params, tmp_path: Path) -> None:
    records = make(params, tmp_path)
    table = study_table(params, "small", tmp_path / "runs", tmp_path / "profiles")
    tables = printed_tables(judge_cells(PAPER, records), table, PAPER)
    lines = {one.name: sum(map(len, one.groups.values())) for one in tables}
    assert lines == {"table1": 15, "table2": 3, "table3": 13, "table4": 3}
    assert {one.name for one in tables if one.asked} == {"table1", "table2", "table3"}
    ids = [cell.id for one in tables for x in one.groups.values() for y in x for cell in y.cells]
    assert len(ids) == len(set(ids)) == 138
    (cnv,) = [x for x in tables[0].groups["Convolutional Xformers"] if x.title == "CNV-5/4"]
    assert [cell.runs for cell in cnv.cells[3:]] == ["cifar10-cnv-base-dualopt", "", ""]
    assert [cell.paper for cell in cnv.cells] == ["1.3", "3.1", "1.39", "89.56", "59.23", "49.56"]


def test_a_report_shows_the_papers_number_next_to_ours(params: Params, tmp_path: Path) -> None:
    make(params, tmp_path, by_model(cnv=89.44))
    folders = (tmp_path / "runs", tmp_path / "profiles")
    contents = gather(params, "small", *folders, paper=PAPER)
    page = render_html(contents)
    cell = page.partition('popovertarget="table1-cnv-cifar10">')[2].partition("</td>")[0]
    assert cell.startswith("89.44 ")
    assert 'aria-label="reproduced"' in cell
    assert '<span class="paper">89.56</span>' in cell
    assert 'id="table1-cnv-cifar10"' in page
    assert "this study has none of it" in page  # Table 4
    assert "| 89.44 ✓ (89.56) | not run (59.23) |" in render_markdown(contents)


def test_every_number_is_a_line_of_the_csv(params: Params, tmp_path: Path) -> None:
    cells = judge_cells(PAPER, make(params, tmp_path, by_model(cpv=90.0)))
    lines = {x["printed"]: x for x in csv.DictReader(io.StringIO(cells_csv(cells.values())))}
    assert lines.keys() == PAPER.printed.cells.keys()
    cpv = lines["table1.cpv.cifar10"]
    assert (cpv["paper"], cpv["ours"], cpv["n"]) == ("91.42", "90", "3")
    assert len(cpv["sources"].split()) == 3
    assert lines["table1.vit.cifar10"]["ours"] == ""
