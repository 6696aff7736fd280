"""The report shows the table, opens its evidence, and asks the network for nothing."""

import re
from collections import Counter
from contextlib import chdir
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
import samples
from look_up import gather, study_table

from cxv.config.grid import Params
from cxv.records.run import Cell, RunRecord
from cxv.report.contents import ReportData
from cxv.report.rendering import render_html, render_markdown, write_report
from cxv.results.table import COLUMNS, Table

VOID = {"meta", "br", "hr", "img", "input", "link"}
LOADS = {"src", "srcset", "poster", "data", "href", "xlink:href", "action", "background"}


class Page(HTMLParser):
    """Tags, attributes and text of a page; a tag closed out of turn fails at once."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def all(self, attribute: str) -> list[str]:
        return [value for _, attrs in self.tags if (value := attrs.get(attribute)) is not None]

    def loads(self) -> list[str]:
        """Addresses that a browser would fetch by itself: all but those of plain links."""
        found = [
            value
            for tag, attrs in self.tags
            for name, value in attrs.items()
            if name in LOADS and tag != "a" and value and not value.startswith("#")
        ]
        return found + re.findall(r"@import|url\((?!#)[^)]*\)", " ".join(self.words))


@dataclass(frozen=True)
class Report:
    """A study whose every run has finished, in both forms."""

    table: Table
    html: str
    markdown: str

    @property
    def page(self) -> Page:
        return Page(self.html)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    root = tmp_path_factory.mktemp("report")
    with chdir(root):
        table = samples.made(samples.grid(root))
        contents = ReportData.of(table)
        return Report(table, render_html(contents), render_markdown(contents))


def both(table: Table) -> tuple[str, str]:
    """Return the page and the Markdown of a study."""
    contents = ReportData.of(table)
    return render_html(contents), render_markdown(contents)


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


def test_the_page_is_well_formed_and_every_id_is_its_own(report: Report) -> None:
    page = report.page
    assert [id for id, count in Counter(page.all("id")).items() if count > 1] == []


@pytest.mark.parametrize("text", ["<p><b></p></b>", "<div>", "<p></p></div>"])
def test_the_check_for_well_formed_pages_can_fail(text: str) -> None:
    with pytest.raises((AssertionError, IndexError)):
        Page(text)


def test_the_page_fetches_nothing(report: Report) -> None:
    assert report.page.loads() == []


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.org/a.js"></script>',
        '<link rel="stylesheet" href="a.css">',
        "<style>@import 'x.css'</style>",
        "<style>p { background: url(http://x.org/a.png) }</style>",
    ],
)
def test_the_check_for_fetches_can_fail(text: str) -> None:
    assert Page(text).loads()


def test_every_number_opens_evidence_that_is_on_the_page(report: Report) -> None:
    page = report.page
    targets = page.all("popovertarget")
    assert len(targets) > 6 * 8
    assert {*targets} <= {*page.all("id")}


def test_the_page_prints_the_numbers_of_the_table(report: Report) -> None:
    words, text = {*report.page.words}, report.markdown
    for row in report.table.rows:
        for key, column in COLUMNS.items():
            cell = row.cells[key]
            assert isinstance(cell, Cell)
            printed = column.show(cell.value)
            assert printed in words
            assert f" {printed} |" in text


def test_top1_is_printed_in_percent_with_two_decimals(params: Params) -> None:
    page = Page(render_html(ReportData.of(samples.made(params, top1=231 / 360))))
    assert "64.17" in page.words


def test_evidence_names_the_run_its_sums_and_the_command_that_remakes_it(report: Report) -> None:
    page = " ".join(report.page.words)
    for seed in report.table.rows[-1].seeds:
        assert f"snakemake --cores 1 --force results/runs/{seed.spec.id}/metrics.json" in page
        assert seed.spec.digest in page
        record = seed.record.model_dump()
        assert record["sha256"]["checkpoint.pt"] in page
        assert record["parent_sha256"] in page
        assert record["data_sha256"] in page
        assert record["stamp"]["commit"] in page


def test_a_stale_number_is_withheld_and_the_reason_shown(params: Params) -> None:
    samples.made(params, top1=231 / 360)
    edited = {
        name: phase.model_copy(update={"patience": 9}) for name, phase in params.phases.items()
    }
    stale = params.model_copy(update={"phases": edited})
    table = study_table(stale, "small", samples.RUNS, samples.PROFILES)
    for text in both(table):
        assert "64.17" not in text
        assert "stale" in text
        assert "patience" in text


def test_what_is_missing_or_diverged_is_said(params: Params) -> None:
    end = "digits/resnet18/base/s1/adamw/sgd"
    missing = {"digits/resnet18/base/s0/adamw", "digits/resnet18/base/s1/adamw"}
    table = samples.made(params, diverged={end}, missing=missing)
    for text in both(table):
        assert "1 of 2 diverged (seed 1)" in text
        assert "2 of 2 not run (seed 0, 1)" in text
        assert "not run" in text


def test_a_study_that_never_ran_has_a_report(params: Params) -> None:
    html, markdown = both(study_table(params, "small", samples.RUNS, samples.PROFILES))
    page = Page(html)
    assert "not run" in page.words
    assert "curves" not in page.all("id")
    assert "0 of 21 runs finished" in markdown


def test_a_title_cannot_add_markup(params: Params) -> None:
    html, _ = both(study_table(params, "small", samples.RUNS, samples.PROFILES))
    page = Page(html)
    assert "A study of <small> things" in page.words
    assert "small" not in {tag for tag, _ in page.tags}


def test_tables_are_accessible(report: Report) -> None:
    page = report.page
    tags = Counter(tag for tag, _ in page.tags)
    assert tags["caption"] == tags["table"] == 4
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert ("html", {"lang": "en"}) in page.tags
    assert tags["main"] == tags["header"] == tags["footer"] == tags["h1"] == 1
    assert all(attrs.get("aria-label") for tag, attrs in page.tags if tag == "svg")


def test_the_page_says_on_which_split_the_epoch_was_selected(params: Params) -> None:
    for text in both(study_table(params, "small", samples.RUNS, samples.PROFILES)):
        assert "epoch selected on 10% of the training images, held out from training" in text
        assert "epoch selected on the test split" not in text


def test_no_file_is_written_when_one_form_cannot_be_made(
    params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxv.report.rendering.render_latex", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_report(gather(params, "small", samples.RUNS, samples.PROFILES), Path("written"))
    assert not Path("written").exists()


def test_the_evidence_tells_how_a_link_ended_and_what_the_switch_did(report: Report) -> None:
    shown = " ".join(report.page.words)
    ends = set()
    for seed in report.table.rows[-1].seeds:
        assert isinstance(seed.record, RunRecord)
        got = seed.record.outcome
        assert got.switch is not None
        ends.add(got.ended_by)
        how = f"weights kept from epoch {got.best_epoch}; ended by {got.ended_by.replace('_', ' ')}"
        assert f"{got.epochs} in the last phase; {how}" in shown
        jump, gain = (points(x) for x in (got.switch.jump, got.switch.gain))
        said = f"top-1 {jump} points in the next epoch, {gain} at best"
        assert f"after epoch {got.switch.epoch} of the chain: {said}" in shown
    assert ends == {"max_epochs", "patience"}


def points(difference: float | None) -> str:
    assert difference is not None
    sign = "+" if difference > 0 else "\N{MINUS SIGN}"
    return f"{sign}{abs(100 * difference):.2f}"
