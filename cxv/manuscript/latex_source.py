r"""A LaTeX file as an audit reads it: what it inputs, our macros, and the numbers that were typed.

Which typed numbers count is said in ``cxv audit --help`` and in README.md.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cxv.manuscript.latex_calls import Call, blanked, find_calls, line_of, without_comments
from cxv.manuscript.latex_definitions import Definition, find_definitions, resolved
from cxv.manuscript.typed_numbers import TypedNumber, typed_numbers

OURS = {"cxv": 1, "cxvunit": 1, "cxvinterval": 1, "cxvrounded": 2, "cxvquoted": 2}
"""Our macros, with the number of their arguments."""
INPUTS = {"input": 1, "include": 1, "subfile": 1}
NOT_OURS = re.compile(r"%.*cxv: not ours")
UNBRACED = re.compile(r"\\input\s+([^\s{}\\]+)")
UNPRINTED = re.compile(
    r"\\begin\{(verbatim|lstlisting|minted|comment|filecontents|thebibliography|tikzpicture)\*?\}"
    r".*?\\end\{\1\*?\}|\\iffalse\b.*?\\fi\b|\\end\{document\}.*",
    re.DOTALL,
)
TABLE = re.compile(r"\\begin\{(tabular\*?|tabularx|tabulary|longtable|array)\}.*?\\end\{\1\}", re.S)
CITES = re.compile(r"\\([A-Za-z]*[cC]ite[A-Za-z]*|[A-Za-z]*[rR]ef)(?![A-Za-z])")
SILENT = {
    **INPUTS, **OURS,
    "documentclass": 1, "usepackage": 1, "RequirePackage": 1, "PassOptionsToPackage": 2,
    "label": 1, "tag": 1, "bibliography": 1, "bibliographystyle": 1, "addbibresource": 1,
    "bibitem": 1, "includegraphics": 1, "graphicspath": 1, "includeonly": 1, "url": 1, "href": 1,
    "hspace": 1, "vspace": 1, "rule": 2, "raisebox": 1, "parbox": 1, "resizebox": 2, "scalebox": 1,
    "setlength": 2, "addtolength": 2, "setcounter": 2, "addtocounter": 2, "fontsize": 2,
    "linespread": 1, "geometry": 1, "hypersetup": 1, "sisetup": 1, "pgfplotsset": 1, "tikzset": 1,
    "definecolor": 3, "color": 1, "textcolor": 1, "cellcolor": 1, "rowcolor": 1, "captionsetup": 1,
    "multicolumn": 2, "multirow": 2, "cmidrule": 1, "cline": 1, "arraystretch": 1,
    "begin{tabular}": 1, "begin{tabular*}": 2, "begin{tabularx}": 2, "begin{tabulary}": 2,
    "begin{longtable}": 1, "begin{array}": 1, "begin{minipage}": 1, "begin{wrapfigure}": 2,
}  # fmt: skip
"""Commands whose arguments print no result: how many of them."""
STRETCH = re.compile(r"\\renewcommand\*?\{?\\(?:arraystretch|baselinestretch)\}?\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class LatexSource:
    """One file of a manuscript."""

    path: Path
    text: str  # with blanks in place of comments and of what is not printed
    inputs: tuple[tuple[int, str], ...]  # line, and name as typed
    definitions: tuple[Definition, ...]  # by means of our macros
    typed: tuple[TypedNumber, ...]
    not_ours: int  # typed numbers on lines that are marked as not ours

    def calls(self, definitions: Sequence[Definition]) -> list[Call]:
        """Return each use of our macros, also by way of commands that the manuscript defines."""
        text = blanked(self.text, ((one.start, one.end) for one in self.definitions))
        return [*find_calls(text, OURS), *resolved(text, definitions, OURS)]

    def line(self, position: int) -> int:
        """Return the number of a line, from 1."""
        return line_of(self.text, position)


def read_source(path: Path, raw: str) -> LatexSource:
    """Return what an audit has to know of a file.

    Args:
        path: of the file, for messages.
        raw: its text.
    """
    plain = without_comments(raw)
    text = blanked(plain, (found.span() for found in UNPRINTED.finditer(plain)))
    marked = {line for line, said in enumerate(raw.splitlines(), 1) if NOT_OURS.search(said)}
    tables = [found.span() for found in TABLE.finditer(text)]
    typed = list(typed_numbers(_printing(text), tables))
    counted = [one for one in typed if line_of(text, one.start) not in marked]
    return LatexSource(
        path=path,
        text=text,
        inputs=tuple(_inputs(text)),
        definitions=tuple(find_definitions(text, OURS)),
        typed=tuple(counted),
        not_ours=len(typed) - len(counted),
    )


def _inputs(text: str) -> Iterator[tuple[int, str]]:
    for call in find_calls(text, INPUTS):
        if call.arguments:
            yield line_of(text, call.start), call.arguments[0].strip()
    for found in UNBRACED.finditer(text):
        yield line_of(text, found.start()), found[1]


def _printing(text: str) -> str:
    """Return the text with blanks in place of commands whose arguments print no number of ours."""
    known = SILENT | {found[1]: 1 for found in CITES.finditer(text)}
    spans = [(call.start, call.end) for call in find_calls(text, known)]
    spans += [found.span() for found in (*STRETCH.finditer(text), *UNBRACED.finditer(text))]
    return blanked(text, spans)
