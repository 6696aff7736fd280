"""The report's section on claims shows each with its verdict and the numbers that decide."""

import re
from functools import cache
from html import unescape
from html.parser import HTMLParser

import pytest
from conftest import ROOT

from cxv.claims.load import Paper, load_paper
from cxv.report.claims import SECTIONS, Form, by_section, claims_section


@cache
def paper() -> Paper:
    return load_paper(ROOT / "data/paper")


@pytest.mark.parametrize("form", ["html", "md"])
def test_every_claim_is_there_with_its_verdict_and_every_reason(form: Form) -> None:
    text = unescape(claims_section(paper(), form))
    for id, claim in paper().claims.items():
        assert len(re.findall(rf'(scope="row">|^\| ){id}( \||<)', text, re.MULTILINE)) == 1
        assert claim.claim in text
        for finding in paper().judgements[id].findings:
            assert finding.line in text
    assert text.count("holds partly") == 23
    assert all(id in text for id in paper().inconsistencies)
    assert "97 claims, by the paper's own 138 numbers" in text


def test_claims_stand_under_their_sections_in_the_papers_order() -> None:
    sections = by_section(paper())
    assert list(sections) == list(SECTIONS.values())
    assert {line.id for line in sections["Abstract"]} == {f"ABS-{number}" for number in range(1, 5)}
    assert [line.id for line in sections["Controls that the paper lacks"]] == ["OPT-C1"]
    assert sum(map(len, sections.values())) == 97


def test_a_row_of_the_table_has_as_many_cells_as_its_head() -> None:
    lines = [line for line in claims_section(paper(), "md").splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in lines}
    assert widths == {5, 6}  # four columns and five


def test_the_page_is_well_formed() -> None:
    html = claims_section(paper(), "html")
    opened: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag != "br":
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Balance().feed(html)
    assert not opened
    assert "< ConvMixer" not in html  # escaped
    assert "&lt; ConvMixer-16 61.80" in html
