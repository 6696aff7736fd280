"""Images as tensors: memory-mapped, held out, normalised, cut into batches."""

import hashlib
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from einops import rearrange
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from cxv.augment.plan import Augment
from cxv.data.archives import DataError

MOST_OF_A_DEVICE = 0.25
"""Share of its free memory that a split may take: the training needs the rest."""


@dataclass(frozen=True, slots=True)
class Split:
    """Images in a fixed order and the class of each; the labels lie where batches are wanted."""

    images: UInt8[Tensor, "n 3 h w"]
    labels: Int64[Tensor, " n"]

    def __len__(self) -> int:
        """Count the images."""
        return len(self.labels)

    @property
    def device(self) -> torch.device:
        """Where batches come out."""
        return self.labels.device

    def to(self, device: torch.device | str, free_bytes: int | None = None) -> "Split":
        """Return a copy whose batches come out on ``device``, or itself if they do.

        Args:
            device: where.
            free_bytes: there; images that would take more than ``MOST_OF_A_DEVICE`` of it stay
                where they are, mapped into memory, and follow batch by batch.
        """
        fits = free_bytes is None or self.images.nbytes <= MOST_OF_A_DEVICE * free_bytes
        return Split(self.images.to(device) if fits else self.images, self.labels.to(device))

    def __getitem__(self, index: slice) -> "Split":
        """Return some images, as a view if they lie where they are wanted."""
        return Split(self.images[index].to(self.device), self.labels[index])

    def take(self, index: Int64[Tensor, " k"]) -> "Split":
        """Return the images at ``index``, in its order."""
        images = self.images.index_select(0, index.to(self.images.device)).to(self.device)
        return Split(images, self.labels.index_select(0, index.to(self.device)))


@dataclass(frozen=True, slots=True)
class Images:
    """A whole dataset."""

    train: Split
    test: Split

    def tensors(self) -> dict[str, Tensor]:
        """Return the four tensors under the names that they have in a file."""
        return {
            "train_images": self.train.images,
            "train_labels": self.train.labels,
            "test_images": self.test.images,
            "test_labels": self.test.labels,
        }


def load(path: Path, sha256: str | None = None) -> Images:
    """Return the dataset at ``path``, mapped into memory and read as it is used.

    Args:
        path: the file.
        sha256: the ``checksum`` that its manifest states; without one nothing is compared.

    Raises:
        DataError: it is not a file of ``cxv fetch``, or not the one that the manifest describes.
    """
    try:
        tensors = torch.load(path, mmap=True, weights_only=True)
        images = Images(
            Split(tensors["train_images"], tensors["train_labels"]),
            Split(tensors["test_images"], tensors["test_labels"]),
        )
    except (KeyError, TypeError, EOFError, OSError, RuntimeError, pickle.PickleError) as error:
        raise DataError(f"{path}: no dataset as `cxv fetch` writes it: {error}") from error
    if sha256 is not None and (found := checksum(images)) != sha256:
        raise DataError(f"{path}: altered: SHA-256 {found}, its manifest says {sha256}; delete it")
    return images


def checksum(images: Images) -> str:
    """SHA-256 over names, types, shapes and bytes of the four tensors: 0.1 s for CIFAR-10."""
    digest = hashlib.sha256()
    for name, tensor in images.tensors().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.contiguous().numpy().data)
    return digest.hexdigest()


def hold_out(split: Split, fraction: float, seed: int) -> tuple[Split, Split]:
    """Divide each class at random: the larger part trains, ``fraction`` of it validates.

    Returns:
        Both parts in the order of ``split``; at least one image of each class in either.

    Raises:
        DataError: a class has a single image.
        ValueError: ``fraction`` is not between 0 and 1.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction {fraction} is not between 0 and 1")
    generator = torch.Generator().manual_seed(seed)
    held = torch.zeros(len(split), dtype=torch.bool)
    labels = split.labels.cpu()
    for label in sorted(set(labels.tolist())):
        members = (labels == label).nonzero().flatten()
        if len(members) == 1:
            raise DataError(
                f"class {label} has one image: none can be held out for training.select_on:"
                " validation"
            )
        count = min(max(round(fraction * len(members)), 1), len(members) - 1)
        held[members[torch.randperm(len(members), generator=generator)[:count]]] = True
    train, validation = ((~held).nonzero().flatten(), held.nonzero().flatten())
    return split.take(train), split.take(validation)


def normalise(
    images: UInt8[Tensor, "b 3 h w"], mean: Float[Tensor, "3"], std: Float[Tensor, "3"]
) -> Float[Tensor, "b 3 h w"]:
    """Scale to 0..1, then to the mean and standard deviation of the training images' channels.

    ``mean`` and ``std`` lie on the images' device: made from numbers there, once a batch, they
    would make the device wait.
    """
    mean, std = rearrange(mean, "c -> c 1 1"), rearrange(std, "c -> c 1 1")
    return images.to(mean.dtype).div_(255).sub_(mean).div_(std)  # in place: one allocation


GROUP = 1024
"""About how many images are gathered and augmented at once; no image depends on it."""


def batches(
    split: Split,
    size: int,
    order: torch.Generator | None = None,
    augment: Augment | None = None,
    first_batch: int = 0,
) -> Iterator[tuple[UInt8[Tensor, "b 3 h w"], Int64[Tensor, " b"]]]:
    """Yield every image once, ``size`` at a time and then the rest, on the split's device.

    Args:
        split: its images are square if they are augmented.
        size: images in a batch.
        order: draws the order, on the CPU so that it is the same on every device; without one it
            is the split's own.
        augment: draws and makes the augmentations.
        first_batch: the batches before it are left out; the draws are those of the whole pass.
    """
    device, side = split.device, split.images.shape[-1]
    drawn = None if order is None else torch.randperm(len(split), generator=order).to(device)
    plan = None if augment is None else augment.plan(len(split), side, device)
    group = size * max(1, GROUP // size)
    for first in range(first_batch * size, len(split), group):
        here = slice(first, first + group)
        # A slice is a view: nothing is copied.
        part = split.take(drawn[here]) if drawn is not None else split[here]
        images = plan(part.images, first) if plan else part.images
        yield from zip(torch.split(images, size), torch.split(part.labels, size), strict=True)
