"""The file of a fingerprint names what was edited since, and an edit alone."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edited import Edit, editing
from profiled import stamp

from cxv.records import code_record as subject
from cxv.records.code_hash import definitions, fingerprint
from cxv.records.job import Job

FILES = {
    "__init__.py": "",
    "parts.py": """
        SCALE = 2

        def norm(x):
            return x / SCALE

        def clip(x):
            return x
    """,
    "whole.py": """
        WIDTH = 5
        DEPTH = 6
    """,
    "models.py": """
        from cxv import whole
        from cxv.parts import clip, norm

        def net(x):
            return norm(x) * whole.WIDTH
    """,
}
ENTRY = "cxv.models:net"
JOB: Any = Job(None, Path("runs/one.json"), None, (ENTRY,))  # type: ignore[arg-type]
FOUND = {"models:net", "parts:SCALE", "parts:norm", "whole:WIDTH", "whole:DEPTH"}


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Work on a small package in place of the project's."""
    (tmp_path / "cxv").mkdir()
    for name, text in FILES.items():
        (tmp_path / "cxv" / name).write_text(textwrap.dedent(text))
    yield from editing(tmp_path, monkeypatch)


def test_every_definition_behind_an_entry_is_named_a_whole_module_piece_by_piece(
    edit: Edit,
) -> None:
    assert definitions(ENTRY).keys() == {f"cxv.{name}" for name in FOUND}


def test_the_file_of_a_fingerprint_is_written_once(edit: Edit, tmp_path: Path) -> None:
    subject.keep_definitions(tmp_path, ENTRY)
    [path] = (tmp_path / "code").iterdir()
    assert path.name == f"{fingerprint(ENTRY)}.json"
    written = path.stat().st_mtime_ns
    subject.keep_definitions(tmp_path, ENTRY)
    assert path.stat().st_mtime_ns == written
    path.write_text(path.read_text().replace("norm", "form"))
    assert subject.kept_definitions(tmp_path, path.stem) is None
    subject.keep_definitions(tmp_path, ENTRY)
    assert subject.kept_definitions(tmp_path, path.stem) == definitions(ENTRY)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("parts.py", "SCALE = 2", "SCALE = 4", ["cxv.parts:SCALE changed"]),
        ("parts.py", "return x\n", "return -x\n", []),
        ("parts.py", "return x /", "# why\n    return x /", []),
        ("whole.py", "DEPTH = 6", "DEPTH = 7", ["cxv.whole:DEPTH changed"]),
        ("whole.py", "DEPTH = 6", "", ["cxv.whole:DEPTH removed"]),
        (
            "models.py",
            "return norm(x)",
            "return clip(x)",
            [
                "cxv.models:net changed",
                "cxv.parts:SCALE removed",
                "cxv.parts:clip added",
                "cxv.parts:norm removed",
            ],
        ),
    ],
)
def test_an_edit_is_named(
    edit: Edit, tmp_path: Path, file: str, old: str, new: str, said: list[str]
) -> None:
    made = stamp(fingerprint(ENTRY), seconds=1.0)
    subject.keep_definitions(tmp_path, ENTRY)
    assert subject.code_changes(JOB, made, tmp_path) == ()
    edit(file, old, new)
    assert list(map(str, subject.code_changes(JOB, made, tmp_path))) == said


def test_without_the_file_git_has_the_text_of_the_commit(
    edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = stamp(fingerprint(ENTRY), seconds=1.0)
    texts = {f"cxv/{name}": textwrap.dedent(text) for name, text in FILES.items()}
    asked = set()

    def file_at(commit: str, path: str) -> str:
        asked.add(commit)
        return texts.get(path, "")

    monkeypatch.setattr(subject, "file_at", file_at)
    edit("parts.py", "SCALE = 2", "SCALE = 4")
    found = subject.code_changes(JOB, made, tmp_path)
    assert (list(map(str, found)), asked) == (["cxv.parts:SCALE changed"], {made.commit})
    assert subject.definitions_of(JOB, made, tmp_path) is not None


@pytest.mark.parametrize("lost", ["commit", "dirty"])
def test_what_is_not_known_is_called_so(
    edit: Edit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """Files of an edited checkout are not those of its commit."""
    change = {"commit": None} if lost == "commit" else {"dirty": True}
    made = stamp("0" * 12, seconds=1.0).model_copy(update=change)
    monkeypatch.setattr(subject, "file_at", pytest.fail)
    [found] = subject.code_changes(JOB, made, tmp_path)
    assert (found.before, found.after) == ("0" * 12, fingerprint(ENTRY))
    assert str(found).startswith(subject.UNKNOWN)
    assert subject.definitions_of(JOB, made, tmp_path) is None
    assert subject.definitions_of(
        replace(JOB), made.model_copy(update={"code": JOB.code}), tmp_path
    )
