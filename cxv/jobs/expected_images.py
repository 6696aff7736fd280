"""How many images an epoch has, as far as settings and names of files tell it without a fetch."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from cxv.config.grid import Params
from cxv.config.phases import Training
from cxv.config.photos import OWN
from cxv.config.sources import IMAGES
from cxv.config.spec import Dataset
from cxv.data.archives import DataError
from cxv.data.folder import Listing, listed
from cxv.data.folder_layout import TEST, TRAIN, WHOLE


class Counts(NamedTuple):
    """Images of each class."""

    train: Sequence[int]
    test: Sequence[int]


UNEVEN = MappingProxyType(
    {
        "digits": Counts(
            (143, 146, 142, 146, 144, 145, 144, 143, 141, 143),
            (35, 36, 35, 37, 37, 37, 37, 36, 33, 37),
        )
    }
)
"""By source: where classes differ in theirs."""


def all_counts(params: Params) -> Mapping[str, Counts | None]:
    """Return what ``counts_of`` does, by name of a dataset: each folder is listed once."""
    return {name: counts_of(dataset) for name, dataset in params.datasets.items()}


def counts_of(dataset: Dataset) -> Counts | None:
    """Return what a source has of each class, all of it; None: only its files tell.

    Own photos are counted by the names of their files, and none is opened: those that cannot be
    read count too, and of equal ones the split is taken as if they differed. A folder that is not
    there, or is no dataset, has no counts: its fetch says why.
    """
    if dataset.source == OWN:
        with suppress(DataError):
            return _counts_of_photos(listed(dataset), dataset.split)
        return None
    known = IMAGES.get(dataset.source)
    if known is None or known.train_per_class is None or known.test_per_class is None:
        return UNEVEN.get(dataset.source)
    return Counts([known.train_per_class] * known.classes, [known.test_per_class] * known.classes)


def _counts_of_photos(listing: Listing, split: float | None) -> Counts:
    """Return the photos of each class that train and test, as ``cxv.data.photos`` divides them."""
    found = {part: [0] * len(listing.classes) for part in (TRAIN, TEST, WHOLE)}
    for photo in listing.photos:
        found[photo.part][photo.label] += 1
    if split is None:
        return Counts(found[TRAIN], found[TEST])
    tests = [_held_out(count, split) for count in found[WHOLE]]
    return Counts([a - b for a, b in zip(found[WHOLE], tests, strict=True)], tests)


def in_folder(params: Params, folder: Path) -> Params:
    """Return the same settings with the folders of own photos as seen from the working folder.

    Args:
        params: settings.
        folder: that of ``params.yaml``, from which their paths start.
    """
    moved = {
        name: dataset.model_copy(update={"path": str(folder / Path(dataset.path).expanduser())})
        for name, dataset in params.datasets.items()
        if dataset.path is not None and folder != Path()
    }
    return params.model_copy(update={"datasets": params.datasets | moved}) if moved else params


def epoch_images(dataset: Dataset, counts: Counts | None, training: Training) -> int | None:
    """Return the images of an epoch, without those held out; None: only its files tell.

    Args:
        dataset: whose images.
        counts: of it; all that ``per_class`` asks for are there.
        training: says how many are held out.
    """
    most = dataset.per_class.train if dataset.per_class else None
    if counts is None or (dataset.skip_unreadable and most is None):
        return None  # which of the files can be read, only the fetch knows
    kept = [min(most or count, count) for count in counts.train]
    return sum(count - _held_out(count, training.validation_fraction) for count in kept)


def _held_out(count: int, fraction: float | None) -> int:
    """Return how many of a class ``cxv.data.tensors.hold_out`` holds out."""
    return min(max(round(fraction * count), 1), count - 1) if fraction and count else 0
