"""The report's section on claims shows each with both verdicts and the records that decide."""

import re
from collections import Counter
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
import samples
from by_hand import unrun
from judged import PAPER, by_model, grid, make
from look_up import every_record, gather
from papers import SHIPPED
from shared_fixtures import ROOT
from test_report import Page

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.report.rendering import environment, render_html, render_markdown
from cxv.report.sections.claims import by_section, context


@cache
def unmade() -> dict[str, object]:
    """Return what a study shows that has every run for the claims, before any is made."""
    params = load(ROOT / "params.yaml")
    nowhere = Path("nowhere")
    return context(SHIPPED, every_record(params, nowhere, nowhere, paper=SHIPPED.description))


@cache
def whole(form: str) -> str:
    """Return the section of that study."""
    template = environment(autoescape=form == "html").get_template(f"claims.{form}.j2")
    return template.render(unmade())


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


def written(params: Params, root: Path) -> tuple[str, str]:
    """Return both forms of the small study's report."""
    contents = gather(params, "small", root / "runs", root / "profiles", paper=PAPER)
    return render_html(contents), render_markdown(contents)


def test_a_page_with_the_paper_is_well_formed_its_headings_in_order(
    params: Params, tmp_path: Path
) -> None:
    make(params, tmp_path)
    page = Page(written(params, tmp_path)[0])
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert max(after - before for before, after in pairwise(levels)) == 1
    assert {*page.all("popovertarget")} <= {*page.all("id")}


@pytest.mark.parametrize("form", ["html", "md"])
def test_every_claim_is_there_with_its_verdict_and_every_reason(form: str) -> None:
    text = unescape(whole(form))
    for id, claim in PAPER.claims.items():
        assert len(re.findall(rf'(scope="row">|^\| ){id}( \||<)', text, re.MULTILINE)) == 1
        assert claim.claim in text
        for finding in PAPER.judgements[id].findings:
            assert finding.line in text
    partly = [one for one in PAPER.judgements.values() if one.verdict == "partly"]
    assert text.count("holds partly") == len(partly) > 9
    assert all(id in text for id in PAPER.inconsistencies)
    assert "105 claims and 2 that it lacks, by the paper's own 138 numbers" in text
    waiting = Counter(unrun().values())["not_run"]
    assert f"107 claims by our runs: {waiting} not run" in text
    assert PAPER.tolerances.sha256 in text


def test_claims_stand_under_their_sections_in_the_papers_order() -> None:
    sections = unmade()["claims"]
    assert isinstance(sections, dict)
    assert list(sections) == list(PAPER.sections.values())
    assert len(sections) == 8
    assert {line.id for line in sections["Abstract"]} == {f"ABS-{number}" for number in range(1, 5)}
    assert [line.id for line in sections["Controls that the paper lacks"]] == ["ABL-C1", "OPT-C1"]
    assert sum(map(len, sections.values())) == 107
    assert by_section(PAPER, {}) == {}


def test_a_row_of_the_table_has_as_many_cells_as_its_head() -> None:
    lines = [line for line in whole("md").splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in lines}
    assert widths == {5, 7}  # four columns and six


class Balance(HTMLParser):
    """Counts tags; fails on one that is closed out of turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.tags: list[str] = []
        self.feed(text)
        assert not self.opened

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in {"br", "meta"}:
            self.opened.append(tag)
        if tag == "th":
            assert dict(attrs).get("scope")

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


def test_the_page_is_well_formed_and_needs_no_script(params: Params, tmp_path: Path) -> None:
    make(params, tmp_path, by_model(cnv=90.0))
    for html, scripts in ((whole("html"), 0), (written(params, tmp_path)[0], 1)):
        tags = Balance(html).tags
        assert tags.count("caption") == tags.count("table") > 1
        assert "details" in tags
        assert tags.count("script") == scripts  # the page's own, which sorts tables
        assert "< ConvMixer" not in html  # escaped


def test_a_study_shows_the_claims_that_it_bears_on_with_their_records(
    params: Params, tmp_path: Path
) -> None:
    make(params, tmp_path, by_model(cnv=90.0))
    for text in map(unescape, written(params, tmp_path)):
        tested, others = re.split("has no run for them|own numbers alone", text)
        shown = {id for id in PAPER.claims if _has_row(tested, id)}
        assert {"OPT-1", "RES-1", "RES-2", "CON-4"} <= shown  # cnv and resnet18, AdamW and DualOpT
        assert not shown & {"ABL-4", "AUG-4", "RES-9", "SET-12"}
        assert {id for id in PAPER.claims if _has_row(others, id)} == PAPER.claims.keys() - shown
        assert f"{tmp_path}/runs/cifar10/cnv/base/s0/adamw/sgd/metrics.json#" in text
        assert "cnv against resnet18, cifar10" in text
        assert "Chance has a say in" in text
        assert "They rest: " in text
        assert "nothing here asks for" in text


def _has_row(text: str, id: str) -> bool:
    return bool(re.search(rf'scope="row">{id}<|^\| {id} \|', text, re.MULTILINE))


def test_a_study_that_bears_on_no_claim_shows_what_print_says_of_all(tmp_path: Path) -> None:
    text = samples.GRID.replace("datasets: [cifar10]", "datasets: [digits]")
    params = samples.grid(tmp_path, text)
    for text in written(params, tmp_path):
        assert "both sides of a comparison for none of them" in text
        assert all(_has_row(text, id) for id in PAPER.claims)
        assert "by our runs:" not in text
