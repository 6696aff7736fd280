r"""Which numbers of a LaTeX text read like results, and which name, measure or date something."""

from pathlib import Path

import pytest

from cxv.manuscript.latex_source import read_source
from cxv.manuscript.typed_numbers import TypedNumber, typed_numbers


def counted(text: str) -> list[str]:
    return [one.digits for one in read_source(Path("a.tex"), text).typed if one.counts]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (r"reaches 93.1 and .5", ["93.1", ".5"]),
        (r"93\%, 94~\%, 95\,\%, 96 percent, 97 percentage points, $98$\,\%", "93 94 95 96 97 98"),
        (r"\SI{93}{\percent} and \num{0.931}", ["93", "0.931"]),
        (r"from 88.6 to 94.5", ["88.6", "94.5"]),
        (r"\textbf{93.1}, \emph{loses 0.4 points}", ["93.1", "0.4"]),
        (r"93.1M, 2.5$\times$ faster", ["93.1", "2.5"]),
        (r"93.1 in four epochs", ["93.1"]),
        (r"\newcommand{\best}{93.1}", ["93.1"]),
        (r"\begin{tabular}{lp{0.5\textwidth}} a & 33,098 & 12 & 93.1 \\[2.5pt] \end{tabular}",
         ["33,098".replace(",", ""), "93.1"]),
        (r"\begin{tabular}{ll} a & 33{,}098 & 33\,098 \end{tabular}", ["33098", "33098"]),
        ("1.2% 3.4\n\\% 5.6", ["1.2", "5.6"]),
        ("1.2\\% 3.4", ["1.2", "3.4"]),
    ],
)  # fmt: skip
def test_results_are_seen(text: str, numbers: list[str] | str) -> None:
    assert counted(text) == (numbers.split() if isinstance(numbers, str) else numbers)


@pytest.mark.parametrize(
    "text",
    [
        r"in 2024, 20 epochs, 33,098 images, $x_{12}^{3}$, $\frac{1}{2}$, 8 by 8",
        r"Section 4.2, Sections~4.2, Table 3.1, Fig. 2.1, version 2.0, v2.0, Python 3.11, \S 4.2",
        r"1.2.3 and arXiv:2201.10271 and doi:10.1000/182 and 10.24432/C50P49",
        r"\cite[p.~3.5]{a1.5}, \citep{b2.5}, \ref{c3.5}, \autoref{x4.5}, \label{y5.5}",
        r"\includegraphics[width=0.5\hsize]{plot1.5}\hspace{1.5em}\\[2.5pt] 3.5mm 0.8\linewidth",
        r"\begin{verbatim} 93.1 \end{verbatim} \begin{tikzpicture} (1.5, 2.5) \end{tikzpicture}",
        r"\usepackage[margin=2.5cm]{geometry}\renewcommand{\arraystretch}{1.2}\input{a1.5}",
        r"a 95\,\% interval, 95~\% confidence, a 95\,\%-interval",
        r"\iffalse 93.1 \fi x \end{document} 93.1",
    ],
)
def test_what_names_or_measures_something_is_not(text: str) -> None:
    assert counted(text) == []


def test_an_interval_is_one_number() -> None:
    found = list(typed_numbers(r"90.1 [88.6, 94.5] (1.5 -- 2.5) [$-$0.4\,\%, +0.2\,\%] [1, 2]", ()))
    intervals = [(one.digits, one.high) for one in found if one.high]
    assert intervals == [("88.6", "94.5"), ("1.5", "2.5"), ("-0.4", "+0.2")]
    assert [one.digits for one in found if one.counts and not one.high] == ["90.1"]


@pytest.mark.parametrize(
    ("text", "negative"),
    [("+0.4", False), ("-0.4", True), ("$-$0.4", True), ("\N{MINUS SIGN}0.4", True), ("0.4", None)],
)
def test_a_sign_belongs_to_its_number(text: str, negative: bool | None) -> None:
    [found] = typed_numbers(text, ())
    assert (found.digits, found.places, found.negative) == ("0.4", 1, negative)


def test_a_line_that_is_marked_is_counted_apart() -> None:
    source = read_source(Path("a.tex"), "93.1 % cxv: not ours\n93.2 % ours\n")
    assert ([one.digits for one in source.typed], source.not_ours) == (["93.2"], 1)
    assert isinstance(source.typed[0], TypedNumber)
    assert source.line(source.typed[0].start) == 2
