"""Official archives are read in official order; altered, broken or hostile ones are refused."""

import io
import pickle
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from fetching import encoded, fetched, refusal
from torchvision.datasets import CIFAR10

from cxv.config.spec import Dataset, PerClass
from cxv.data.archives import DataError
from cxv.data.decode import md5_of_all
from cxv.data.manifest import Manifest
from cxv.data.readers import cifar
from cxv.data.sources import CIFAR10_ARCHIVE, read
from cxv.data.tensors import load

CIFAR = Dataset(name="cifar", source="cifar10")
TINY = Dataset(name="tiny", source="tiny_imagenet")


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
    message = refusal(tmp_path, CIFAR, tmp_path)
    assert (
        "cifar-10-python.tar.xz/cifar-10-batches-py/data_batch_1: altered archive: MD5" in message
    )
    assert f"official {CIFAR10.train_list[0][1]}; call a part of the images" in message


def test_bytes_of_the_published_checksums_are_official_and_no_others(tmp_path: Path) -> None:
    files = toy_cifar(range(10))
    md5 = {Path(name).name: md5_of_all([content]) for name, content in files.items()}

    *train, test, meta = md5.items()
    lists = {"train_list": train, "test_list": [test]}
    names = CIFAR10.meta | {"md5": meta[1]}
    published = type("Published", (CIFAR10,), lists | {"meta": names})
    path = tmp_path / "cifar-10-python.tar.xz"
    tarred(path, files)
    origin = cifar(published, CIFAR10_ARCHIVE, path).origin
    assert (origin.official, origin.differing) == (True, ())
    tarred(path, files | {"cifar-10-batches-py/test_batch": pickle.dumps({})})
    with pytest.raises(DataError, match="test_batch: altered archive"):
        cifar(published, CIFAR10_ARCHIVE, path)


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
    message = refusal(tmp_path, CIFAR, tmp_path)
    assert message.endswith("cifar-10-python-sub.tar.xz: has no cifar-10-batches-py/data_batch_3")


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
    message = refusal(tmp_path, CIFAR, tmp_path)
    assert "data_batch_2: not a CIFAR file: " in message
    assert "is refused: only arrays are allowed" in message
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


@pytest.mark.parametrize("names", [[], [1, 2], ["a", 2], "ab", None])
def test_a_file_without_names_of_classes_is_refused(tmp_path: Path, names: object) -> None:
    meta = pickle.dumps({"label_names": names})
    files = {**toy_cifar(range(10)), "cifar-10-batches-py/batches.meta": meta}
    tarred(tmp_path / "cifar-10-python-sub.tar.xz", files)
    message = refusal(tmp_path, CIFAR, tmp_path)
    assert message.endswith("/batches.meta: 'label_names' holds no names of classes")


@pytest.mark.slow
def test_cifar10_is_whole_and_official(tmp_path: Path, official: Path) -> None:
    images, manifest = fetched(tmp_path, CIFAR, official)
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


TINY_TRAIN = "tiny-imagenet-200/train/n1/images/n1_0.JPEG"


def zipped_tiny(path: Path, train_image: bytes) -> None:
    """Tiny ImageNet of one class with one image to train and one to test."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny-imagenet-200/wnids.txt", "n1\n")
        archive.writestr("tiny-imagenet-200/words.txt", "n1\ttench, Tinca\n")
        archive.writestr("tiny-imagenet-200/val/val_annotations.txt", "val_0.JPEG\tn1\t0\n")
        archive.writestr("tiny-imagenet-200/val/images/val_0.JPEG", encoded(1))
        archive.writestr(TINY_TRAIN, train_image)


def test_a_tiny_imagenet_that_claims_to_be_whole_must_have_110000_images(tmp_path: Path) -> None:
    zipped_tiny(tmp_path / "tiny-imagenet-200.zip", encoded(1))
    message = refusal(tmp_path, TINY, tmp_path)
    assert "tiny-imagenet-200.zip: altered archive: 1 train and 1 val images, officially" in message


def test_a_jpeg_broken_inside_tiny_imagenet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tiny-imagenet-200-sub.zip"
    zipped_tiny(path, encoded(1))
    assert read(TINY, mirror=tmp_path, downloads=tmp_path).classes == ("n1 tench",)
    zipped_tiny(path, encoded(1)[:45])
    assert f"{path}/{TINY_TRAIN}: unreadable image: " in refusal(tmp_path, TINY, tmp_path)


def test_a_mirror_without_the_archive_is_refused(tmp_path: Path) -> None:
    assert f"{tmp_path}: no archive of cifar-10-python" in refusal(tmp_path, CIFAR, tmp_path)
