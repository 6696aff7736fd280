"""Every source gives the images it promises, and a broken one gives a message and no file."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from fetching import encoded, fetched, refusal
from PIL import Image

from cxv.config.spec import Dataset, PerClass
from cxv.data.archives import DataError
from cxv.data.decode import md5_of_all, stack
from cxv.data.manifest import Manifest
from cxv.data.photo_pixels import read_photo
from cxv.data.sources import read
from cxv.data.tensors import load
from cxv.records import code_hash

DIGITS = Dataset(name="digits", source="digits")


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Dataset]:
    """Make train and test folders with two images of each of two classes, then change files."""

    def make(image_size: int | None = None, **changed: bytes | None) -> Dataset:
        files = {
            f"{part}/{name}/{number}.png": encoded(100 * label + number)
            for part in ("train", "test")
            for label, name in enumerate(("cat", "dog"))
            for number in (1, 2)
        }
        for name, content in {**files, **changed}.items():
            path = tmp_path / "own" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                path.write_bytes(content)
        path = str(tmp_path / "own")
        return Dataset(name="own", source="image_folder", path=path, image_size=image_size)

    return make


def test_digits_are_grey_in_three_channels_and_the_last_360_test(tmp_path: Path) -> None:
    images, manifest = fetched(tmp_path, DIGITS)
    data, facts = load(images), Manifest.load(manifest)
    assert (len(data.train), len(data.test)) == (1437, 360)
    assert facts.shape == data.train.images.shape[1:] == (3, 8, 8)
    assert data.train.images.unique().tolist() == [(level * 255 + 8) // 16 for level in range(17)]
    assert torch.equal(data.train.images[:, 0], data.train.images[:, 2])
    assert data.test.labels[-3:].tolist() == [8, 9, 8]  # the last of the file
    assert sum(facts.train_images) == 1437
    assert facts.origin.official
    assert facts.origin.urls == ("https://archive.ics.uci.edu/dataset/80",)
    grey = torch.cat([split.images[:, 0] for split in (data.train, data.test)])
    assert facts.origin.md5 == {"images": md5_of_all([grey.numpy().tobytes()])}
    assert manifest.read_text().splitlines()[1].startswith(' "')  # a key on each line


def test_a_resized_image_is_interpolated_between_its_pixels() -> None:
    """Two columns as four: centres at -1/4, 1/4, 3/4 and 5/4 of the way from 0 to 255."""
    buffer = io.BytesIO()
    Image.fromarray(np.array([[0, 255]] * 2, np.uint8)).save(buffer, "PNG")
    pixels, _ = read_photo(buffer.getvalue(), side=4)
    assert pixels[0].tolist() == [[0, 64, 191, 255]] * 4


def test_a_folder_without_images_is_named() -> None:
    with pytest.raises(DataError, match=r"^somewhere: holds no images$"):
        stack(Path("somewhere"), [], lambda _: b"")


def test_the_manifest_states_the_moments_of_the_training_images(tmp_path: Path) -> None:
    images, manifest = fetched(tmp_path, DIGITS)
    channels, facts = load(images).train.images.double() / 255, Manifest.load(manifest)
    std, mean = torch.std_mean(channels, dim=(0, 2, 3), correction=0)
    torch.testing.assert_close(torch.tensor(facts.mean, dtype=torch.double), mean)
    torch.testing.assert_close(torch.tensor(facts.std, dtype=torch.double), std)


def test_fetching_twice_gives_identical_bytes_whatever_the_place(tmp_path: Path) -> None:
    first, second = fetched(tmp_path / "a", DIGITS), fetched(tmp_path / "elsewhere", DIGITS)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_one_changed_pixel_changes_the_checksum(
    own: Callable[..., Dataset], tmp_path: Path
) -> None:
    before = Manifest.load(fetched(tmp_path / "a", own())[1])
    after = Manifest.load(fetched(tmp_path / "b", own(**{"test/dog/2.png": encoded(103)}))[1])
    assert before.sha256 != after.sha256


def test_per_class_keeps_the_first_in_official_order(tmp_path: Path) -> None:
    dataset = DIGITS.model_copy(update={"per_class": PerClass(train=3, test=2)})
    whole = read(DIGITS, mirror=None, downloads=tmp_path).images.train
    part = read(dataset, mirror=None, downloads=tmp_path).images
    assert part.train.labels.bincount().tolist() == [3] * 10
    assert part.test.labels.bincount().tolist() == [2] * 10
    fours = [split.images[split.labels == 4] for split in (part.train, whole)]
    assert torch.equal(fours[0], fours[1][:3])
    assert part.train.labels[:10].tolist() == list(range(10))  # as in the file, not class by class


def test_per_class_of_the_training_images_alone_keeps_every_test_image(tmp_path: Path) -> None:
    dataset = DIGITS.model_copy(update={"per_class": PerClass(train=3)})
    whole, part = (read(x, mirror=None, downloads=tmp_path).images for x in (DIGITS, dataset))
    assert part.train.labels.bincount().tolist() == [3] * 10
    assert torch.equal(part.test.images, whole.test.images)
    assert torch.equal(part.test.labels, whole.test.labels)


def test_per_class_beyond_what_there_is_names_the_class(tmp_path: Path) -> None:
    dataset = DIGITS.model_copy(update={"per_class": PerClass(train=146, test=1)})
    assert refusal(tmp_path, dataset) == (
        "sklearn.datasets.load_digits: per_class asks for 146 images of class '0', there are 143"
    )


def test_own_images_are_read_in_the_order_of_their_names(
    own: Callable[..., Dataset], tmp_path: Path
) -> None:
    dataset = own(**{"train/cat/.DS_Store": b"hidden", "train/cat/1.png": encoded(7, "L")})
    images, manifest = fetched(tmp_path, dataset)
    data, facts = load(images), Manifest.load(manifest)
    assert not facts.origin.official
    assert data.train.images[:, :, 0, 0].tolist() == [[level] * 3 for level in (7, 2, 101, 102)]
    assert data.train.labels.tolist() == [0, 0, 1, 1]
    assert facts.classes == ("cat", "dog")
    assert json.loads(manifest.read_text())["dataset"] == dataset.in_any_folder.model_dump()


def test_an_edit_of_one_reader_leaves_the_code_behind_other_datasets_alone() -> None:
    readers = {"digits", "cifar", "tiny_imagenet", "image_folder"}
    for reader in readers:
        module = "photos" if reader == "image_folder" else "readers"
        assert readers & closure(f"cxv.data.{module}:{reader}") == {reader}
    for shared in ("select", "save"):
        assert not {"CIFAR10_ARCHIVE", *readers} & closure(f"cxv.data.sources:{shared}")


def closure(entry: str) -> set[str]:
    """Return the names of all that a fingerprint of ``entry`` covers."""
    found: set[code_hash.Symbol] = set()
    waiting = [code_hash._symbol(entry)]
    while waiting:
        symbol = waiting.pop()
        if symbol not in found:
            found.add(symbol)
            waiting += code_hash._look_up(symbol)[1]
    return {name for _, name in found}


def test_own_images_of_several_sizes_are_resized(own: Callable[..., Dataset]) -> None:
    dataset = own(4, **{"train/cat/1.png": encoded(7, size=(20, 10))})
    images = read(dataset, mirror=None, downloads=Path()).images
    assert images.train.images.shape == (4, 3, 4, 4)
    assert images.train.images[0].unique().tolist() == [7]


def test_images_that_cannot_be_normalised_are_refused(
    own: Callable[..., Dataset], tmp_path: Path
) -> None:
    names = [f"train/{name}/{number}.png" for name in ("cat", "dog") for number in (1, 2)]
    dataset = own(**dict.fromkeys(names, encoded(9)))
    assert refusal(tmp_path, dataset) == "own: a channel is the same in all training images"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    dataset = Dataset(name="own", source="image_folder", path=f"{tmp_path}/none")
    assert refusal(tmp_path, dataset).startswith(f"{dataset.path}: no such folder")
