"""Eleven edits of a small params.yaml for each kind of slip: refused, warned of, or sound."""

from pathlib import Path

import odd_edits
import pytest

KINDS = {kind: [] for kind, _, _ in odd_edits.samples()}
for kind, edit, expected in odd_edits.samples():
    KINDS[kind].append((edit, expected))

LIBRARYS_OWN = ("Traceback", "Input should", "__init__", "NoneType", "discriminator")


def test_the_settings_without_an_edit_are_sound(tmp_path: Path) -> None:
    assert odd_edits.said_of({}, tmp_path) == ("passes", "")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_edits_of_a_kind_end_as_expected(kind: str, tmp_path: Path) -> None:
    assert len(KINDS[kind]) == 11
    for edit, expected in KINDS[kind]:
        end, said = odd_edits.said_of(edit, tmp_path)
        assert end == expected, (edit, said)
        assert not any(word in said for word in LIBRARYS_OWN), said
