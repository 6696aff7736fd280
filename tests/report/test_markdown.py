"""What is typed is what a reader of the Markdown sees, by the rules of a Markdown parser."""

import html
import re
import string
from collections.abc import Callable
from itertools import product

import pytest
from markdown_it import MarkdownIt
from nasty import NASTY

from cxv.report.markdown import code, escape, plain

PARSERS = {
    "CommonMark": MarkdownIt("commonmark"),
    "GitHub": MarkdownIt("commonmark").enable(["table", "strikethrough"]),
}
PLACES = {
    "a paragraph": lambda shown: f"{shown}\n",
    "the middle of a sentence": lambda shown: f"It is {shown}, or not.\n",
    "the second line of a paragraph": lambda shown: f"First line\n{shown}\n",
    "a heading": lambda shown: f"# {shown}\n\nA [defined] word.\n",
    "a list": lambda shown: f"- {shown}\n- another\n",
    "a numbered list": lambda shown: f"1. {shown}\n2. another\n",
    "bold": lambda shown: f"Say **{shown.strip()}** again\n",
    "text before a line": lambda shown: f"{shown}\n- - -\n",
}
TAG = re.compile(r"<[^>]*>")
TABLE = "| one | **{shown}** | three |\n|---|---|--:|\n| a | {shown} | c |\n"


def seen(markdown: str, parser: str) -> tuple[str, list[str]]:
    """Return the text of a page, blanks as one space, and its tags."""
    page = PARSERS[parser].render(markdown)
    return typed(html.unescape(TAG.sub("", page))), TAG.findall(page)


def typed(text: str) -> str:
    return " ".join(text.split())


PAIRS = [f"{one}{other}" for one, other in product(string.punctuation, repeat=2)]
TEXTS = [
    *NASTY,
    *string.punctuation,
    string.punctuation,
    string.punctuation[::-1],
    *(f"{pair}a{pair[::-1]} b {pair} c{pair}" for pair in PAIRS),
]


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("place", PLACES)
def test_what_was_typed_is_seen(place: str, parser: str) -> None:
    put = PLACES[place]
    around, tags = seen(put("WORD"), parser)
    for text in TEXTS:
        assert seen(put(escape(text)), parser) == (typed(around.replace("WORD", text)), tags)


def test_what_was_typed_stays_in_its_cell() -> None:
    for text in TEXTS:
        page = PARSERS["GitHub"].render(TABLE.format(shown=escape(text).strip()))
        cells = [html.unescape(x) for x in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page)]
        bold = f"<strong>{typed(text)}</strong>"
        assert [typed(x) for x in cells] == ["one", bold, "three", "a", typed(text), "c"], text


def test_the_check_of_what_is_seen_can_fail() -> None:
    assert seen("a *b* c\n", "GitHub") == ("a b c", ["<p>", "<em>", "</em>", "</p>"])


def test_names_numbers_and_intervals_stay_as_they_are() -> None:
    for text in (
        "cpv_small", "digits/resnet18/base/s0/adamw", "+1.20", "[+0.10, +1.30]", "88.60 [86.1, 90]",
        "a-b", "--cores", "3 < 5", "lr = 0.1", "A & B", "metrics.json#a1b2", "x (y)", "30.5",
        "(over seeds)", "a: b", "C#", "!",
    ):  # fmt: skip
        assert escape(text) == text


def test_the_text_comes_back() -> None:
    for text in TEXTS:
        assert typed(plain(escape(text))) == typed(text)


@pytest.mark.parametrize("parser", PARSERS)
def test_code_is_seen_as_it_was_typed(parser: str) -> None:
    for text in TEXTS:
        if text.strip():
            page = PARSERS[parser].render(f"It is {code(text)}.\n")
            [found] = re.findall(r"<code>(.*?)</code>", page)
            assert typed(html.unescape(found)) == typed(text), text
    assert code(" ") == ""


@pytest.mark.parametrize("render", [escape, code])
def test_text_is_on_one_line(render: Callable[[str], str]) -> None:
    assert render("a\n\n\tb\r\nc\u2028d").replace("`", "") == "a b c d"
