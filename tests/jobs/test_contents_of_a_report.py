"""A report is made of every record that its study asks for, and of a paper that it touches."""

from pathlib import Path
from typing import Any

import pytest
import samples
from kinds import save_counts, save_examples, save_outline, save_search
from papers import folder_like_the_grid

from cxv.__main__ import main
from cxv.config.grid import Params
from cxv.jobs import config_search, report
from cxv.paper.load_claims import Paper, load_paper
from cxv.report import rendering
from cxv.report.contents import ExtraRecords, ReportData
from cxv.results.lookup import Gap
from cxv.results.table import Table

RESULTS = Path("elsewhere")
DIGITS = """  small:
    title: Digits
    runs: [{datasets: [digits], models: [resnet18], recipes: [adamw]}]
"""
Given = tuple[Table, ExtraRecords, Paper | None]


@pytest.fixture(autouse=True)
def paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """Return what the folder ``paper`` of the working folder describes."""
    monkeypatch.chdir(tmp_path)
    return load_paper(folder_like_the_grid(Path("paper")))


def given_by(params: Params, monkeypatch: pytest.MonkeyPatch) -> Given:
    """Return what a report would judge and draw, which takes seconds."""
    given: list[Any] = []

    def note(*parts: object, draw: bool) -> ReportData:
        assert draw
        given.extend(parts)
        return object.__new__(ReportData)

    monkeypatch.setattr(ReportData, "of", note)
    report.contents(params.model_copy(update={"paper": "paper"}), RESULTS, Path("data/raw"))
    table, extra, paper, receipt = given
    assert receipt is None
    return table, extra, paper


def test_every_kind_of_record_has_its_place(
    tmp_path: Path, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    params, described = samples.grid(tmp_path), paper.description
    samples.make(params, "small", RESULTS)
    [examples] = params.examples("small").values()
    save_counts(RESULTS / "counts/networks.json", described.counts())
    save_search(RESULTS / "config_search/cnv.json", described.searches()["cnv"])
    save_outline(RESULTS / "model_summaries/cnv.json", described.drawn()["cnv"])
    save_examples(RESULTS / f"examples/{examples.id}.json", examples)
    table, extra, read = given_by(params, monkeypatch)
    assert read
    assert (table.study, read.description.means) == ("small", described.means)
    assert {x.spec.id for x in table.runs} == params.runs("small").keys()
    assert {x.spec.id for x in table.profiles} == params.profiles("small").keys()
    assert extra.counts
    assert extra.counts.record.spec == described.counts()
    assert [x.record.spec for x in extra.searches] == [described.searches()["cnv"]]
    assert [x.record.spec for x in extra.model_summaries] == [described.drawn()["cnv"]]
    assert [x.record.spec for x in extra.examples] == [examples]
    assert not [x for x in (*table.runs, *table.profiles) if isinstance(x.record, Gap)]


def test_a_study_that_does_not_touch_the_paper_shows_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = samples.GRID.partition("studies:\n")
    table, extra, paper = given_by(samples.grid(tmp_path, "".join(grid[:2]) + DIGITS), monkeypatch)
    assert paper is None
    assert extra == ExtraRecords()
    assert [x.spec.id for x in table.runs] == [f"digits/resnet18/base/s{n}/adamw" for n in (0, 1)]


def test_a_study_that_asks_for_what_the_paper_leaves_open_has_every_search(
    tmp_path: Path, paper: Paper
) -> None:
    grid = samples.GRID.partition("studies:\n")
    params, described = samples.grid(tmp_path, "".join(grid[:2]) + DIGITS), paper.description
    assert config_search.jobs(params, "small", described) == {}
    asking = params.studies["small"].model_copy(update={"from_paper": ("settings",)})
    params = params.model_copy(update={"studies": {"small": asking}})
    assert config_search.jobs(params, "small", described).keys() == described.searches().keys()
    assert len(described.searches()) > 1


def test_the_verb_writes_the_study_of_its_settings_into_the_folder_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = samples.grid(tmp_path).only("small")
    monkeypatch.setattr(report, "contents", lambda *asked: asked)
    written: list[object] = []
    monkeypatch.setattr(rendering, "write_report", lambda *what: written.extend(what))
    command = ["report", params.canonical(), "--results", str(RESULTS), "--out", "written"]
    assert main([*command, "--data", "raw"]) == 0
    assert written == [(params, RESULTS, Path("raw")), Path("written")]
