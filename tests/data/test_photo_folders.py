"""Folders of photos with files in them that are none, and what the manifest says of photos."""

import os
import socket
from pathlib import Path

import pytest
import torch
from fetching import fetched, refusal
from odd_photos import folder, frames, huge, own, plain, put

from cxv.data import folder as listing
from cxv.data.manifest import Manifest, Photos
from cxv.data.tensors import load

BOTH = ("train/", "test/")
ADVICE = (
    "Mend, move or remove them, or set `skip_unreadable: true` under `datasets.own` to go on"
    " without them."
)


def levels(images: torch.Tensor) -> list[int]:
    found: list[int] = images[:, 0, 0, 0].tolist()
    return found


def with_odd_files(root: Path) -> Path:
    """Add a file of each kind that is no photo, and litter that is passed over."""
    cats = folder(root, *BOTH) / "train/cat"
    litter = {"Thumbs.db": b"x", ".DS_Store": b"x", "desktop.ini": b"x", "@eaDir/1.png": b"x"}
    odd = {"a.png": b"some words", "b.png": b"", "c.png": huge(), "sub/1.png": plain(1)}
    put(cats, litter | odd)
    put(root, {"train/above.jpg": plain(1), "train/labels.csv": b"1", "__MACOSX/1": b"1"})
    os.mkfifo(cats / "d.png")
    (cats / "e.png").symlink_to("nowhere.png")
    (cats / "f.png").symlink_to("f.png")
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(cats)  # a socket's path is a hundred bytes at most
        one.bind("g.png")
        os.chdir(here)
    Path(os.fsdecode(bytes(cats) + b"/h\xe9.png")).write_bytes(plain(1))
    (cats / "i.png").write_bytes(b"1")
    os.truncate(cats / "i.png", listing.MOST_BYTES + 1)  # sparse: it takes no room
    return root


FAULTS = (
    "train/above.jpg: is outside of the folders of classes",
    "train/cat/b.png: is empty",
    "train/cat/d.png: a named pipe",
    "train/cat/e.png: a symbolic link to a file that is not there",
    "train/cat/f.png: a symbolic link that leads back to itself",
    "train/cat/g.png: a socket",
    "train/cat/h\\xe9.png: its name is not UTF-8; rename it",
    "train/cat/i.png: 1,073,741,825 bytes, too large for a photo (at most 1,073,741,824)",
    "train/cat/sub: a folder inside a class; photos of a class lie directly in its folder",
    "train/cat/a.png: unreadable image: of no known format (read are JPEG, PNG, WEBP, GIF, BMP,"
    " TIFF, JPEG2000, AVIF, PPM)",
    "train/cat/c.png: too many pixels: Image size (2500000000 pixels) exceeds limit of 178956970"
    " pixels, could be decompression bomb DOS attack.",
)


def test_all_files_that_are_no_photos_are_named_in_one_message(tmp_path: Path) -> None:
    root = with_odd_files(tmp_path / "own")
    head, *named, advice = refusal(tmp_path, own(root)).splitlines()
    assert head == f"{root}: 11 of 19 files cannot be read as photos"
    assert tuple(named) == FAULTS
    assert advice == ADVICE


def test_photos_are_read_without_those_that_cannot_be(tmp_path: Path) -> None:
    root = with_odd_files(tmp_path / "own")
    images, manifest = fetched(tmp_path, own(root, skip_unreadable=True))
    assert levels(load(images).train.images) == [1, 2, 101, 102]
    facts = Manifest.load(manifest)
    assert facts.photos is not None
    assert facts.photos.skipped == FAULTS
    clean = fetched(tmp_path / "clean", own(folder(tmp_path / "clean/own", *BOTH)))[1]
    assert Manifest.load(clean).sha256 == facts.sha256


def test_twenty_files_are_named_and_the_rest_is_counted(tmp_path: Path) -> None:
    bad = {f"train/cat/bad{number:02}.png": b"" for number in range(33)}
    root = folder(tmp_path / "own", *BOTH, **bad)
    head, *named, more, _ = refusal(tmp_path, own(root)).splitlines()
    assert head == f"{root}: 33 of 41 files cannot be read as photos"
    assert named == [f"train/cat/bad{number:02}.png: is empty" for number in range(20)]
    assert more == "and 13 more"


def test_a_photo_without_the_right_to_read_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two kinds at once; root may read all, so the right is taken from the reading itself."""
    root = folder(tmp_path / "own", *BOTH, **{"train/dog/3.png": b"x"})
    whole = Path.read_bytes

    def denied(path: Path) -> bytes:
        if path.name == "2.png" and path.parent.name == "dog":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", denied)
    said = refusal(tmp_path, own(root)).splitlines()[1:-1]
    assert [line[:40] for line in said] == [
        "train/dog/2.png: cannot be read: Permiss",
        "train/dog/3.png: unreadable image: of no",
        "test/dog/2.png: cannot be read: Permissi",
    ]


def test_a_class_of_which_nothing_can_be_read_is_named(tmp_path: Path) -> None:
    root = put(tmp_path / "own", {f"{part}cow/1.png": plain(7) for part in BOTH})
    folder(root, *BOTH, **{"test/cow/1.png": b"", "test/cow/2.png": b""})
    assert refusal(tmp_path, own(root, skip_unreadable=True)) == (
        f"{root}: each class needs photos in each part\n"
        "class 'cow' has no photos for test that can be read"
    )


def test_photos_of_several_sizes_ask_for_one(tmp_path: Path) -> None:
    more = {"train/cat/3.png": plain(3, (20, 10)), "train/cat/4.png": b""}
    root = folder(tmp_path / "own", *BOTH, **more)
    said = refusal(tmp_path, own(root))
    assert "train/cat/4.png: is empty" in said  # both in one message
    assert said.endswith(
        f"{root}: photos have several sizes, 8x8 (8), 20x10 (1) pixels, and networks take square"
        " ones of one size; set `image_size`, e.g. 64, under `datasets.own`"
    )


def test_photos_that_are_not_square_ask_for_a_size(tmp_path: Path) -> None:
    names = [f"{part}cat/{n}.png" for part in BOTH for n in (1, 2)]
    root = put(tmp_path / "own", dict.fromkeys(names, plain(1, (8, 9))))
    assert "photos have one size, 8x9 (4) pixels, and networks take" in refusal(tmp_path, own(root))


@pytest.mark.parametrize(
    ("resize", "corner"), [("squash", [0, 0]), ("crop", [0, 0]), ("pad", [255, 255])]
)
def test_photos_are_resized_as_the_settings_say(
    tmp_path: Path, resize: str, corner: list[int]
) -> None:
    wide = {f"{part}{name}/3.png": plain(0, (24, 8)) for part in BOTH for name in ("cat", "dog")}
    root = folder(tmp_path / "own", *BOTH, **wide)
    images, manifest = fetched(tmp_path, own(root, image_size=6, resize=resize))
    first = load(images).train.images
    assert first.shape == (6, 3, 6, 6)
    assert levels(first[[2, 5]]) == corner
    facts = Manifest.load(manifest).photos
    assert facts is not None
    assert (facts.resize, facts.background) == (resize, "white")


def test_photos_in_both_parts_or_in_two_classes_are_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    more = {
        "test/cat/9.png": plain(1),  # as train/cat/1
        "test/cat/8.png": plain(1),
        "train/dog/7.png": plain(2),  # as train/cat/2
        "train/dog/6.png": plain(101),  # as train/dog/1: the same class and part
        "train/dog/5.gif": frames("GIF"),
    }
    _, manifest = fetched(tmp_path, own(folder(tmp_path / "own", *BOTH, **more)))
    facts = Manifest.load(manifest).photos
    assert facts == Photos(
        background="white",
        resize=None,
        folders={"train": "train", "test": "test"},
        split_seed=None,
        skipped=(),
        first_frames=1,
        in_train_and_test=2,
        in_two_classes=2,
        same_pixels=(
            "train/cat/1.png = test/cat/8.png",
            "train/cat/1.png = test/cat/9.png",
            "train/cat/2.png = train/dog/7.png",
        ),
    )
    logged = "\n".join(caplog.messages)
    assert "the first of several frames is read of train/dog/5.gif" in logged
    assert "2 test photos are training photos too, by their pixels" in logged
    assert "2 photos stand in two classes, by their pixels" in logged


def test_the_manifest_does_not_say_where_photos_lay(tmp_path: Path) -> None:
    texts = []
    for place in ("here/own", "there/own"):
        root = folder(tmp_path / place, *BOTH)
        texts.append(fetched(tmp_path / f"{place}_data", own(root))[1].read_text())
        assert str(tmp_path) not in texts[-1]
    assert texts[0] == texts[1]


def test_names_without_letters_stay_on_their_line(tmp_path: Path) -> None:
    root = folder(tmp_path / "own", *BOTH, **{"train/a\nb/1.png": plain(9)})
    said = refusal(tmp_path, own(root))
    assert f"class 'a\\nb' has no photos in {root}/test/a\\nb" in said.splitlines()
    odd = put(tmp_path / "odd", {os.fsdecode(b"\xe6") + "/1.png": plain(1)})
    assert "1 photos lie in 1 folders (\\xe6), without train/" in refusal(tmp_path, own(odd))
