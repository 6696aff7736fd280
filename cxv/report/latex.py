"""A study as a LaTeX document, and each table of numbers as a file that a paper can take in.

``report.tex`` has its tables as longtables, which break over pages, and needs no other file; the
fragments are the same rows as tabulars, which a paper can float and scale: a longtable cannot.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from cxv.records.atomic_files import write

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "_": r"\_\allowbreak{}",  # names of variants are longer than a column is wide
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    '"': r"\textquotedbl{}",
    "[": "{[}",  # after the end of a row it would open an argument
    "]": "{]}",
    "*": "{*}",  # after the end of a row it would be its starred form
    "\N{MINUS SIGN}": "$-$",
    "\N{PLUS-MINUS SIGN}": r"$\pm$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\le$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\ge$",
    "\N{EN DASH}": r"\textendash{}",
    "\N{EM DASH}": r"\textemdash{}",
    "\N{LEFT SINGLE QUOTATION MARK}": r"\textquoteleft{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": r"\textquoteright{}",
    "\N{LEFT DOUBLE QUOTATION MARK}": r"\textquotedblleft{}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": r"\textquotedblright{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{CHECK MARK}": r"$\surd$",
    "\N{BALLOT X}": r"$\times$",
    "\N{NO-BREAK SPACE}": "~",
    "\n": " ",
    "\t": " ",
}
TABLE = str.maketrans(SPECIAL)
LIGATURE = re.compile(r"(?<=([-,']))(?=\1)")  # two would be joined to another character
LATIN = (
    r"\u0102-\u0107\u010c-\u0111\u0118-\u011b\u011e\u011f\u0130\u0131\u0139\u013a\u013d\u013e"
    r"\u0141-\u0144\u0147\u0148\u014a\u014b\u0150-\u0155\u0158-\u015b\u015e-\u0165\u016e-\u0171"
    r"\u0178-\u017e"
)
"""Letters of Polish, Turkish, ... beyond Latin-1 that T1 fonts have."""
UNKNOWN = re.compile(rf"([^ -~\xa1-\xac\xae-\xff{LATIN}])")  # to pdfLaTeX with T1 fonts
LETTER = (
    r"\providecommand{\cxvletter}[2]"
    r"{\ifdefined\Umathcode\iffontchar\font`#1 #1\else{[}U+#2{]}\fi\else{[}U+#2{]}\fi}"
)
r"""Prints a letter under XeTeX and LuaTeX if the font has it, else its number, ``[U+5B66]``.

``\Umathcode`` is what pdfTeX lacks. A file has this line as often as it likes.
"""
HEXADECIMAL = re.compile(r"/|[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Latex:
    """A report that compiles by itself, and its tables of numbers by the names of their files."""

    document: str
    tables: Mapping[str, str]

    def save(self, path: Path) -> None:
        """Write the document, and its tables into a folder ``tables`` next to it."""
        write(path, self.document)
        for name, text in self.tables.items():
            write(path.parent / "tables" / f"{name}.tex", text)


def render(templates: Environment, context: Mapping[str, Any]) -> Latex:
    """Return a study in LaTeX.

    Args:
        templates: with the filters of the other forms; nothing in it is escaped.
        context: what the other forms are filled in with, and the study's ``pictures``.
    """
    environment = for_latex(templates)
    document = environment.get_template("report.tex.j2").render(context)
    return Latex(document, tables(templates, context))


def tables(templates: Environment, context: Mapping[str, Any]) -> dict[str, str]:
    """Return each table of numbers by itself, by the name of its file.

    Args:
        templates: as ``render`` takes them.
        context: as it does; it needs no pictures.
    """
    environment = for_latex(templates)
    drawn: Any = environment.get_template("tables.tex.j2").make_module(dict(context))
    columns = [*context["columns"].items()]
    found = {
        f"table-{dataset}": drawn.results(drawn.tabular, blocks, columns)
        for dataset, blocks in context["datasets"].items()
    }
    found |= {
        f"by-{axis}": drawn.differences(drawn.tabular, axis)
        for axis, entries in context["comparisons"].items()
        if entries
    }
    found |= {
        f"paper-{one.name}": drawn.printed_table(drawn.tabular, one)
        for one in context.get("printed", ())
        if one.asked
    }
    if context["searches"]:
        found["unsaid"] = drawn.unsaid(drawn.tabular)
    return found


@cache
def for_latex(templates: Environment) -> Environment:
    """Return the templates with delimiters that LaTeX does not use; what they print is escaped.

    Only what passes the filter ``safe`` is printed as it is.
    """
    changed: Environment = templates.overlay(
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        finalize=_printed,
    )
    changed.filters["mono"] = mono
    changed.globals["letter"] = LETTER
    return changed


def _printed(value: object) -> str:
    return value if isinstance(value, Markup) else escape(str(value))


def escape(text: str) -> str:
    r"""Return LaTeX that prints the text, a line break as a space.

    What pdfLaTeX lacks is an argument of ``\cxvletter``, which ``LETTER`` defines; what cannot be
    printed becomes its number, ``[U+0000]``.
    """
    return "".join(
        _unknown(part) if UNKNOWN.match(part) and part not in SPECIAL else _known(part)
        for part in UNKNOWN.split(text)
    )


def _known(text: str) -> str:
    return LIGATURE.sub("{}", text.translate(TABLE))


def _unknown(character: str) -> str:
    number = f"{ord(character):04X}"
    if character.isprintable():
        return rf"\cxvletter{{{character}}}{{{number}}}"
    return f"{{[}}U+{number}{{]}}"


def mono(text: str) -> Markup:
    """Return typewriter that may be broken after a slash and within a checksum."""
    broken = HEXADECIMAL.sub(lambda found: f"{found[0]}\\allowbreak{{}}", escape(text))
    return Markup(rf"\texttt{{{broken}}}")  # noqa: S704 - escaped by ``escape``
