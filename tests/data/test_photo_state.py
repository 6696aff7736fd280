"""The state of own photos moves with what is read of them, whatever becomes of their folder."""

import os
import shutil
import time
from pathlib import Path

import pytest
from odd_photos import folder, own, plain, put

from cxv.config.spec import Dataset
from cxv.data import folder_state
from cxv.data.archives import DataError
from cxv.data.folder_state import state

BOTH = ("train/", "test/")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = folder(tmp_path / "own", *BOTH)
    for path in root.rglob("*.png"):
        os.utime(path, (1e9, 1e9))
    return root


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the photos that are opened, as they are; files count as old at once."""
    names: list[str] = []
    whole = folder_state.sha256_of

    def noted(path: Path) -> str:
        names.append(path.name)
        return whole(path)

    monkeypatch.setattr(folder_state, "sha256_of", noted)
    monkeypatch.setattr(folder_state, "SETTLED_SECONDS", -1e6)
    return names


def test_a_photo_is_opened_once(root: Path, tmp_path: Path, opened: list[str]) -> None:
    first = state(own(root), tmp_path / "kept")
    assert sorted(opened) == sorted(2 * 2 * ["1.png", "2.png"])
    opened.clear()
    assert state(own(root), tmp_path / "kept") == first
    assert not opened
    put(root, {"train/cat/3.png": plain(3)})
    assert state(own(root), tmp_path / "kept") != first
    assert opened == ["3.png"]


def test_an_edit_that_keeps_size_and_date_is_seen(
    root: Path, tmp_path: Path, opened: list[str]
) -> None:
    """As of a copy that sets the date of the old file: its change of status is newer."""
    first = state(own(root), tmp_path / "kept")
    path = root / "train/cat/1.png"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"x")
    os.utime(path, (1e9, 1e9))
    assert state(own(root), tmp_path / "kept") != first


def test_a_new_file_is_opened_until_the_clock_tells_it_from_the_next_one(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_state, "SETTLED_SECONDS", 1e6)
    state(own(root), tmp_path / "kept")
    assert not (tmp_path / "kept/own.json").exists()  # all are new, whatever their date says


def test_a_touched_moved_or_copied_folder_is_the_same(root: Path, tmp_path: Path) -> None:
    first = state(own(root), tmp_path / "kept")
    for path in root.rglob("*.png"):
        path.touch()
    assert state(own(root), tmp_path / "kept") == first
    copied = Path(shutil.copytree(root, tmp_path / "copied"))
    assert state(own(copied), tmp_path / "kept") == first
    moved = root.rename(tmp_path / "moved")
    assert state(own(moved), tmp_path / "other") == first


@pytest.mark.parametrize(
    ("changed", "moves"),
    [
        ({}, False),
        ({"train/cat/2.png": plain(9)}, True),
        ({"train/cat/3.png": plain(9)}, True),
        ({"test/dog/.DS_Store": b"hidden"}, False),  # not read, so nothing is trained for it
        ({"test/dog/Thumbs.db": b"litter"}, False),
        ({"notes.txt": b"next to the photos"}, False),
        ({"val/cat/1.png": plain(9), "val/dog/1.png": plain(9)}, False),  # test/ is there
        ({"train/cat/empty.png": b""}, True),  # a fault is refused or skipped
    ],
)
def test_the_state_moves_with_the_photos_that_are_read(
    root: Path, tmp_path: Path, changed: dict[str, bytes], moves: bool
) -> None:
    first = state(own(root), tmp_path / "kept")
    put(root, changed)
    assert (state(own(root), tmp_path / "kept") != first) == moves


def test_the_state_tells_a_renamed_a_mended_and_a_removed_photo(root: Path, tmp_path: Path) -> None:
    path, kept = root / "train/dog/2.png", tmp_path / "kept"
    seen = [state(own(root), kept)]
    path = path.rename(path.with_name("9.png"))
    seen.append(state(own(root), kept))
    path.unlink()
    seen.append(state(own(root), kept))
    path.symlink_to("nowhere.png")
    seen.append(state(own(root), kept))
    put(root, {"train/dog/nowhere.png": plain(5)})
    seen.append(state(own(root), kept))
    assert len(set(seen)) == len(seen)


def test_the_state_waits_for_no_pipe(root: Path, tmp_path: Path) -> None:
    os.mkfifo(root / "train/cat/pipe.png")
    start = time.monotonic()
    state(own(root), tmp_path / "kept")
    assert time.monotonic() - start < 60


def test_where_there_are_no_photos_planning_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none: no such folder"):
        state(own(tmp_path / "none"), tmp_path / "kept")
    assert state(Dataset(name="digits", source="digits"), tmp_path / "kept") == ""


@pytest.mark.parametrize("broken", [b"", b"{", b"[1]", b"\xff"])
def test_what_is_known_of_files_may_be_lost(
    root: Path, tmp_path: Path, opened: list[str], broken: bytes
) -> None:
    first = state(own(root), tmp_path / "kept")
    (tmp_path / "kept/own.json").write_bytes(broken)
    assert state(own(root), tmp_path / "kept") == first


def test_what_is_known_of_files_may_find_no_room(root: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"a file where a folder is wanted")
    assert state(own(root), tmp_path / "kept")
