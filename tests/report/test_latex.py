"""The report in LaTeX says what the Markdown says, whatever the names, and compiles."""

import re
import shutil
import subprocess
from collections import Counter
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

import pytest
import samples
from judged import PAPER
from look_up import find_searches, gather, study_table

from cxv.config.grid import Params
from cxv.report.contents import ExtraRecords, ReportData
from cxv.report.latex import SPECIAL, escape, mono
from cxv.report.rendering import NOT_ON_PAPER, render_latex, write_report
from cxv.results.table import COLUMNS, Table

TITLE = "".join(filter(str.strip, SPECIAL)) + "\u00e9 --\u00a7 ''a'' \N{GREEK SMALL LETTER PI}"
NUMBER = re.compile(r"[+\N{MINUS SIGN}]?\d(?:[\d,.]*\d)?")
KNOWN = PAPER.description.searches()
needs_pdflatex = pytest.mark.skipif(
    shutil.which("pdflatex") is None, reason="pdflatex is not installed"
)


def plain(latex: str) -> str:
    """Return the characters that LaTeX prints for what was escaped."""
    text = re.sub(r"\\cxvletter\{(.)\}\{[0-9A-F]+\}", r"\1", latex.replace(r"\allowbreak{}", ""))
    for character, printed in SPECIAL.items():
        if character not in "\\{}\n\t\N{NO-BREAK SPACE}":
            text = text.replace(printed.replace(r"\allowbreak{}", ""), character)
    return text


def compile_latex(folder: Path, name: str) -> str:
    """Compile twice, for the widths of longtables; return the log without its line breaks."""
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", name],
            cwd=folder, capture_output=True, check=False,
        )  # fmt: skip
        log = (folder / name).with_suffix(".log").read_text(errors="replace")
        assert done.returncode == 0, log[-2000:]
    return log


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with gaps, claims, a search that was not made, and a title that is hard to print."""
    root = tmp_path_factory.mktemp("latex")
    with chdir(root):
        params = titled(samples.grid(root), TITLE)
        missing = {"digits/resnet18/base/s0/adamw", "digits/resnet18/base/s1/adamw"}
        samples.make(params, "small", Path("results"), missing=missing)
        found = find_searches(("cpv", "vilt"), KNOWN, Path("results/config_search"))
        folders = (samples.RUNS, samples.PROFILES)
        write_report(gather(params, "small", *folders, ExtraRecords(searches=found), PAPER), root)
    return root


def made_in(folder: Path) -> tuple[Path, Path]:
    return folder / samples.RUNS, folder / samples.PROFILES


def titled(params: Params, title: str) -> Params:
    study = params.studies["small"].model_copy(update={"title": title})
    return params.model_copy(update={"studies": {"small": study}})


def widened(table: Table) -> Table:
    """Return the table with every cell twice."""
    rows = tuple(
        replace(row, cells={**row.cells, **{f"{key}_2": row.cells[key] for key in row.cells}})
        for row in table.rows
    )
    return replace(table, rows=rows)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        (r"a_b % & # $ {}", r"a\_\allowbreak{}b \% \& \# \$ \{\}"),
        ("~^\\", r"\textasciitilde{}\textasciicircum{}\textbackslash{}"),
        ("\N{MINUS SIGN}1 \N{PLUS-MINUS SIGN} 2", r"$-$1 $\pm$ 2"),
        ("3 \N{MULTIPLICATION SIGN} 3", r"3 $\times$ 3"),
        ("a \N{RIGHTWARDS ARROW} b \N{EN DASH}", r"a $\rightarrow$ b \textendash{}"),
        ("--cores", "-{}-cores"),  # else an en dash
        ("''", "'{}'"),
        ("[1, 2]*", "{[}1, 2{]}{*}"),  # at the start of a row it would be an argument
        ("two\nlines", "two lines"),
        ("\N{GREEK SMALL LETTER PI}\x00", "\\cxvletter{\u03c0}{03C0}{[}U+0000{]}"),
        ("\u5b66 a\u044f", "\\cxvletter{\u5b66}{5B66} a\\cxvletter{\u044f}{044F}"),
        ("\N{GRINNING FACE}\ud800", "\\cxvletter{\N{GRINNING FACE}}{1F600}{[}U+D800{]}"),
        ("Łódź, İzmir, Győr, Đà, œ", "Łódź, İzmir, Győr, Đà, œ"),
        ("\xad\u0100", "{[}U+00AD{]}\\cxvletter{\u0100}{0100}"),  # T1 fonts have no such A
    ],
)  # fmt: skip
def test_what_latex_would_read_as_a_command_is_printed(text: str, printed: str) -> None:
    assert escape(text) == printed


def expanded(latex: str, *, unicode: bool) -> str:
    """Return what TeX makes of the letters: its own reading of the one line that defines them."""
    line, number = r"\ifdefined\Umathcode\iffontchar\font`#1 #1\else{[}U+#2{]}\fi", "{[}U+#2{]}"
    assert rf"\providecommand{{\cxvletter}}[2]{{{line}\else{number}\fi}}" in latex
    shown = r"\1" if unicode else r"[U+\2]"
    return re.sub(r"\\cxvletter\{(.)\}\{([0-9A-F]{4,6})\}", shown, latex)


@pytest.mark.parametrize("unicode", [True, False])
def test_letters_beyond_latin_stand_in_the_document_and_in_each_table(
    unicode: bool, folder: Path
) -> None:
    word, numbers = "\u5b66\u043a\u03c0", "[U+5B66][U+043A][U+03C0]"
    shown = word if unicode else numbers
    data = gather(titled(samples.grid(folder), word), "small", *made_in(folder))
    rows = tuple(replace(row, recipe=word) for row in data.table.rows)
    found = render_latex(replace(data, table=replace(data.table, rows=rows)))
    document = expanded(found.document, unicode=unicode)
    assert rf"{{\LARGE\bfseries\raggedright {shown}\par}}" in document
    assert document.index(r"\providecommand{\cxvletter}") < document.index(r"\begin{document}")
    table = expanded(found.tables["table-digits"], unicode=unicode)
    assert f"& {shown} &" in table
    assert table.index(r"\providecommand{\cxvletter}") < table.index(r"\begin{tabular}")
    assert "cxvletter" not in found.tables["by-recipe"]  # nothing in it needs the line


def test_the_document_takes_the_fonts_of_the_program_that_reads_it(folder: Path) -> None:
    text = (folder / "report.tex").read_text()
    unicode, _, rest = text.partition("\\ifdefined\\Umathcode")[2].partition("\n\\else\n")
    assert r"\usepackage{fontspec}" in unicode
    assert "inputenc" not in unicode
    assert r"\usepackage[T1]{fontenc}" in rest.partition("\n\\fi\n")[0]


def test_paths_and_checksums_may_be_broken() -> None:
    assert mono("runs/a#0123456789abcdef0") == (
        r"\texttt{runs/\allowbreak{}a\#0123456789abcdef\allowbreak{}0}"
    )


def test_names_and_reasons_are_escaped_wherever_they_stand(folder: Path) -> None:
    text = (folder / "report.tex").read_text()
    assert escape(TITLE) in text
    assert TITLE not in text
    body = text.partition(r"\begin{document}")[2]
    bare = re.sub(r"\{figures/[^}]*\}", "", body)  # names of files are as they are
    assert not re.search(r"(?<!\\)[_#^]", bare)
    assert "<" not in bare
    assert ">" not in bare.replace(">{\\raggedright", "")


def test_every_number_of_the_markdown_is_in_the_latex_as_often(folder: Path) -> None:
    markdown = Counter(NUMBER.findall((folder / "report.md").read_text()))
    body = (folder / "report.tex").read_text().partition(r"\begin{document}")[2]
    body = re.sub(r"\\begin\{longtable\}.*|\\includegraphics\[.*", "", body)  # widths
    latex = Counter(NUMBER.findall(plain(body)))
    assert len(markdown) > 100
    assert markdown - latex == Counter()


def test_every_table_of_numbers_is_a_file_with_the_rows_of_the_document(folder: Path) -> None:
    document = (folder / "report.tex").read_text()
    names = {path.stem for path in (folder / "tables").iterdir()}
    differences, printed = {"by-recipe", "by-variant"}, {"paper-table1", "paper-table4"}
    assert names == {"table-digits", "table-cifar10", "unsaid"} | differences | printed
    for name in names:
        text = (folder / "tables" / f"{name}.tex").read_text()
        rows = [line for line in text.splitlines() if line.endswith("\\\\")]
        assert len(rows) > 1
        assert all(row in document for row in rows)
        assert "longtable" not in text


def test_blocks_of_the_papers_table_stand_apart(folder: Path) -> None:
    table = (folder / "tables/table-digits.tex").read_text()
    first, second = table.split("\\addlinespace\n")
    assert r"\textbf{Convolutional Xformers}" in first
    assert r"\textbf{Convolutional}" in second


def test_every_figure_is_included_and_none_is_needed(folder: Path) -> None:
    text = (folder / "report.tex").read_text()
    drawn = {path.stem for path in (folder / "figures").glob("*.png")}
    assert drawn
    for command in (r"\\IfFileExists", r"\\includegraphics\[[^]]*\]"):
        assert {*re.findall(rf"{command}\{{figures/([^}}]*)\.png\}}", text)} == drawn


def test_more_columns_than_a_page_is_wide_go_into_another_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = study_table(samples.grid(tmp_path), "small", samples.RUNS, samples.PROFILES)
    few = render_latex(ReportData.of(table))
    once = {key: column for key, column in COLUMNS.items() if key not in NOT_ON_PAPER}
    twice = {**once, **{f"{key}_2": column for key, column in once.items()}}
    monkeypatch.setattr("cxv.report.rendering.COLUMNS", twice)
    many = render_latex(ReportData.of(widened(table)))
    assert few.document.count("Variant & Recipe & Best") == 2  # two datasets
    assert many.document.count("Note") == 2 * few.document.count("Note")
    assert many.tables["table-digits"].count("Note") == 1
    lines = [line for line in many.document.splitlines() if line.startswith("Model & Variant")]
    assert all(line.count("&") <= 15 for line in lines)


@pytest.mark.slow
@needs_pdflatex
def test_it_compiles_with_its_figures_and_without_and_nothing_is_too_wide(
    folder: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "lock"
    alone.mkdir()
    shutil.copy(folder / "report.tex", alone)
    shutil.copytree(folder, tmp_path / "whole")
    for place in (alone, tmp_path / "whole"):
        log = compile_latex(place, "report.tex")
        assert "Overfull" not in log
        assert "Missing character" not in log


@pytest.mark.slow
@needs_pdflatex
def test_a_paper_takes_in_a_single_table(folder: Path, tmp_path: Path) -> None:
    lines = [
        r"\documentclass[twocolumn]{article}\usepackage{booktabs,graphicx}\usepackage[T1]{fontenc}",
        r"\begin{document}\begin{table*}",
        *(
            rf"\resizebox{{\textwidth}}{{!}}{{\input{{{path.stem}}}}}"
            for path in (folder / "tables").iterdir()
        ),
        r"\end{table*}\end{document}",
    ]
    shutil.copytree(folder / "tables", tmp_path / "paper")
    (tmp_path / "paper/paper.tex").write_text("\n".join(lines))
    assert "Overfull \\hbox" not in compile_latex(tmp_path / "paper", "paper.tex")


@pytest.mark.slow
@needs_pdflatex
def test_the_check_that_it_compiles_can_fail(tmp_path: Path) -> None:
    text = r"\documentclass{article}\begin{document}" + TITLE + r"\end{document}"
    (tmp_path / "bad.tex").write_text(text)
    with pytest.raises(AssertionError):
        compile_latex(tmp_path, "bad.tex")
