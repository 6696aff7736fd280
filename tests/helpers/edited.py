"""A package that tests edit in place of the project's own, and its fingerprints after each edit."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cxv.records import code_hash as subject
from cxv.records.module_code import kept

Edit = Callable[[str, str, str], None]
"""Replaces a text of a file."""


def editing(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    """Yield a function that edits a file of the package below ``root``, which stands for ours."""
    monkeypatch.setattr(subject, "ROOT", root)
    monkeypatch.setattr(kept(), "write", lambda: None)  # no command reads these edits again

    def replace(file: str, old: str, new: str) -> None:
        path = root / "cxv" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        subject.forget()

    subject.forget()
    yield replace
    monkeypatch.undo()
    subject.forget()
