"""What a message says of texts and names that no terminal prints."""

import pytest

from cxv.errors import UserError, printable


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Größe 学习 🙂", "Größe 学习 🙂"),
        ("a\0b", r"a\x00b"),
        ("\x1b[31mred\a\r", r"\x1b[31mred\x07\r"),
        ("a\udce9", r"a\xe9"),  # a byte of a name that is no UTF-8
        ("\ud83d", r"\ud83d"),  # half of a character
        ("\u202eevil", r"\u202eevil"),  # it would turn the rest of the line around
    ],
)
def test_a_message_shows_in_digits_what_is_not_printed(text: str, said: str) -> None:
    assert printable(text) == said
    assert str(UserError(f"{text}: missing\n  see {text}")) == f"{said}: missing\n  see {said}"


def test_a_name_with_a_line_break_stays_in_its_line() -> None:
    assert printable("a\nb") == r"a\nb"
