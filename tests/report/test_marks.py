"""Every verdict on a printed number has its word and its mark, in every form of the report."""

import csv
import io
import re
from dataclasses import replace
from typing import Any, get_args

import pytest
from judged import PAPER, grid, make
from look_up import gather

from cxv.config.grid import Params
from cxv.paper.claims_from_runs import WORDS
from cxv.paper.printed_against_ours import JudgedCell
from cxv.paper.verdict_rules import Verdict, Word
from cxv.report.contents import ReportData
from cxv.report.exports import cells_csv
from cxv.report.rendering import render_html, render_latex, render_markdown
from cxv.report.sections.paper_tables import count_verdicts, printed_tables

NAME = "table1.cnv.cifar10"  # printed 89.56
SAID = {  # the word, its mark, and the mark that LaTeX prints
    "reproduced": ("reproduced", "✓", r"$\surd$"),
    "not_reproduced": ("not reproduced", "✗", r"$\times$"),
    "inconclusive": ("inconclusive", "?", "?"),
    "fitted": ("fitted to the printed numbers", "=", "="),
    "not_run": ("not run", "", ""),
    "under_test": ("under test", "", ""),
    "not_testable": ("not testable", "", ""),
}
JUDGED = ("reproduced", "not_reproduced", "inconclusive", "fitted")
every_word = pytest.mark.parametrize("word", SAID)


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> ReportData:
    root = tmp_path_factory.mktemp("marks")
    params: Params = grid(root)
    make(params, root)
    return gather(params, "small", root / "runs", root / "profiles", paper=PAPER)


def with_verdict(contents: ReportData, verdict: Verdict) -> ReportData:
    """Return the same report with another verdict on one number."""
    cells = {**contents.cells, NAME: replace(contents.cells[NAME], verdict=verdict)}
    tables = {"printed": printed_tables(cells, contents.table, PAPER)}
    return replace(contents, cells=cells, paper={**contents.paper, **tables})


def judged(word: Word) -> Verdict:
    return Verdict(word=word, reason="because", estimate=88.25, mean=87.75, sd=0.5, n=3)


def test_every_word_of_a_verdict_is_said() -> None:
    assert SAID.keys() == WORDS.keys() == set(get_args(Word))
    assert {word: said for word, (said, *_) in SAID.items()} == WORDS


@every_word
def test_a_mark_is_that_of_its_verdict(contents: ReportData, word: Word) -> None:
    shown = with_verdict(contents, judged(word))
    said, mark, printed = SAID[word]
    said = said if word in {*JUDGED, "under_test"} else "not judged"  # ours is there
    line = next(x for x in render_markdown(shown).splitlines() if "(89.56)" in x)
    assert f"| 88.25{mark and f' {mark}'} (89.56) |" in line
    page = render_html(shown)
    cell = page.partition('popovertarget="table1-cnv-cifar10">')[2].partition("</td>")[0]
    kind = word.replace("_", "-")
    label = f' <span class="mark {kind}" role="img" aria-label="{said}">{mark}</span>'
    assert cell.partition("</button>")[0].strip() == f"88.25{label if mark else ''}"
    tex = next(x for x in render_latex(shown).document.splitlines() if "(89.56)" in x)
    assert f"& 88.25{printed and f' {printed}'} (89.56) &" in tex
    [found] = [x for x in csv.DictReader(io.StringIO(cells_csv(shown.cells.values())))
               if x["printed"] == NAME]  # fmt: skip
    assert (found["verdict"], found["ours"], found["paper"]) == (said, "88.25", "89.56")
    assert (found["mean"], found["sd"], found["n"]) == ("87.75", "0.5", "3")


@every_word
def test_without_a_number_of_ours_the_word_stands_in_its_place(
    contents: ReportData, word: Word
) -> None:
    shown = with_verdict(contents, Verdict(word=word, reason="because"))
    said, *_ = SAID[word]
    line = next(x for x in render_markdown(shown).splitlines() if "(89.56)" in x)
    assert re.search(rf"\| {said}( [✓✗?=])? \(89\.56\) \|", line)
    page = render_html(shown)
    cell = page.partition('popovertarget="table1-cnv-cifar10">')[2].partition("</td>")[0]
    assert cell.startswith(f'<span class="gap">{said}</span></button>')


def test_the_evidence_of_a_number_has_its_mean_its_spread_and_its_interval(
    contents: ReportData,
) -> None:
    whole = replace(judged("reproduced"), low=86.5, high=89.0)
    lines = [("Paper", "89.56, Table 1"), ("Ours", "88.25")]
    lines += [
        ("Verdict", "reproduced by equivalence: because"),
        ("Mean ± sd", "87.75 ± 0.50, n = 3"),
    ]
    lines += [("Interval", "[86.50, 89.00], over seeds")]
    assert facts(with_verdict(contents, whole)) == lines
    one_seed = replace(whole, sd=None, low=None, high=None, n=1)
    assert facts(with_verdict(contents, one_seed))[3:] == [("Mean ± sd", "87.75, n = 1")]
    [line] = [
        x
        for x in csv.DictReader(
            io.StringIO(cells_csv(with_verdict(contents, whole).cells.values()))
        )
        if x["printed"] == NAME
    ]
    assert (line["interval_low"], line["interval_high"]) == ("86.5", "89")
    assert (line["rule"], line["reason"]) == ("equivalence", "because")
    names = ("dataset", "model", "variant", "recipe")
    assert [line[name] for name in names] == ["cifar10", "cnv", "base", "dualopt"]


def facts(contents: ReportData) -> list[tuple[str, str]]:
    tables: Any = contents.paper["printed"]
    cells = [y for x in tables[0].groups["Convolutional Xformers"] for y in x.cells]
    return list(next(cell for cell in cells if cell.paper == "89.56").facts)


def test_the_legend_of_every_form_says_what_each_mark_means(contents: ReportData) -> None:
    for text in (render_html(contents), render_markdown(contents)):
        legend = re.search(r"✓ (.*?)\. ✗ (.*?)\. \? (.*?)\. = (.*?)\.", text)
        assert legend
        said = [" ".join(re.split("[,;]", words)[0].split()) for words in legend.groups()]
        assert said == [
            "reproduced: a count rounds to the printed digits",
            "not reproduced: wholly outside",
            "inconclusive: neither",
            "fitted: as printed",
        ]


def test_a_tally_counts_each_verdict_under_its_own_word(contents: ReportData) -> None:
    one = contents.cells[NAME]

    def cells(word: Word, count: int) -> list[JudgedCell]:
        return [replace(one, verdict=Verdict(word=word, reason=""))] * count

    mixed = [cell for count, word in enumerate(SAID, 1) for cell in cells(word, count)]
    counts = ", ".join(f"{count} {said}" for count, (said, *_) in enumerate(SAID.values(), 1))
    assert count_verdicts(reversed(mixed)) == counts
    shown = replace(one, verdict=Verdict(word="not_run", reason="", estimate=1.0))
    assert count_verdicts([shown, *mixed]) == f"{counts}, 1 not judged"
