"""Folders of photos with parts or without, and what is said of other layouts."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch
from fetching import fetched, refusal
from odd_photos import folder, own, plain, put

from cxv.data.manifest import Manifest
from cxv.data.sources import read
from cxv.data.tensors import Images, load

BOTH = ("train/", "test/")


def images_of(root: Path, **settings: object) -> Images:
    return read(own(root, **settings), mirror=None, downloads=root).images


def levels(images: torch.Tensor) -> list[int]:
    found: list[int] = images[:, 0, 0, 0].tolist()
    return found


@pytest.mark.parametrize("name", ["val", "validation"])
def test_a_validation_folder_tests_where_there_is_no_test_folder(tmp_path: Path, name: str) -> None:
    root = folder(tmp_path / "own", "train/", f"{name}/")
    images, manifest = fetched(tmp_path, own(root))
    assert levels(load(images).test.images) == [11, 12, 111, 112]
    facts = Manifest.load(manifest)
    assert facts.photos is not None
    assert facts.photos.folders == {"train": "train", "test": name}
    assert set(facts.origin.md5) == {"train/*", f"{name}/*"}


def test_a_test_folder_goes_before_a_validation_folder_which_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = folder(tmp_path / "own", "train/", "test/", "val/")
    assert levels(images_of(root).test.images) == [11, 12, 111, 112]
    assert caplog.messages == [f"{root / 'val'} is not read: test tests"]


def parts_of(root: Path, **settings: object) -> tuple[set[int], set[int]]:
    images = images_of(root, **settings)
    return set(levels(images.train.images)), set(levels(images.test.images))


def test_a_folder_of_classes_is_split_class_by_class(tmp_path: Path) -> None:
    root = folder(tmp_path / "own", count=10)
    images, manifest = fetched(tmp_path, own(root, split=0.2))
    data, facts = load(images), Manifest.load(manifest)
    assert (facts.train_images, facts.test_images) == ((8, 8), (2, 2))
    read = [*levels(data.train.images), *levels(data.test.images)]
    assert sorted(read) == [*range(1, 11), *range(101, 111)]
    assert data.test.labels.tolist() == [0, 0, 1, 1]
    assert facts.photos is not None
    assert (facts.photos.folders, facts.photos.split_seed) == ({"whole": "."}, 0)
    assert (facts.dataset.split, set(facts.origin.md5)) == (0.2, {"*"})


def test_a_photo_stays_on_its_side_of_the_split(tmp_path: Path) -> None:
    """Whatever it is called, at whatever size it is read, whatever is next to it."""
    root = folder(tmp_path / "own", count=10)
    train, test = parts_of(root, split=0.3)
    assert parts_of(root, split=0.3, image_size=4) == (train, test)
    put(root, {"cow/1.png": plain(201), "cow/2.png": plain(202)})
    for number in range(1, 11):
        (root / f"cat/{number}.png").rename(root / f"cat/{99 - number}.png")
    more_train, more_test = parts_of(root, split=0.3)
    assert (more_train & (train | test), more_test & (train | test)) == (train, test)
    assert len(parts_of(root, split=0.6)[1] & test) == len(test)  # a larger one takes more


def test_equal_files_are_on_one_side_of_the_split(tmp_path: Path) -> None:
    root = tmp_path / "own"
    for name, level in (("cat", 0), ("dog", 100)):
        put(root, {f"{name}/{n}.png": plain(level + n // 5) for n in range(20)})
    for share in (0.01, 0.2, 0.5, 0.99):
        train, test = parts_of(root, split=share)
        assert not train & test
        assert all(part & set(range(4)) for part in (train, test))


def test_a_class_that_cannot_be_split_is_named(tmp_path: Path) -> None:
    root = folder(tmp_path / "own", **{"cow/1.png": plain(7), "cow/2.png": plain(7)})
    assert refusal(tmp_path, own(root, split=0.2)) == (
        f"{root}: `split` needs two different photos of each class; lacking: ['cow']"
    )


def classless(root: Path) -> Path:
    return put(root, {f"train/{n}.jpg": b"x" for n in range(60)} | {"test/cat/1.jpg": b"x"})


LAYOUTS = {
    "classes alone": (
        folder,
        {},
        "{root}: 4 photos lie in 2 folders (cat, dog), without train/ and test/; either make these"
        " (photos lie in train/<class>/ and test/<class>/ (or val/ or validation/ for test/)), or"
        " set `split: 0.2` to test on a share of each folder",
    ),
    "no test": (
        lambda root: folder(root, "train/"),
        {},
        "{root}: has train/ and none of test, val, validation; add one, or set `path: {root}/train`"
        " and `split: 0.2` to test on a share of it",
    ),
    "one level down": (
        lambda root: folder(root / "photos", *BOTH).parent,
        {},
        "{root}: train/ is one level down; set `path: {root}/photos`",
    ),
    "one level up": (
        classless,
        {},
        "{root}/train: 60 photos lie directly in it and no folders of classes; photos lie in",
    ),
    "photos alone": (
        lambda root: put(root, {"1.jpg": b"x", "2.JPG": b"x", "notes.txt": b"x"}),
        {},
        "{root}: 2 photos lie directly in it and no folders; photos lie in train/<class>/",
    ),
    "photos alone, split": (
        lambda root: put(root, {"1.jpg": b"x"}),
        {"split": 0.2},
        "{root}: 1 photos lie directly in it and no folders; with `split`, photos lie in a folder",
    ),
    "parts, split": (
        lambda root: folder(root, *BOTH),
        {"split": 0.2},
        "{root}: has train/ and test/ already: set `path: {root}/train` to split that part alone,",
    ),
    "a part, split": (
        lambda root: folder(root, "train/"),
        {"split": 0.2},
        "{root}: has train/ already: set `path: {root}/train` to split that part alone, or remove",
    ),
    "other names": (
        lambda root: folder(root, "Train/", "Test/"),
        {},
        "{root}: 0 photos lie directly in it and folders Test, Train; photos lie in",
    ),
    "a file": (
        lambda root: put(root.parent, {root.name: b"zip"}) / root.name,
        {},
        "{root}: a file, not a folder; unpack it first; a relative path starts from the folder of",
    ),
    "class without test photos": (
        lambda root: folder(root, *BOTH, **{"train/cow/1.png": plain(1), "test/ox/1.png": b"x"}),
        {},
        "{root}: each class needs photos in each part\n"
        "class 'ox' has no photos in {root}/train/ox\n"
        "class 'cow' has no photos in {root}/test/cow\n"
        "Add photos of these classes there, or remove their folders from all parts.",
    ),
    "class whose name is no UTF-8": (
        lambda root: put(root, {os.fsdecode(b"\xe9t\xe9/1.png"): plain(1)}),
        {"split": 0.2},
        "{root}: names of classes that are not UTF-8: \\xe9t\\xe9",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_of_a_folder_of_another_layout_it_is_said_what_was_found(
    tmp_path: Path, layout: str
) -> None:
    make, settings, said = LAYOUTS[layout]
    root = make(tmp_path / "own")
    assert refusal(tmp_path, own(root, **settings)).startswith(said.format(root=root))


def test_a_folder_without_the_right_to_read_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read all, so the right is taken from the reading itself."""
    root = folder(tmp_path / "own", *BOTH)
    whole = os.scandir

    def denied(path: Path) -> Any:
        if path.name == "dog":
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path)

    monkeypatch.setattr(os, "scandir", denied)
    assert refusal(tmp_path, own(root)) == f"{root}/train/dog: cannot be read: Permission denied"


def test_a_folder_may_lie_at_home_or_next_to_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(tmp_path / "photos", *BOTH)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for path in ("~/photos", "photos", str(tmp_path / "photos")):
        assert levels(images_of(Path(path)).train.images) == [1, 2, 101, 102]
