"""What names of own photos tell before a fetch: counts, and settings that do not fit them."""

from pathlib import Path
from typing import Any

import odd_photos
import pytest
from changed_grid import DIGITS, fault_keys, grid

from cxv.config.grid import Params
from cxv.data.photos import image_folder
from cxv.jobs.check import faults
from cxv.jobs.checked_before import CheckedBefore
from cxv.jobs.expected_images import counts_of, epoch_images, in_folder
from cxv.jobs.odd_settings import odd_settings

CLASSES = ("cat", "dog")
TENTH = "validation_fraction: 0.1"


def put(root: Path, **counts: tuple[int, int]) -> Path:
    """Write files that are no photos, so many of each class, into each part."""
    for part, numbers in counts.items():
        for name, number in zip(CLASSES, numbers, strict=True):
            for index in range(number):
                odd_photos.put(root, {f"{part.strip('_')}/{name}/{index}.png": b"never opened"})
    return root


def own(root: Path, photos: Path, more: str = "", *changes: tuple[str, str]) -> Params:
    """Return the samples' settings, of own photos in place of the digits."""
    one = f"digits: {{source: image_folder, path: {photos}, image_size: 8{more}}}"
    return grid(root, (DIGITS, one), *changes)


def said(params: Params) -> list[str]:
    return [f"{'.'.join(map(str, key))}: {said}" for key, said in faults(params)]


@pytest.mark.parametrize("test", ["test", "val", "validation"])
def test_photos_are_counted_by_part_and_class(tmp_path: Path, test: str) -> None:
    root = put(tmp_path / "photos", train=(5, 3), **{test: (2, 1)})
    odd_photos.put(root, {"train/cat/.hidden": b"x", "train/dog/Thumbs.db": b"x"})
    assert counts_of(odd_photos.own(root)) == ([5, 3], [2, 1])


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.99])
def test_a_split_is_counted_as_the_fetch_divides(tmp_path: Path, share: float) -> None:
    root = odd_photos.folder(tmp_path / "photos", count=7)
    dataset = odd_photos.own(root, image_size=8, split=share)
    images = image_folder(dataset).images
    found = counts_of(dataset)
    assert found is not None
    assert found.train == images.train.labels.bincount().tolist()
    assert found.test == images.test.labels.bincount().tolist()


@pytest.mark.parametrize("make", [lambda _: None, lambda root: root.mkdir()])
def test_a_folder_that_is_no_dataset_has_no_counts_and_a_warning(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "photos")
    params = own(tmp_path, tmp_path / "photos")
    assert counts_of(params.datasets["digits"]) is None
    assert said(params) == []
    [(key, warned)] = odd_settings(params)
    assert key == ("datasets", "digits", "path")
    assert warned.startswith(f"{tmp_path / 'photos'}: ")


@pytest.mark.parametrize(("dogs", "left"), [(35, 64), (36, 64), (37, 65), (38, 66)])
def test_a_last_batch_of_one_photo_is_found_before_the_fetch(
    tmp_path: Path, dogs: int, left: int
) -> None:
    """Of 36 cats and as many dogs, four each are held out."""
    params = own(tmp_path, put(tmp_path / "photos", train=(36, dogs), test=(1, 1)))
    dataset = params.datasets["digits"]
    left -= dogs == 35
    assert epoch_images(dataset, counts_of(dataset), params.training) == left
    expected = f"phases.adamw.batch: comes down to one image of 8 pixels, the last of {left} by 64"
    assert [line.startswith(expected) for line in said(params)] == [True] * (left == 65)


def test_what_cannot_be_read_is_not_counted_where_it_is_skipped(tmp_path: Path) -> None:
    """Names alone do not tell whether 65 are left."""
    photos = put(tmp_path / "photos", train=(36, 37), test=(1, 1))
    assert said(own(tmp_path, photos, ", skip_unreadable: true")) == []
    some = own(tmp_path, photos, ", skip_unreadable: true, per_class: {train: 7}")
    dataset = some.datasets["digits"]
    assert epoch_images(dataset, counts_of(dataset), some.training) == 12  # 0.7 of 7 are one


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("{train: 3}", []),
        ("{train: 4}", ["train: 4 images of a class, but one has 3: that is the most"]),
        ("{train: 2, test: 2}", ["test: 2 images of a class, but one has 1: that is the most"]),
    ],
)
def test_more_photos_than_a_class_has(tmp_path: Path, asked: str, expected: list[str]) -> None:
    photos = put(tmp_path / "photos", train=(5, 3), test=(2, 1))
    found = said(own(tmp_path, photos, f", per_class: {asked}"))
    assert found == [f"datasets.digits.per_class.{line}" for line in expected]


def test_a_batch_above_the_photos_is_warned_of(tmp_path: Path) -> None:
    params = own(tmp_path, put(tmp_path / "photos", train=(12, 12), test=(1, 1)))
    assert [warned for _, warned in odd_settings(params)] == [
        "64 images, and an epoch of digits has 22: it is one step"
    ]


def test_a_class_of_one_photo_leaves_none_to_hold_out(tmp_path: Path) -> None:
    params = own(tmp_path, put(tmp_path / "photos", train=(12, 1), test=(1, 1)))
    assert fault_keys(params)[0] == "datasets.digits.path: one image of a class"


def test_a_photo_more_has_sound_settings_checked_again(tmp_path: Path) -> None:
    params = own(tmp_path, put(tmp_path / "photos", train=(36, 36), test=(1, 1)))
    checked = CheckedBefore(tmp_path / ".cxv/sound.txt")
    assert list(checked.faults(params)) == list(checked.faults(params)) == []
    put(tmp_path / "photos", train=(36, 37))
    [(key, _)] = checked.faults(params)
    assert key == ("phases", "adamw", "batch")


def test_a_folder_is_found_from_that_of_the_settings(tmp_path: Path) -> None:
    put(tmp_path / "study/photos", train=(5, 3), test=(2, 1))
    params = own(tmp_path, Path("photos"))
    moved = in_folder(params, tmp_path / "study")
    assert counts_of(moved.datasets["digits"]) == ([5, 3], [2, 1])
    assert in_folder(params, Path()) is params
    assert counts_of(params.datasets["digits"]) is None
