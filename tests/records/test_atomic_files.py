"""A file is whole, old or new, whatever happens while it is written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cxv.records.atomic_files import replacing, write


def test_a_file_is_written_whole_readable_by_all_in_folders_that_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a/b/notes.txt"
    write(path, "37 °C\n")
    assert path.read_bytes() == "37 °C\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert [x.name for x in path.parent.iterdir()] == ["notes.txt"]


def test_who_looks_meanwhile_sees_the_old_bytes(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    write(path, "old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
        # on the same disk, for only there a file is replaced at once, and out of sight
        [other] = [x.name for x in tmp_path.iterdir() if x != path]
        assert other.startswith(".notes.txt.")
    assert path.read_text() == "new"


def fail(path: Path, error: type[BaseException]) -> None:
    with replacing(path) as file:
        file.write(b"half of")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_fails_or_is_interrupted_leaves_the_old_file_and_no_other(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "notes.txt"
    write(path, "old")
    with pytest.raises(error):
        fail(path, error)
    assert path.read_text() == "old"
    assert [x.name for x in tmp_path.iterdir()] == ["notes.txt"]


def test_a_hard_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    cached, path = tmp_path / "cached", tmp_path / "notes.txt"
    cached.write_text("old")
    path.hardlink_to(cached)
    write(path, "new")
    assert (cached.read_text(), path.read_text()) == ("old", "new")


def test_bytes_are_on_the_disk_before_the_name_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def noted(name: str) -> Callable[..., None]:
        real = getattr(os, name)
        return lambda *given: (done.append(name), real(*given))[1]

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, noted(name))
    write(tmp_path / "notes.txt", "new")
    assert done == ["fsync", "replace"]
