"""Tiny ImageNet: names of classes, what is official, and members that belong to no class."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from fetching import encoded

from cxv.data.archives import DataError, content_md5
from cxv.data.decode import md5_of_all
from cxv.data.readers import Source, tiny_imagenet
from cxv.data.sources import TINY_IMAGENET_ARCHIVE

FILES = {
    "wnids.txt": b"n2\nn1\n",
    "words.txt": b"n1\ttench\tTinca, cyprinid\nno tab in this line\n",  # none for n2
    "val/val_annotations.txt": b"val_0.JPEG\tn2\t0\t0\t9\t9\nval_1.JPEG\tn1\t0\n",
    "val/images/val_0.JPEG": encoded(20),
    "val/images/val_1.JPEG": encoded(21),
    "train/n1/images/n1_0.JPEG": encoded(10),
    "train/n2/images/n2_0.JPEG": encoded(11),
}


def zipped(folder: Path, **changes: bytes) -> Path:
    path = folder / "tiny-imagenet-200-sub.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**FILES, **changes}.items():
            archive.writestr(f"tiny-imagenet-200/{name}", content)
    return path


def source(path: Path) -> Source:
    return tiny_imagenet(TINY_IMAGENET_ARCHIVE, path)


def test_a_class_is_called_by_the_first_of_its_synonyms_if_it_has_any(tmp_path: Path) -> None:
    found = source(zipped(tmp_path))
    assert found.classes == ("n1 tench\tTinca", "n2")
    assert found.images.train.labels.tolist() == [0, 1]
    assert found.images.test.labels.tolist() == [1, 0]
    assert found.images.test.images[:, 0, 0, 0].tolist() == [20, 21]


def test_an_archive_is_official_by_the_checksum_of_its_bytes(tmp_path: Path) -> None:
    path = zipped(tmp_path)
    official = replace(TINY_IMAGENET_ARCHIVE, md5=content_md5(path))
    origin = tiny_imagenet(official, path).origin
    assert (origin.official, origin.differing) == (True, ())
    origin = source(path).origin
    assert (origin.official, origin.differing) == (False, ("tiny-imagenet-200-sub.zip",))


def test_the_checksums_are_those_of_the_images_of_each_part_and_of_each_text(
    tmp_path: Path,
) -> None:
    md5 = source(zipped(tmp_path)).origin.md5
    assert md5 == {
        "train/*.JPEG": md5_of_all([encoded(10), encoded(11)]),
        "val/*.JPEG": md5_of_all([encoded(20), encoded(21)]),
        "wnids.txt": md5_of_all([FILES["wnids.txt"]]),
        "words.txt": md5_of_all([FILES["words.txt"]]),
        "val/val_annotations.txt": md5_of_all([FILES["val/val_annotations.txt"]]),
    }


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        (
            {"train/n9/images/n9_0.JPEG": encoded(1)},
            "/tiny-imagenet-200/train/n9/images/n9_0.JPEG",
        ),
        ({"val/val_annotations.txt": b"val_0.JPEG\tn9\t0\n"}, r"/val_annotations.txt: 'val_0"),
        ({"val/val_annotations.txt": b"val_0.JPEG\n"}, r"/val_annotations.txt: 'val_0.JPEG'"),
    ],
)
def test_an_image_of_no_class_is_named(
    tmp_path: Path, changes: dict[str, bytes], where: str
) -> None:
    path = zipped(tmp_path, **changes)
    with pytest.raises(DataError, match=rf"{path}{where}.*: its class is not in wnids.txt"):
        source(path)
