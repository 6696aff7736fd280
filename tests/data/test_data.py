"""Tensors are mapped, normalised and cut into batches without losing an image."""

import os
from pathlib import Path

import pytest
import torch
from numbered import numbered

from cxv.augment.plan import Augment, plan
from cxv.config.augmentation import Augmentation, Crop, Flip, RandAugment
from cxv.config.spec import Dataset
from cxv.data import tensors
from cxv.data.archives import DataError
from cxv.data.manifest import Manifest
from cxv.data.sources import fetch
from cxv.data.tensors import Images, Split, batches, load, normalise

MAPS = Path("/proc/self/maps")


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("digits")
    images, manifest = folder / "images.pt", folder / "manifest.json"
    dataset = Dataset(name="digits", source="digits")
    fetch(dataset, images=images, manifest=manifest, downloads=folder, mirror=None)
    return images, manifest


@pytest.fixture(scope="module")
def digits(fetched: tuple[Path, Path]) -> Images:
    return load(fetched[0])


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux lists what is mapped")
def test_a_dataset_is_mapped_and_not_read(fetched: tuple[Path, Path]) -> None:
    path = fetched[0]
    read = torch.load(path, weights_only=True)
    assert str(path) not in MAPS.read_text()
    mapped = load(path)
    assert str(path) in MAPS.read_text()
    assert torch.equal(mapped.train.images, read["train_images"])


@pytest.mark.parametrize("content", [b"", b"no tensors", b"PK\x03\x04 half a zip"])
def test_a_file_that_is_no_dataset_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "images.pt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{path}: no dataset as `cxv fetch` writes it"):
        load(path)


def test_a_file_that_was_cut_short_anywhere_is_named(tmp_path: Path) -> None:
    path = tmp_path / "images.pt"
    torch.save(dict.fromkeys(("train_images", "train_labels", "test_images"), torch.ones(3)), path)
    content = path.read_bytes()
    for length in range(0, len(content), 37):
        path.write_bytes(content[:length])
        with pytest.raises(DataError, match=f"{path}: no dataset as `cxv fetch` writes it"):
            load(path)


class Trap:
    """Makes a folder when it is unpickled carelessly."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.victim),)


def test_a_dataset_that_holds_code_is_refused_and_runs_none(tmp_path: Path) -> None:
    path = tmp_path / "images.pt"
    torch.save({"train_images": Trap(tmp_path / "ran")}, path)
    with pytest.raises(DataError, match=f"{path}: no dataset as `cxv fetch` writes it"):
        load(path)
    assert not (tmp_path / "ran").exists()


def test_tensors_of_other_names_are_named(tmp_path: Path) -> None:
    path = tmp_path / "images.pt"
    torch.save({"weights": torch.zeros(1)}, path)
    with pytest.raises(DataError, match=r"images.pt: no dataset .*'train_images'"):
        load(path)


def test_one_flipped_bit_is_noticed_where_the_manifest_is_at_hand(
    fetched: tuple[Path, Path], tmp_path: Path
) -> None:
    path, expected = tmp_path / "images.pt", Manifest.load(fetched[1]).sha256
    content = bytearray(fetched[0].read_bytes())
    path.write_bytes(content)
    load(path, expected)
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{path}: altered: SHA-256 [0-9a-f]+, .*{expected}"):
        load(path, expected)


def test_a_manifest_of_another_shape_is_named(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text('{"sha256": 3}')
    with pytest.raises(DataError, match=f"{path}: no manifest"):
        Manifest.load(path)


def test_normalised_training_images_have_mean_0_and_deviation_1(
    digits: Images, fetched: tuple[Path, Path]
) -> None:
    facts = Manifest.load(fetched[1])
    images = normalise(digits.train.images, torch.tensor(facts.mean), torch.tensor(facts.std))
    std, mean = torch.std_mean(images, dim=(0, 2, 3), correction=0)
    torch.testing.assert_close(mean, torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(std, torch.ones(3), atol=1e-4, rtol=0)


def test_each_channel_is_normalised_by_its_own_numbers() -> None:
    images = torch.tensor([0, 51, 255], dtype=torch.uint8)[None, :, None, None]
    out = normalise(images, torch.tensor([0.5, 0.0, 0.0]), torch.tensor([1.0, 0.1, 2.0]))
    torch.testing.assert_close(out.flatten(), torch.tensor([-0.5, 2.0, 0.5]))


def test_batches_without_a_generator_keep_the_order_and_the_rest() -> None:
    split = numbered(7, list(range(7)))
    found = list(batches(split, 3))
    assert [labels.tolist() for _, labels in found] == [[0, 1, 2], [3, 4, 5], [6]]
    assert found[0][0].data_ptr() == split.images.data_ptr()  # views


def test_shuffled_batches_hold_every_image_once_with_its_label() -> None:
    split = numbered(100, list(range(100)))
    found = list(batches(split, 32, torch.Generator().manual_seed(0)))
    assert [len(labels) for _, labels in found] == [32, 32, 32, 4]
    order = torch.cat([labels for _, labels in found])
    assert torch.equal(torch.cat([images for images, _ in found])[:, 0, 0, 0].long(), order)
    assert order.tolist() != list(range(100))
    assert sorted(order.tolist()) == list(range(100))


def test_two_epochs_of_one_generator_differ_and_its_seed_repeats_them() -> None:
    split = numbered(100, list(range(100)))
    orders = []
    for _ in range(2):
        generator = torch.Generator().manual_seed(0)
        orders.append([next(batches(split, 100, generator))[1].tolist() for _ in range(2)])
    assert orders[0] == orders[1]
    assert orders[0][0] != orders[0][1]


STEPS: tuple[Augmentation, ...] = (
    Flip(name="flip"),
    Crop(name="crop", padding=1),
    RandAugment(name="randaugment", operations=1, magnitude=20),
)
Batches = list[tuple[torch.Tensor, torch.Tensor]]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shuffled(split: Split, size: int, steps: tuple[Augmentation, ...], first: int = 0) -> Batches:
    return list(batches(split, size, seeded(0), Augment(steps, seeded(1)), first_batch=first))


def equal(some: Batches, others: Batches) -> bool:
    return len(some) == len(others) and all(
        torch.equal(images, other_images) and torch.equal(labels, other_labels)
        for (images, labels), (other_images, other_labels) in zip(some, others, strict=True)
    )


@pytest.fixture
def scans(digits: Images) -> Split:
    return digits.train[:101]


def test_images_are_augmented_by_their_place_in_the_order_drawn(scans: Split) -> None:
    part = scans.take(torch.randperm(len(scans), generator=seeded(0)))
    expected = plan(STEPS, len(scans), 8, seeded(1))(part.images, 0)
    found = shuffled(scans, 8, STEPS)
    assert torch.equal(torch.cat([images for images, _ in found]), expected)
    assert torch.equal(torch.cat([labels for _, labels in found]), part.labels)
    assert not torch.equal(expected, part.images)


def test_augmentations_leave_the_order_alone(scans: Split) -> None:
    augmented, plain = (shuffled(scans, 8, steps) for steps in (STEPS, ()))
    assert equal([(y, y) for _, y in augmented], [(y, y) for _, y in plain])


@pytest.mark.parametrize("steps", [STEPS, ()])
@pytest.mark.parametrize("first", [0, 1, 5, 12, 13])
def test_a_pass_begun_anywhere_goes_on_as_the_whole_pass(
    scans: Split,
    monkeypatch: pytest.MonkeyPatch,
    steps: tuple[Augmentation, ...],
    first: int,
) -> None:
    whole = shuffled(scans, 8, steps)
    assert [len(labels) for _, labels in whole] == [8] * 12 + [5]
    monkeypatch.setattr(tensors, "GROUP", 30)  # so that there are several
    assert equal(shuffled(scans, 8, steps, first), whole[first:])


def test_batches_larger_than_a_group_stay_whole(
    scans: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shuffled(scans, 64, STEPS)
    monkeypatch.setattr(tensors, "GROUP", 10)
    assert equal(shuffled(scans, 64, STEPS), whole)
    assert [len(labels) for _, labels in whole] == [64, 37]


def test_the_next_pass_draws_anew(scans: Split) -> None:
    order, augment = seeded(0), Augment(STEPS, seeded(1))
    first, second = (list(batches(scans, 8, order, augment)) for _ in range(2))
    assert equal(first, shuffled(scans, 8, STEPS))
    assert not equal(first, second)


def test_images_too_large_for_a_device_stay_where_they_are() -> None:
    split = Split(torch.zeros(8, 3, 4, 4, dtype=torch.uint8), torch.arange(8))
    assert split.images.nbytes == 8 * 48
    large, small = split.to("meta", 4 * 8 * 48 - 1), split.to("meta", 4 * 8 * 48)
    assert (large.images.device.type, large.device.type) == ("cpu", "meta")
    assert (small.images.device.type, small.device.type) == ("meta", "meta")
    batch = large[2:4]
    assert (batch.images.device.type, tuple(batch.images.shape)) == ("meta", (2, 3, 4, 4))
