"""A study as Markdown: what its templates say is Markdown, and what they print is text.

Text is shown as it was typed by CommonMark and by what GitHub adds to it. Nothing is escaped that
would be shown as it is, so that the file itself stays easy to read.
"""

import re
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

BLANKS = re.compile(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+")
"""A line break would end a heading, a row of a table or an item."""

SPECIAL = re.compile(
    r"""
      [\\`*~|$]             # escapes, code, emphasis, deletions, cells, formulas of GitHub
    | (?<![^\W_])_          # emphasis; within a word it begins none
    | <(?=[A-Za-z/!?]|$)    # tags and addresses
    | &(?=\#?\w*(?:;|$))    # entities
    | \](?=[(\[:])          # links and what they refer to
    | (?<!\w)\#             # headings, and the end of one
    | :(?=//) | (?<=www)\.  # GitHub makes a link of the address, and shows what was escaped in it
    """,
    re.VERBOSE,
)
BLOCK = re.compile(
    r"""
    ^(?:
        \ ?(?=                          # one space at most is left of several
            [-+](?:\ |$)                # a list
          | >                           # a quotation
          | (?:-+|=+)\ ?$               # the line below a heading
          | (?::-+:?|-+:)\ ?$           # the line below the head of a table
          | \[[\ xX]\](?:\ |$)          # a task
        )
      | \ ?\d{1,9}(?=[.)](?:\ |$))      # a numbered list
    )
    """,
    re.VERBOSE,
)
"""What would begin a block of its own at the start of a line, up to what is to be escaped."""

ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
BACKTICKS = re.compile(r"`+")


def escape(text: str) -> str:
    """Return Markdown that shows the text, wherever in a line; blanks and line breaks as a space.

    What stands behind it in the same line begins with none of ``(``, ``[`` and ``:`` if the text
    ends with ``]``.
    """
    shown = SPECIAL.sub(r"\\\g<0>", BLANKS.sub(" ", text))
    return BLOCK.sub(r"\g<0>\\", shown)


def plain(markdown: str) -> str:
    """Return the text that ``escape`` was given, up to its blanks."""
    return ESCAPED.sub(r"\1", markdown)


def code(text: str) -> str:
    """Return the text as code; not for a cell of a table, in which no ``|`` stays."""
    line = BLANKS.sub(" ", text)
    fence = "`" * (max(map(len, BACKTICKS.findall(line)), default=0) + 1)
    margin = " " if line[:1] in {"`", " "} or line[-1:] in {"`", " "} else ""
    return f"{fence}{margin}{line}{margin}{fence}" if line.strip() else ""


@cache
def for_markdown(templates: Environment) -> Environment:
    """Return the templates with what they print escaped, but for what passes the filter ``safe``.

    Args:
        templates: with the filters of the other forms; nothing in it is escaped.
    """
    changed: Environment = templates.overlay(finalize=_printed)
    changed.filters["code"] = _code
    return changed


def _printed(value: object) -> str:
    return value if isinstance(value, Markup) else escape(str(value))


def _code(text: object) -> Markup:
    return Markup(code(str(text)))  # noqa: S704 - nothing in it is read as Markdown
