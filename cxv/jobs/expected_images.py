"""How many images an epoch has, as far as settings tell it before anything is fetched."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

from cxv.config.phases import Training
from cxv.config.sources import IMAGES
from cxv.config.spec import Dataset


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


def counts_of(dataset: Dataset) -> Counts | None:
    """Return what a source has of each class, all of it; None: only its files tell."""
    known = IMAGES.get(dataset.source)
    if known is None or known.train_per_class is None or known.test_per_class is None:
        return UNEVEN.get(dataset.source)
    return Counts([known.train_per_class] * known.classes, [known.test_per_class] * known.classes)


def epoch_images(dataset: Dataset, training: Training) -> int | None:
    """Return the images of an epoch, without those held out; None: only its files tell."""
    counts = counts_of(dataset)
    if counts is None:
        return None
    most = dataset.per_class.train if dataset.per_class else None
    kept = [min(most or count, count) for count in counts.train]
    return sum(count - _held_out(count, training.validation_fraction) for count in kept)


def _held_out(count: int, fraction: float | None) -> int:
    """Return how many of a class ``cxv.data.tensors.hold_out`` holds out."""
    return min(max(round(fraction * count), 1), count - 1) if fraction else 0
