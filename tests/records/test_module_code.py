"""What was parsed of a module is kept by its text, and by nothing else."""

import ast
import hashlib
import json
from pathlib import Path

import pytest

from cxv.records import module_code as subject
from cxv.records.module_code import Kept

TEXT = '''
"""Words."""
import math
import cxv.layers
import cxv.layers as parts
from cxv.depths import DEPTH as deep, WIDTH
from torch import nn

FIRST, SECOND = 1, math.pi
list.append(FIRST)

def norm(x):
    """Divide."""
    return x / SECOND  # by pi
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".cxv/module_code.json"


def test_names_are_bound_by_their_statements_and_by_what_runs_on_import(path: Path) -> None:
    """Digests as they are written by hand: SHA-256 of the trees' dumps, a line each."""
    code = Kept(path).of(TEXT)
    assert list(code.names) == ["FIRST", "SECOND", "norm"]
    pair, call = "FIRST, SECOND = 1, math.pi", "list.append(FIRST)"
    norm = "def norm(x):\n    return x / SECOND"
    assert code.binding("FIRST") == (digest(call, pair), ["FIRST", "SECOND", "list", "math"])
    assert code.binding("norm") == (digest(call, norm), ["FIRST", "SECOND", "list", "x"])
    assert code.binding("deep") == code.on_import == (digest(call), ["FIRST", "list"])
    assert code.binding("*").digest == digest(call, pair, pair, norm)
    assert code.imports == [
        ("cxv", "cxv.layers", ""),
        ("parts", "cxv.layers", ""),
        ("deep", "cxv.depths", "DEPTH"),
        ("WIDTH", "cxv.depths", "WIDTH"),
    ]


def digest(*statements: str) -> str:
    dumps = [ast.dump(ast.parse(statement).body[0]) for statement in statements]
    return hashlib.sha256("\n".join(dumps).encode()).hexdigest()


def test_a_later_command_parses_only_what_is_new(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Kept(path)
    wanted = [first.of(text) for text in (TEXT, "A = 1")]
    first.write()
    parsed: list[str] = []
    monkeypatch.setattr(subject, "_parsed", parsed.append)
    second = Kept(path)
    assert [second.of(text) for text in (TEXT, "A = 1")] == wanted
    assert not parsed
    second.of(f"{TEXT}\n")
    assert parsed == [f"{TEXT}\n"]


def test_the_file_is_written_when_there_is_something_new(path: Path) -> None:
    kept = Kept(path)
    kept.write()
    assert not path.exists()
    kept.of("A = 1")
    kept.write()
    before = path.stat()
    kept.of("A = 1")
    kept.write()
    Kept(path).write()
    assert path.stat() == before


def test_what_another_version_of_the_parser_found_is_not_taken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Kept(path)
    kept.of("A = 1")
    kept.write()
    monkeypatch.setattr(subject, "_reader", lambda: "(3, 99)")
    later = Kept(path)
    later.of("A = 1")
    assert len(later.modules) == 2


@pytest.mark.parametrize("fault", ["a digest", "cut short", "no names"])
def test_an_altered_file_is_parsed_again(path: Path, fault: str) -> None:
    kept = Kept(path)
    wanted = kept.of(TEXT)
    kept.write()
    text = path.read_text()
    altered = {
        "a digest": text.replace(wanted.on_import.digest, "0" * 64),
        "cut short": text[:-9],
        "no names": json.dumps({"key": [{}]}),
    }[fault]
    assert altered != text
    path.write_text(altered)
    again = Kept(path)
    assert not again.modules
    assert again.of(TEXT) == wanted


def test_the_latest_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "MOST", 2)
    kept = Kept(path)
    for number in range(4):
        kept.of(f"A = {number}")
    kept.write()
    assert [*Kept(path).modules] == [*kept.modules][2:]


def test_a_folder_that_takes_no_file_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    kept = Kept(tmp_path / "file/module_code.json")
    kept.of("A = 1")
    kept.write()
    assert kept.of("A = 1").names["A"].named == ["A"]
