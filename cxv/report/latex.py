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
UNKNOWN = re.compile(r"[^ -~\xa1-\xac\xae-\xff]")  # to pdflatex with the fonts of the template
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
    return changed


def _printed(value: object) -> str:
    return value if isinstance(value, Markup) else escape(str(value))


def escape(text: str) -> str:
    """Return LaTeX that prints the text, a line break as a space.

    A character that the document's fonts lack becomes its number, ``[U+65E5]``.
    """
    known = UNKNOWN.sub(
        lambda found: found[0] if found[0] in SPECIAL else f"[U+{ord(found[0]):04X}]", text
    )
    return LIGATURE.sub("{}", known.translate(TABLE))


def mono(text: str) -> Markup:
    """Return typewriter that may be broken after a slash and within a checksum."""
    broken = HEXADECIMAL.sub(lambda found: f"{found[0]}\\allowbreak{{}}", escape(text))
    return Markup(rf"\texttt{{{broken}}}")  # noqa: S704 - escaped by ``escape``
