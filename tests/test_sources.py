"""Every source gives the images it promises, and a broken one gives a message and no file."""

import io
import json
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import CIFAR10

from cxv.archives import DataError
from cxv.data import load
from cxv.manifest import Manifest
from cxv.sources import fetch, read
from cxv.spec import Dataset, PerClass

DIGITS = Dataset(name="digits", source="digits")
CIFAR = Dataset(name="cifar", source="cifar10")
TINY = Dataset(name="tiny", source="tiny_imagenet")


def fetched(folder: Path, dataset: Dataset, mirror: Path | None = None) -> tuple[Path, Path]:
    images, manifest = folder / "images.pt", folder / "manifest.json"
    fetch(dataset, images=images, manifest=manifest, downloads=folder / "archives", mirror=mirror)
    return images, manifest


def refusal(folder: Path, dataset: Dataset, mirror: Path | None = None) -> str:
    """Return why a dataset cannot be fetched, having made sure that nothing was left behind."""
    out = folder / "out"
    with pytest.raises(DataError) as caught:
        fetched(out, dataset, mirror)
    assert not out.exists()
    return str(caught.value)


def tarred(path: Path, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:xz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def toy_cifar(labels: range, protocol: int = 4) -> dict[str, bytes]:
    """CIFAR-10's seven files, each with one flat image a label: its level is 10 x label + batch."""
    names = [*(f"data_batch_{batch}" for batch in range(1, 6)), "test_batch"]
    batches = {
        name: {
            "data": np.array([[10 * label + batch] * 3072 for label in labels], np.uint8),
            "labels": list(labels),
        }
        for batch, name in enumerate(names)
    }
    meta = {"label_names": [f"class{label}" for label in range(10)]}
    return {
        f"cifar-10-batches-py/{name}": pickle.dumps(content, protocol)
        for name, content in {**batches, "batches.meta": meta}.items()
    }


def encoded(level: int, mode: str = "RGB", size: tuple[int, int] = (8, 8)) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, level if len(mode) == 1 else (level,) * len(mode)).save(buffer, "PNG")
    return buffer.getvalue()


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


def test_per_class_beyond_what_there_is_names_the_class(tmp_path: Path) -> None:
    dataset = DIGITS.model_copy(update={"per_class": PerClass(train=146, test=1)})
    assert refusal(tmp_path, dataset) == (
        "sklearn.datasets.load_digits: per_class asks for 146 images of class '0', there are 142"
    )


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_part_of_cifar_is_read_in_order_and_said_not_to_be_official(
    tmp_path: Path, protocol: int, caplog: pytest.LogCaptureFixture
) -> None:
    tarred(tmp_path / "cifar-10-python-sub.tar.xz", toy_cifar(range(10), protocol))
    images, manifest = fetched(tmp_path, CIFAR, tmp_path)
    data, facts = load(images), Manifest.load(manifest)
    assert data.train.images[:, 0, 0, 0].tolist() == [
        10 * i + b for b in range(5) for i in range(10)
    ]
    assert data.test.labels.tolist() == list(range(10))
    assert not facts.origin.official
    assert facts.origin.archive == "cifar-10-python-sub.tar.xz"
    assert "cifar-10-batches-py/data_batch_1" in facts.origin.differing
    assert "not the official bytes: cifar-10-batches-py/data_batch_1" in caplog.text


def test_an_archive_that_claims_to_be_whole_must_have_the_official_bytes(tmp_path: Path) -> None:
    tarred(tmp_path / "cifar-10-python.tar.xz", toy_cifar(range(10)))
    told = refusal(tmp_path, CIFAR, tmp_path)
    assert "cifar-10-python.tar.xz/cifar-10-batches-py/data_batch_1: altered archive: MD5" in told
    assert f"official {CIFAR10.train_list[0][1]}; call a part of the images" in told


def test_a_truncated_cifar_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cifar-10-python-sub.tar.xz"
    tarred(path, toy_cifar(range(10)))
    path.write_bytes(path.read_bytes()[:-100])
    assert refusal(tmp_path, CIFAR, tmp_path).startswith(f"{path}: broken archive: ")


def test_a_missing_class_is_named(tmp_path: Path) -> None:
    tarred(tmp_path / "cifar-10-python-sub.tar.xz", toy_cifar(range(9)))
    assert refusal(tmp_path, CIFAR, tmp_path) == (
        "cifar-10-python-sub.tar.xz: missing class 'class9' in train"
    )


def test_a_missing_member_is_named(tmp_path: Path) -> None:
    files = toy_cifar(range(10))
    del files["cifar-10-batches-py/data_batch_3"]
    tarred(tmp_path / "cifar-10-python-sub.tar.xz", files)
    told = refusal(tmp_path, CIFAR, tmp_path)
    assert told.endswith("cifar-10-python-sub.tar.xz: has no cifar-10-batches-py/data_batch_3")


class Trap:
    """Runs a command when it is unpickled carelessly."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
        return Path.touch, (self.victim,)


def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    trap = pickle.dumps({"data": Trap(tmp_path / "victim")})
    pickle.loads(trap)  # noqa: S301 - the trap works
    (tmp_path / "victim").unlink()
    files = {**toy_cifar(range(10)), "cifar-10-batches-py/data_batch_2": trap}
    tarred(tmp_path / "cifar-10-python-sub.tar.xz", files)
    told = refusal(tmp_path, CIFAR, tmp_path)
    assert "data_batch_2: not a CIFAR file: " in told
    assert "is refused: only arrays are allowed" in told
    assert not (tmp_path / "victim").exists()


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        ({"data": np.zeros((1, 3072)), "labels": [0]}, "'data' is not an image of 32x32 a label"),
        ({"data": np.zeros((2, 3072), np.uint8), "labels": [0]}, "'data' is not an image of 32x32"),
        ({"data": np.zeros((1, 3072), np.uint8), "labels": [10]}, "labels are not numbers from 0"),
        ({"data": np.zeros((1, 3072), np.uint8)}, "labels are not numbers from 0 to 9"),
        (["data"], "not a CIFAR file: it holds a list"),
    ],
)
def test_a_cifar_file_of_another_shape_is_refused(
    tmp_path: Path, batch: object, reason: str
) -> None:
    files = {**toy_cifar(range(10)), "cifar-10-batches-py/test_batch": pickle.dumps(batch)}
    tarred(tmp_path / "cifar-10-python-sub.tar.xz", files)
    assert f"test_batch: {reason}" in refusal(tmp_path, CIFAR, tmp_path)


@pytest.mark.slow
def test_cifar10_is_whole_and_official(tmp_path: Path, mirror: Path) -> None:
    images, manifest = fetched(tmp_path, CIFAR, mirror)
    data, facts = load(images), Manifest.load(manifest)
    assert facts.train_images == (5000,) * 10
    assert facts.test_images == (1000,) * 10
    assert facts.origin.official
    assert set(facts.origin.md5.values()) == {
        md5 for _, md5 in (*CIFAR10.train_list, *CIFAR10.test_list, (0, CIFAR10.meta["md5"]))
    }
    assert facts.mean == pytest.approx((0.4914, 0.4822, 0.4465), abs=5e-5)
    assert facts.std == pytest.approx((0.2470, 0.2435, 0.2616), abs=5e-5)
    assert [facts.classes[label] for label in data.train.labels[:3]] == ["frog", "truck", "truck"]


def test_cifar100_has_its_hundred_fine_classes(tmp_path: Path, mirror: Path) -> None:
    dataset = Dataset(name="part", source="cifar100", per_class=PerClass(train=2, test=1))
    source = read(dataset, mirror=mirror, downloads=tmp_path)
    assert source.classes[:2] == ("apple", "aquarium_fish")
    assert source.images.train.labels.bincount().tolist() == [2] * 100


def test_tiny_imagenet_is_sorted_by_class_and_its_grey_images_are_rgb(
    tmp_path: Path, mirror: Path
) -> None:
    dataset = Dataset(name="part", source="tiny_imagenet", per_class=PerClass(train=3, test=1))
    source = read(dataset, mirror=mirror, downloads=tmp_path)
    train = source.images.train
    assert len(source.classes) == 200
    assert source.classes[0] == "n01443537 goldfish"
    assert train.images.shape == (600, 3, 64, 64)
    assert torch.equal(train.labels, torch.arange(200).repeat_interleave(3))
    grey = (train.images == train.images[:, :1]).flatten(1).all(dim=1)
    assert 0 < grey.sum() < 50  # about 2 in 100 are grey; none was dropped


def test_a_tiny_imagenet_that_claims_to_be_whole_must_have_110000_images(
    tmp_path: Path, mirror: Path
) -> None:
    part = next(mirror.glob("tiny-imagenet-200-s*.zip"))
    (tmp_path / "tiny-imagenet-200.zip").write_bytes(part.read_bytes())
    assert "altered archive: " in refusal(tmp_path, TINY, tmp_path)


def test_a_jpeg_broken_inside_tiny_imagenet_is_named(tmp_path: Path) -> None:
    name = "tiny-imagenet-200/train/n1/images/n1_0.JPEG"
    with zipfile.ZipFile(tmp_path / "tiny-imagenet-200-sub.zip", "w") as archive:
        archive.writestr("tiny-imagenet-200/wnids.txt", "n1\n")
        archive.writestr("tiny-imagenet-200/words.txt", "n1\ttench, Tinca\n")
        archive.writestr("tiny-imagenet-200/val/val_annotations.txt", "val_0.JPEG\tn1\t0\n")
        archive.writestr("tiny-imagenet-200/val/images/val_0.JPEG", encoded(1))
        archive.writestr(name, encoded(1)[:40])
    assert f"sub.zip/{name}: unreadable image: " in refusal(tmp_path, TINY, tmp_path)


def test_a_mirror_without_the_archive_is_refused(tmp_path: Path) -> None:
    assert f"{tmp_path}: no archive of cifar-10-python" in refusal(tmp_path, CIFAR, tmp_path)


def test_own_images_are_read_in_the_order_of_their_names(
    own: Callable[..., Dataset], tmp_path: Path
) -> None:
    dataset = own(**{"train/cat/.DS_Store": b"hidden", "train/cat/1.png": encoded(7, "L")})
    images, manifest = fetched(tmp_path, dataset)
    data, facts = load(images), Manifest.load(manifest)
    assert data.train.images[:, :, 0, 0].tolist() == [[level] * 3 for level in (7, 2, 101, 102)]
    assert data.train.labels.tolist() == [0, 0, 1, 1]
    assert facts.classes == ("cat", "dog")
    assert json.loads(manifest.read_text())["dataset"] == dataset.model_dump()


def test_own_images_of_several_sizes_are_resized(own: Callable[..., Dataset]) -> None:
    dataset = own(4, **{"train/cat/1.png": encoded(7, size=(20, 10))})
    images = read(dataset, mirror=None, downloads=Path()).images
    assert images.train.images.shape == (4, 3, 4, 4)
    assert images.train.images[0].unique().tolist() == [7]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"train/cat/2.png": b"no image"}, "train/cat/2.png: unreadable image: of no known format"),
        ({"train/cat/2.png": encoded(1)[:-20]}, "train/cat/2.png: unreadable image: "),
        ({"train/cat/2.png": encoded(1, "I")}, "train/cat/2.png: mode I has more than 8 bits"),
        ({"train/cat/2.png": encoded(1, size=(8, 9))}, "2.png: 8x9 pixels, but train/cat/1.png is"),
        ({"train/cow/1.png": encoded(1)}, "own: class 'cow' is not in both train and test"),
        ({"test/cow/1.png": encoded(1)}, "own: class 'cow' is not in both train and test"),
        ({"train/cow/": None, "test/cow/1.png": encoded(1)}, "cow: holds no images"),
    ],
)
def test_a_fault_in_own_images_is_named(
    own: Callable[..., Dataset], tmp_path: Path, changed: dict[str, bytes | None], reason: str
) -> None:
    if None in changed.values():
        (tmp_path / "own/train/cow").mkdir(parents=True)
    assert reason in refusal(tmp_path, own(**changed))


def test_own_images_that_are_not_square_ask_for_a_size(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / "own" / part / "cat").mkdir(parents=True)
        (tmp_path / "own" / part / "cat" / "1.png").write_bytes(encoded(1, size=(8, 9)))
    dataset = Dataset(name="own", source="image_folder", path=str(tmp_path / "own"))
    assert refusal(tmp_path, dataset).endswith(
        "have sides of [8, 9] pixels, not one size and square; set image_size"
    )


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    dataset = Dataset(name="own", source="image_folder", path=str(tmp_path / "none"))
    assert refusal(tmp_path, dataset).startswith(f"{tmp_path}/none/train: no such folder")
    assert "needs a path" in refusal(tmp_path, dataset.model_copy(update={"path": None}))
