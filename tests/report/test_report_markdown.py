"""Titles and names are seen in the Markdown as they were typed, and end no table, list or line."""

import html
import re
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest
import samples
from markdown_it import MarkdownIt
from nasty import NASTY
from shared_fixtures import ROOT

from cxv.report.contents import ReportData
from cxv.report.markdown import for_markdown
from cxv.report.opening import opening
from cxv.report.rendering import environment, render_markdown
from cxv.report.sections.findings import Finding
from cxv.results.lookup import Gap

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
TEMPLATES = ROOT / "cxv/report/templates"
LINK = re.compile(r"\}\}[\[(]|^\{\{[^}]*\}\}:", re.MULTILINE)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> ReportData:
    root = tmp_path_factory.mktemp("markdown")
    with chdir(root):
        return ReportData.of(samples.made(samples.grid(root)), draw=False)


def typed(text: str) -> str:
    return " ".join(text.split())


def cells(page: str) -> list[str]:
    """Return the texts of all cells of a page's tables but their heads."""
    return [typed(html.unescape(x)) for x in re.findall(r"<td[^>]*>(.*?)</td>", page)]


def renamed(contents: ReportData, name: str) -> ReportData:
    """Return a report whose title, models, recipes, statuses and findings are a name."""
    rows = tuple(
        replace(
            row,
            model=row.model.model_construct(name=name, zoo=row.model.zoo, set={"dim": 1}),
            cells=row.cells | {"n": Gap("altered", "reason")},
            recipe=name,
        )
        for row in contents.table.rows
    )
    table = replace(contents.table, title=name, rows=rows)
    return replace(contents, table=table, findings=(Finding(name, "graph"),))


@pytest.mark.parametrize("name", NASTY)
def test_a_title_and_names_are_seen_as_they_were_typed(name: str, usual: ReportData) -> None:
    page = GITHUB.render(render_markdown(renamed(usual, name)))
    word = GITHUB.render(render_markdown(renamed(usual, "word")))
    [title] = re.findall(r"<h1>(.*?)</h1>", page)
    assert typed(html.unescape(title)) == typed(name)
    assert cells(page) == [typed(name) if x == "word" else x for x in cells(word)]
    assert cells(word).count("word") == 2 * len(usual.table.rows)
    assert re.findall(r"<[^>]*>", page) == re.findall(r"<[^>]*>", word)


def test_what_stands_in_the_terminal_is_what_was_typed(tmp_path: Path) -> None:
    says = 'one_ *two* "three" [+1.00, +2.00] <four>'
    template = for_markdown(environment(autoescape=False)).from_string("1. {{ says }}\n")
    (tmp_path / "report.md").write_text(template.render(says=says))
    assert says not in (tmp_path / "report.md").read_text()
    assert list(opening(tmp_path)) == [f"1. {says}"]


def test_a_template_is_markdown_and_what_it_prints_is_text() -> None:
    template = for_markdown(environment(autoescape=False)).from_string(
        "**{{ a }}** {{ a | code }} {{ b | safe }} {{ 7 }}{{ '*' }}{{ 'x' if false }}"
    )
    assert template.render(a="*|", b="**b**") == r"**\*\|** `*|` **b** 7\*"


def test_nothing_behind_a_printed_text_makes_a_link_of_its_end() -> None:
    """As ``cxv.report.markdown.escape`` asks: a text may end with ``]``."""
    paths = [*TEMPLATES.glob("*.md.j2")]
    assert paths
    assert [x for path in paths for x in LINK.findall(path.read_text())] == []
    assert LINK.findall("{{ a }}(b)\n{{ c }}: d\nand {{ e }}: f {{ g }} (h)") == ["}}(", "{{ c }}:"]
