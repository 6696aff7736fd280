"""A package that tests edit in place of the project's own, and its fingerprints after each edit."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cxv.records import code_hash as subject

Edit = Callable[[str, str, str], None]
"""Replaces a text of a file."""

OURS: dict[Any, Any] = {}
"""What was read of this project's own modules, none of them edited: all of them take a second."""


class Memory:
    """Keeps what a function reads of each module, but nothing of the modules that were edited."""

    def __init__(self, function: Any, unedited: dict[Any, Any]) -> None:
        self.function, self.unedited = function, unedited
        self.edited: dict[Any, Any] = {}
        self.modules: set[str] = set()

    def __call__(self, key: Any) -> Any:
        module = key if isinstance(key, str) else key[0]
        known = self.edited if module in self.modules else self.unedited
        place = (self.function.__name__, key)
        if place not in known:
            known[place] = self.function(key)
        return known[place]

    def forget(self, module: str) -> None:
        self.modules.add(module)
        self.edited.clear()


def editing(
    root: Path, monkeypatch: pytest.MonkeyPatch, unedited: dict[Any, Any]
) -> Iterator[Edit]:
    """Yield a function that edits a file of the package below ``root``, which stands for ours."""
    monkeypatch.setattr(subject, "ROOT", root)
    memories = [Memory(x.__wrapped__, unedited) for x in (subject._look_up, subject._source)]
    monkeypatch.setattr(subject, "_look_up", memories[0])
    monkeypatch.setattr(subject, "_source", memories[1])

    def replace(file: str, old: str, new: str) -> None:
        path = root / "cxv" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        module = ".".join(("cxv", *Path(file).with_suffix("").parts)).removesuffix(".__init__")
        for memory in memories:
            memory.forget(module)
        subject.fingerprint.cache_clear()

    subject.fingerprint.cache_clear()
    subject._file.cache_clear()
    yield replace
    monkeypatch.undo()
    subject.fingerprint.cache_clear()
    subject._file.cache_clear()
