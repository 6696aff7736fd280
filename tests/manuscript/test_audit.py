"""Each number of a manuscript that does not follow from records is named, and no other."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from manuscripts import ALONE, BOTH, Paper, add, mean, paper, top1_of, written

from cxv.__main__ import main
from cxv.manuscript.findings import Finding

__all__ = ["paper", "written"]


def test_the_manuscript_that_we_ship_has_no_fault(paper: Paper) -> None:
    found = paper.audit()
    assert found.findings == ()
    assert found.studies == ("switch",)
    assert found.counts == {
        "files": 3,
        "numbers by macros": 2 + 2 + 1 + 4 * 3,  # abstract, text, by \dual, by \row
        "rounded": 0,
        "quoted": 1,
        "marked as not ours": 1,
        "tables of reports": 0,
    }


TYPED: dict[str, tuple[Callable[[], str], str, str]] = {
    "a wrong digit": (lambda: rf"\cxvrounded{{{mean() + 3:.2f}}}{{{BOTH}/top1_mean}}", "value", ""),
    "a number that is cut off": (
        lambda: rf"\cxvrounded{{{int(10 * mean()) / 10}}}{{{BOTH}/top1_mean}}",
        "rounding",
        "which rounds to",
    ),
    "a fraction in place of a percentage": (
        lambda: rf"\cxvrounded{{{mean() / 100:.4f}}}{{{BOTH}/top1_mean}}",
        "unit",
        "typed as a fraction of 1",
    ),
    "a count as a percentage": (lambda: rf"\cxv{{{BOTH}/params}}\,\%", "unit", "parameters, not %"),
    "the number of another row": (
        lambda: rf"\cxvrounded{{{mean('adamw'):.2f}}}{{{BOTH}/top1_mean}}",
        "other row",
        f"that is {ALONE}/top1_mean",
    ),
    "an interval that was copied wrongly": (
        lambda: rf"\cxvrounded{{[12.0, 93.2]}}{{{BOTH}/top1_mean}}",
        "interval",
        f"the interval of {BOTH}/top1_mean is [",
    ),
    "an interval where there is none": (
        lambda: rf"\cxvinterval{{{BOTH}/top1_best}}",
        "interval",
        "has no interval",
    ),
    "an interval typed by hand": (lambda: "[87.0, 93.9]", "interval", "typed by hand"),
    "a number typed by hand": (lambda: f"{mean():.2f} \\%", "typed", f"it is {BOTH}/top1_mean"),
    "a number typed by hand that nothing gives": (lambda: "31.07\\,\\%", "value", "no record"),
    "a whole percentage": (lambda: "17 percent", "value", "no record gives it"),
    "a percentage in a formula": (lambda: r"$31.07$\,\%", "value", "no record gives it"),
    "a key that there is not": (
        lambda: rf"\cxv{{{BOTH}/top1_median}}",
        "unknown key",
        f"no number has the key {BOTH}/top1_median",
    ),
    "a key that a command is given": (lambda: r"\dual{top1_worst}", "unknown key", "top1_worst"),
    "a quoted number without a source": (lambda: r"\cxvquoted{93.1}{}", "source", "its source"),
}


@pytest.mark.parametrize("fault", TYPED)
def test_a_fault_in_a_file_that_is_input_is_named_with_its_line(paper: Paper, fault: str) -> None:
    typed, kind, says = TYPED[fault]
    line = add(paper, typed())
    [found] = paper.audit().findings
    assert (found.file, found.line, found.kind) == (Path("results.tex"), line, kind)
    assert says in found.says


def test_a_number_in_a_table_is_named_with_the_macro_to_write(paper: Paper) -> None:
    line = paper.edit(
        "results", r"\row{attention/base/dualopt}{two phases}", r"8,765 & 1 & 2 & two"
    )
    [found] = paper.audit().findings
    assert (found.line, found.number) == (line, "8,765")
    assert f"{found}".startswith(f"results.tex:{line}: ")
    assert found.write.startswith(r"\cxv{switch/digits/")


def test_a_number_typed_by_hand_gets_the_macro_that_prints_it(paper: Paper) -> None:
    best = max(top1_of("adamw/sgd"))
    add(paper, f"{best:.2f}\\,\\%")
    [found] = paper.audit().findings
    assert found.write == rf"\cxv{{{BOTH}/top1_best}}"
    assert any(f"{BOTH}/top1_best  {best:.2f} %" in near for near in found.nearest)


def test_the_parameters_of_a_network_are_known_in_a_text(paper: Paper) -> None:
    from_text = Path("cxv_switch.tex").read_text()
    shown = from_text.partition(f"{BOTH}/params}}{{")[2].partition("}")[0]
    add(paper, f"{shown} parameters and {shown.replace(',', '')} again, 50,000 images")
    first, second = paper.audit().findings
    assert {first.kind, second.kind} == {"typed"}
    assert "/params" in first.write


def test_what_is_marked_or_is_no_result_is_not_named(paper: Paper) -> None:
    add(
        paper,
        r"31.07\,\% % cxv: not ours"
        "\n"
        r"In 2024, Section 4.2 and Table~3.1 and version 2.0 and \cite{a1.5} and \ref{fig:2.5} say"
        r" so; $x_{12} = 3^{2}$, arXiv:2201.10271, doi 10.1000/182, \vspace{1.5em}"
        r" a 95\,\% interval, Python 3.11, 1.2.3, 20 epochs, a rate of 0.001, \verb|x| % 99.9",
    )
    assert paper.audit().findings == ()


def test_a_setting_is_a_result_where_it_stands_as_a_percentage_or_in_a_table(
    paper: Paper,
) -> None:
    add(paper, r"0.9\,\%")
    paper.edit("results", r"{one phase} \\" + "\nConv", r"{0.9} \\" + "\nConv")
    assert [one.number for one in paper.audit().findings] == ["0.9", "0.9"]


def test_the_command_ends_with_code_1_and_speaks_json(
    paper: Paper, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "paper.tex"]) == 0
    assert capsys.readouterr().out.endswith("of switch: 0 named\n")
    line = add(paper, "31.07\\,\\%")
    assert main(["audit", "paper.tex", "--json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["file"], finding["line"], finding["kind"]) == ("results.tex", line, "value")
    assert main(["audit", "paper.tex"]) == 1
    said = capsys.readouterr().out
    assert f"results.tex:{line}: value: 31.07: typed by hand" in said
    assert "    near: switch/digits/" in said


def test_a_manuscript_without_macros_wants_a_study(
    paper: Paper, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    Path("bare.tex").write_text(f"Ours: {mean():.2f}\\,\\%.\n")
    assert main(["audit", "bare.tex"]) == 1
    assert "--study STUDY" in caplog.text
    assert main(["audit", "bare.tex", "--study", "switch"]) == 1
    assert (
        f"bare.tex:1: typed: {mean():.2f}: typed by hand; it is {BOTH}" in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["none.tex"], "none.tex: cannot be read"), (["paper.tex", "--study", "x"], "no study 'x'")],
)
def test_what_is_not_there_is_refused(
    paper: Paper, arguments: list[str], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert main(["audit", *arguments]) == 1
    assert says in caplog.text


def test_a_finding_begins_as_editors_read_it() -> None:
    found = Finding(file=Path("a.tex"), line=3, kind="value", number="1.0", says="no")
    assert f"{found}" == "a.tex:3: value: 1.0: no"
