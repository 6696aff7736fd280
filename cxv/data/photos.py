"""Own photos from a folder to tensors; all that is wrong with them is said at once."""

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Bool, Int64, UInt8

from cxv.config.spec import Dataset
from cxv.data.archives import DataError
from cxv.data.folder import Fault, Listing, Photo, listed
from cxv.data.folder_layout import TEST, TRAIN
from cxv.data.manifest import Origin, Photos
from cxv.data.photo_pixels import BACKGROUND, read_photo
from cxv.data.photo_sets import SPLIT_SEED, SamePixels, same_pixels, split_off
from cxv.data.readers import Source
from cxv.data.tensors import Images, Split
from cxv.errors import printable

logger = logging.getLogger(__name__)

LISTED = 20
"""Files that a message lists at most."""


@dataclass(slots=True)
class _Read:
    """What was read so far."""

    faults: list[Fault]
    photos: list[Photo] = field(default_factory=list)
    sha256: list[str] = field(default_factory=list)  # of each photo's file
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)  # width, height
    images: UInt8[np.ndarray, "n 3 h w"] = field(  # those of the first one's size
        default_factory=lambda: np.empty((0, 3, 0, 0), np.uint8)
    )
    first_frames: list[str] = field(default_factory=list)
    md5: dict[str, "hashlib._Hash"] = field(default_factory=dict)  # of all files of a part


def image_folder(dataset: Dataset) -> Source:
    """Return own photos in the order of parts, classes and names.

    Raises:
        DataError: there are no parts or classes; the photos are of several sizes; or files cannot
            be read, and the message names them all.
    """
    listing = listed(dataset)
    read = _read(dataset, listing)
    _require_readable(dataset, listing, read)
    images = read.images[: len(read.photos)]
    labels = np.array([photo.label for photo in read.photos])
    tests = _tests(dataset, listing, read, labels)
    whole = Split(torch.from_numpy(images), torch.from_numpy(labels))
    train, test = (torch.from_numpy(rows.nonzero()[0]) for rows in (~tests, tests))
    same = same_pixels([printable(photo.name) for photo in read.photos], images, labels, tests)
    _log(listing, read, same)
    return Source(
        Images(whole.take(train), whole.take(test)),
        listing.classes,
        Origin(
            archive=listing.root.name,
            urls=(),
            license="not stated: own images",
            official=False,
            differing=(),
            md5={name: digest.hexdigest() for name, digest in read.md5.items()},
        ),
        _described(dataset, listing, read, same),
    )


def _read(dataset: Dataset, listing: Listing) -> _Read:
    """Read what can be read of all photos."""
    read = _Read(faults=list(listing.faults))
    for photo in listing.photos:
        try:
            content = (listing.root / photo.name).read_bytes()
            pixels, frames = read_photo(content, dataset.image_size, dataset.resize)
        except OSError as error:
            read.faults.append(Fault(photo.name, f"cannot be read: {error.strerror}"))
            continue
        except DataError as error:
            read.faults.append(Fault(photo.name, str(error)))
            continue
        if not read.photos:
            read.images = np.empty((len(listing.photos), *pixels.shape), np.uint8)
        if read.images.shape[1:] == pixels.shape:
            read.images[len(read.photos)] = pixels
        _, height, width = pixels.shape
        read.sizes[width, height] += 1
        read.photos.append(photo)
        read.sha256.append(hashlib.sha256(content).hexdigest())
        read.first_frames += [photo.name] if frames > 1 else []
        name = f"{listing.folders[photo.part]}/*".removeprefix("./")
        read.md5.setdefault(name, hashlib.md5(usedforsecurity=False)).update(content)
    return read


def _require_readable(dataset: Dataset, listing: Listing, read: _Read) -> None:
    """Refuse files that cannot be read, and photos of several sizes, in one message."""
    said = []
    if read.faults and not dataset.skip_unreadable:
        count = len(read.faults) + len(read.photos)
        said += [
            f"{listing.root}: {len(read.faults)} of {count} files cannot be read as photos",
            *_some(read.faults),
            "Mend, move or remove them, or set `skip_unreadable: true` under"
            f" `datasets.{dataset.name}` to go on without them.",
        ]
    if any(width != height for width, height in read.sizes) or len(read.sizes) > 1:
        found = [f"{x}x{y} ({count})" for (x, y), count in read.sizes.most_common()]
        said.append(
            f"{listing.root}: photos have {'several sizes' if len(found) > 1 else 'one size'},"
            f" {', '.join(_some(found))} pixels, and networks take square ones of one size; set"
            f" `image_size`, e.g. 64, under `datasets.{dataset.name}`"
        )
    if not said and not read.photos:
        said.append(f"{listing.root}: holds no photos that can be read")
    if said:
        raise DataError("\n".join(said))


def _tests(
    dataset: Dataset, listing: Listing, read: _Read, labels: Int64[np.ndarray, " n"]
) -> Bool[np.ndarray, " n"]:
    """Tell for each photo whether it tests."""
    if dataset.split is None:
        tests = np.array([photo.part == TEST for photo in read.photos])
    else:
        try:
            tests = split_off(read.sha256, labels, dataset.split, listing.classes)
        except DataError as error:
            raise DataError(f"{listing.root}: {error}") from error
    lost = [
        f"class {name!r} has no photos for {part} that can be read"
        for part, rows in ((TRAIN, ~tests), (TEST, tests))
        for label, name in enumerate(listing.classes)
        if not np.any(rows & (labels == label))
    ]
    if lost:
        raise DataError("\n".join([f"{listing.root}: each class needs photos in each part", *lost]))
    return tests


def _log(listing: Listing, read: _Read, same: SamePixels) -> None:
    root = listing.root
    for folder in listing.unread:
        logger.warning("%s is not read: %s tests", root / folder, listing.folders[TEST])
    if read.faults:
        lines = "\n".join(_some(read.faults))
        logger.warning("%s: skipped %d files\n%s", root, len(read.faults), lines)
    if read.first_frames:
        names = ", ".join(_some([*map(printable, read.first_frames)]))
        logger.warning("%s: the first of several frames is read of %s", root, names)
    for count, where in (
        (same.in_train_and_test, "test photos are training photos too"),
        (same.in_two_classes, "photos stand in two classes"),
    ):
        if count:
            pairs = "\n".join(same.pairs)
            logger.warning("%s: %d %s, by their pixels; some:\n%s", root, count, where, pairs)


def _described(dataset: Dataset, listing: Listing, read: _Read, same: SamePixels) -> Photos:
    return Photos(
        background=BACKGROUND,
        resize=dataset.resize if dataset.image_size else None,
        folders=dict(listing.folders),
        split_seed=None if dataset.split is None else SPLIT_SEED,
        skipped=tuple(map(str, read.faults)),
        first_frames=len(read.first_frames),
        in_train_and_test=same.in_train_and_test,
        in_two_classes=same.in_two_classes,
        same_pixels=same.pairs,
    )


def _some(lines: Sequence[object]) -> list[str]:
    """Return as many lines as a message lists, and how many more there are."""
    more = [f"and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return [*map(str, lines[:LISTED]), *more]
