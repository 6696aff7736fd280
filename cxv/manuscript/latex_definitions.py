r"""Commands that a manuscript defines by our macros: ``\newcommand{\row}[1]{\cxv{...#1...}}``."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cxv.manuscript.latex_calls import Call, closing, find_calls

DEFINED = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)\*?\s*\{?\\([A-Za-z]+)\}?"
    r"\s*(?:\[(\d)\])?\s*\{"
)
PARAMETER = re.compile(r"#(\d)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A command with mandatory arguments alone, and what it stands for."""

    name: str
    arguments: int
    body: str
    start: int
    end: int


def find_definitions(text: str, known: Mapping[str, int]) -> Iterator[Definition]:
    """Yield the commands that are defined by means of some others.

    Args:
        text: LaTeX without comments.
        known: the others, with the number of their arguments.
    """
    for found in DEFINED.finditer(text):
        end = closing(text, found.end() - 1, "{}")
        body = text[found.end() : end]
        if any(find_calls(body, known)):
            yield Definition(found[1], int(found[2] or 0), body, found.start(), end + 1)


def resolved(
    text: str, definitions: Iterable[Definition], known: Mapping[str, int]
) -> Iterator[Call]:
    """Yield the calls that the use of defined commands comes to, where they are used.

    Args:
        text: LaTeX without comments and without the definitions.
        definitions: of all files of a manuscript.
        known: as ``find_definitions`` takes them.
    """
    by_name = {one.name: one for one in definitions}
    for use in find_calls(text, {name: one.arguments for name, one in by_name.items()}):
        body = PARAMETER.sub(
            lambda found, use=use: _argument(use, int(found[1])),  # type: ignore[misc]
            by_name[use.name].body,
        )
        calls = list(find_calls(body, known))
        for call in calls:
            ends_body = call is calls[-1] and call.end == len(body)
            yield replace(call, start=use.start, end=use.end if ends_body else use.start)


def _argument(use: Call, number: int) -> str:
    return use.arguments[number - 1] if number <= len(use.arguments) else ""
