"""Tensors are mapped, held out, normalised and cut into batches without losing an image."""

from pathlib import Path

import pytest
import torch

from cxv.data.archives import DataError
from cxv.data.manifest import Manifest
from cxv.data.sources import fetch
from cxv.data.tensors import Images, Split, batches, hold_out, load, normalise
from cxv.spec import Dataset

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


def numbered(count: int, labels: list[int]) -> Split:
    """Images whose every pixel is their number."""
    images = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 2, 2)
    return Split(images.contiguous(), torch.tensor(labels))


def test_every_class_is_held_out_in_proportion_and_no_image_is_lost() -> None:
    split = numbered(110, [0] * 100 + [1] * 10)
    train, validation = hold_out(split, 0.1, seed=3)
    assert validation.labels.bincount().tolist() == [10, 1]
    numbers = [part.images[:, 0, 0, 0].tolist() for part in (train, validation)]
    assert sorted(numbers[0] + numbers[1]) == list(range(110))
    assert numbers[1] == sorted(numbers[1])  # the official order is kept


def test_what_is_held_out_depends_on_the_seed_alone() -> None:
    split = numbered(100, [0] * 100)
    held = [hold_out(split, 0.1, seed)[1].images for seed in (3, 3, 4)]
    assert torch.equal(held[0], held[1])
    assert not torch.equal(held[0], held[2])


def test_the_smallest_class_keeps_an_image_on_either_side() -> None:
    split = numbered(4, [0, 0, 1, 1])
    for fraction in (0.01, 0.99):
        for part in hold_out(split, fraction, seed=0):
            assert part.labels.tolist() == [0, 1]


def test_a_class_that_cannot_be_divided_is_named() -> None:
    with pytest.raises(ValueError, match="class 1 has one image"):
        hold_out(numbered(3, [0, 0, 1]), 0.5, seed=0)
    with pytest.raises(ValueError, match=r"fraction 1.0 is not between 0 and 1"):
        hold_out(numbered(3, [0, 0, 1]), 1.0, seed=0)


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
    assert [labels.tolist() for _, labels in batches(split, 3)] == [[0, 1, 2], [3, 4, 5], [6]]


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
