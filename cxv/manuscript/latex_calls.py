r"""Where commands stand in a LaTeX text, and their arguments: enough of LaTeX for an audit.

Positions are those of the text as it is; what is blanked keeps its length and its lines.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

BLANK = re.compile(r"[^\n]")
OPENED = re.compile(r"\s*([\[{])")
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)(%.*)")


@dataclass(frozen=True, slots=True)
class Call:
    """A command with its arguments in braces, as many as were found."""

    name: str
    arguments: tuple[str, ...]
    start: int
    end: int


def find_calls(text: str, known: Mapping[str, int]) -> Iterator[Call]:
    """Yield the calls of some commands, in order.

    Args:
        text: LaTeX without comments.
        known: by name, how many arguments in braces a command has; those in brackets are its too.
    """
    if not known:
        return
    names = "|".join(sorted(map(re.escape, known), key=len, reverse=True))
    for found in re.finditer(rf"\\({names})(?![A-Za-z@])\*?", text):
        arguments, end = _arguments(text, found.end(), known[found[1]])
        yield Call(found[1], arguments, found.start(), end)


def _arguments(text: str, position: int, count: int) -> tuple[tuple[str, ...], int]:
    """Return as many arguments as a command has, and where the last one ends."""
    found: list[str] = []
    while len(found) < count:
        opened = OPENED.match(text, position)
        if opened is None:
            break
        start = opened.end() - 1
        end = closing(text, start, "[]" if opened[1] == "[" else "{}")
        if opened[1] == "{":
            found.append(text[start + 1 : end])
        position = end + 1
    return tuple(found), position


def closing(text: str, start: int, pair: str) -> int:
    """Return where the bracket at ``start`` is closed; the last position, if it never is."""
    depth = 0
    for position in range(start, len(text)):
        if text[position] in pair and text[position - 1] != "\\":
            depth += 1 if text[position] == pair[0] else -1
            if depth == 0:
                return position
    return len(text) - 1


def without_comments(text: str) -> str:
    """Return the text with blanks in place of comments."""
    return COMMENT.sub(lambda found: found[1] + " " * len(found[2]), text)


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with blanks in place of some of its parts."""
    for start, end in spans:
        text = text[:start] + BLANK.sub(" ", text[start:end]) + text[end:]
    return text


def line_of(text: str, position: int) -> int:
    """Return the number of a line, from 1."""
    return text.count("\n", 0, position) + 1
