"""The checksum of a dataset is of all that its tensors are: names, types, shapes and bytes."""

import hashlib
from pathlib import Path

import pytest
import torch

from cxv.data.archives import DataError
from cxv.data.tensors import Images, Split, checksum, load


def small() -> dict[str, torch.Tensor]:
    """Four tensors, no two of them equal; test labels have the shape of train labels."""
    return {
        "train_images": torch.arange(2 * 3 * 4, dtype=torch.uint8).view(2, 3, 2, 2),
        "train_labels": torch.tensor([0, 1]),
        "test_images": torch.arange(2 * 3 * 4, 4 * 3 * 4, dtype=torch.uint8).view(2, 3, 2, 2),
        "test_labels": torch.tensor([1, 1]),
    }


class Named(Images):
    """Tensors as they are given, whatever their names and types."""

    def __init__(self, given: dict[str, torch.Tensor]) -> None:
        object.__setattr__(self, "given", given)

    def tensors(self) -> dict[str, torch.Tensor]:
        return self.given  # type: ignore[attr-defined, no-any-return]


def swapped(one: str, other: str) -> dict[str, torch.Tensor]:
    found = small()
    return found | {one: found[other], other: found[one]}


def altered(name: str) -> dict[str, torch.Tensor]:
    found = small()
    found[name].view(-1)[-1] += 1
    return found


def test_a_checksum_is_of_names_types_shapes_and_bytes() -> None:
    """Of what is written by hand here: a change of it would disown every manifest there is."""
    digest = hashlib.sha256()
    for name, kind, shape in (
        ("train_images", "torch.uint8", "(2, 3, 2, 2)"),
        ("train_labels", "torch.int64", "(2,)"),
        ("test_images", "torch.uint8", "(2, 3, 2, 2)"),
        ("test_labels", "torch.int64", "(2,)"),
    ):
        content = small()[name].numpy().tobytes()
        digest.update(f"{name} {kind} {shape}\n".encode() + content)
    train, test = Split(*list(small().values())[:2]), Split(*list(small().values())[2:])
    assert checksum(Images(train, test)) == digest.hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        *map(altered, small()),
        swapped("train_labels", "test_labels"),
        swapped("train_images", "test_images"),
        small() | {"train_images": small()["train_images"].view(2, 3, 1, 4)},
        small() | {"train_images": small()["train_images"].view(torch.int8)},
        small() | {"train_labels": small()["train_labels"].view(torch.float64)},
        {name.replace("test_labels", "labels"): x for name, x in small().items()},
        {name: small()[name] for name in reversed(small())},
        {name: x for name, x in small().items() if name != "test_labels"},
    ],
)
def test_a_checksum_moves_with_whatever_is_altered(other: dict[str, torch.Tensor]) -> None:
    assert checksum(Named(other)) != checksum(Named(small()))


def test_a_checksum_is_of_values_however_they_lie_in_memory() -> None:
    strided = small()["train_images"].to(memory_format=torch.channels_last)
    assert not strided.is_contiguous()
    assert checksum(Named(small() | {"train_images": strided})) == checksum(Named(small()))


@pytest.mark.parametrize("name", small())
def test_no_tensor_of_a_file_is_altered_unnoticed(name: str, tmp_path: Path) -> None:
    path, expected = tmp_path / "images.pt", checksum(Named(small()))
    torch.save(small(), path)
    found = load(path, expected).tensors()
    assert all(torch.equal(found[key], tensor) for key, tensor in small().items())
    torch.save(altered(name), path)
    with pytest.raises(DataError, match="altered: SHA-256"):
        load(path, expected)
