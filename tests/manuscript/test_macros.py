"""The file of macros has every number of a report with its records, and LaTeX prints it."""

import csv
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from manuscripts import BOTH, DATA, RESULTS, Paper, mean, paper, written

from cxv.__main__ import main
from cxv.jobs.report import contents
from cxv.manuscript.macros import read_macros
from cxv.report.exports import table_csv
from cxv.report.rendering import render_markdown
from cxv.results.table import COLUMNS

__all__ = ["paper", "written"]

needs_pdflatex = pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="pdflatex is not installed"
)


def test_every_cell_of_the_table_has_a_macro_with_its_rule_and_its_records(paper: Paper) -> None:
    text = Path("cxv_switch.tex").read_text()
    report = contents(paper.params.only("switch"), RESULTS, DATA)
    cells = list(csv.DictReader(table_csv(report.table).splitlines()))
    assert len(cells) > 50
    for cell in cells:
        names = (cell[x] for x in ("dataset", "model", "variant", "recipe", "column"))
        before, _, printed = text.partition(f"\n\\cxv@set{{switch/{'/'.join(names)}}}{{")
        comment = re.search(r"(?:^%.*\n?)+\Z", before, re.MULTILINE)
        assert comment
        assert cell["rule"] in comment[0]
        assert all(source in comment[0] for source in cell["sources"].split())
        if cell["column"] in COLUMNS:
            shown = COLUMNS[cell["column"]].show(float(cell["value"]))
            assert printed.startswith(f"{shown}}}{{")


def test_the_macros_are_the_numbers_of_the_report(paper: Paper) -> None:
    printed = read_macros(Path("cxv_switch.tex").read_text()).printed
    report = render_markdown(contents(paper.params.only("switch"), RESULTS, DATA))
    one = printed[f"{BOTH}/top1_mean"]
    assert (one.value, one.unit) == (f"{mean():.2f}", r"\%")
    assert f"{one.value} {one.interval}" in report
    change = printed[f"{BOTH}/recipe_minus_adamw_alone"]
    assert change.value == f"{mean() - mean('adamw'):+.2f}".replace("-", r"\ensuremath{-}")
    assert change.unit == "points"
    pooled = printed["switch/pooled/digits/base/dualopt/recipe_minus_adamw_alone"]
    for said in (change, pooled):
        assert said.value.replace(r"\ensuremath{-}", "\N{MINUS SIGN}") in report
    run = printed["switch/run/digits/convolutions/base/s0/adamw/sgd/top1"]
    assert f"| {run.value} |" in report


def test_a_number_that_there_is_not_is_said_in_a_comment(paper: Paper) -> None:
    shutil.rmtree(RESULTS / "profiles/digits/attention")
    paper.write_macros()
    said = r"^% no number: switch/digits/attention/base/dualopt/params: not run: "
    assert re.search(said, Path("cxv_switch.tex").read_text(), re.MULTILINE)
    [first, *_] = paper.audit().findings
    assert first.kind == "no number"
    assert "not made yet" in first.says


def test_the_command_says_what_it_wrote(paper: Paper, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("cxv_switch.tex").read_bytes()
    assert main(["latex-macros", "switch", "--out", "tables/numbers.tex"]) == 0
    assert "tables/numbers.tex: " in capsys.readouterr().out
    assert Path("tables/numbers.tex").read_bytes() == before


def latex(text: str) -> str:
    """Compile a text; return the log, whatever came of it."""
    Path("tried.tex").write_text(text)
    subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "tried.tex"], capture_output=True, check=False
    )
    return Path("tried.log").read_text(errors="replace")


@pytest.mark.slow
@needs_pdflatex
def test_the_manuscript_compiles_and_prints_what_the_report_prints(paper: Paper) -> None:
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    key = f"{BOTH}/top1_mean"
    log = latex(
        r"\documentclass{article}\input{cxv_switch}\begin{document}"
        rf"\section{{\cxv{{{key}}}}}\typeout{{=\cxv{{{key}}}=}}\typeout{{=\cxvinterval{{{key}}}=}}"
        rf"\typeout{{=\cxvunit{{{key}}}=}}\cxvrounded{{93.1}}{{{key}}}\cxvquoted{{1.0}}{{us}}"
        r"\end{document}"
    )
    printed = read_macros(Path("cxv_switch.tex").read_text()).printed[key]
    assert "\n!" not in log
    for said in (printed.value, printed.interval, r"\%"):
        assert f"={said}=" in log


@pytest.mark.slow
@needs_pdflatex
@pytest.mark.parametrize(
    ("call", "says"),
    [
        (r"\cxv{switch/none}", "No value of `switch/none'"),
        (r"\cxvrounded{93.1}{switch/none}", "No number of `switch/none'"),
        (rf"\cxvinterval{{{BOTH}/n}}", f"No interval of `{BOTH}/n'"),
    ],
)
def test_an_unknown_key_is_an_error_that_names_it(paper: Paper, call: str, says: str) -> None:
    before = r"\documentclass{article}\input{cxv_switch}\begin{document}"
    log = latex(rf"{before}{call}\end{{document}}")
    assert f"! Package cxv Error: {says}" in log.replace("\n", "")
