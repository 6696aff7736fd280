"""Sets of photos: those that a split takes for tests, and those of the same pixels."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations, islice
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from cxv.data.archives import DataError

SPLIT_SEED = 0
SHOWN = 20
"""Pairs of the same pixels that are named at most."""


class SamePixels(NamedTuple):
    """Of photos with the pixels that another one has."""

    in_train_and_test: int  # test photos
    in_two_classes: int  # photos
    pairs: tuple[str, ...]  # some of these


def split_off(
    sha256: Sequence[str],
    labels: Int64[np.ndarray, " n"],
    share: float,
    classes: Sequence[str],
    seed: int = SPLIT_SEED,
) -> Bool[np.ndarray, " n"]:
    """Choose the photos that test: of each class a share, at least one and not all.

    What a photo holds decides with the seed, not its name or its neighbours: renamed ones stay on
    their side, and equal files are on one side.

    Args:
        sha256: of each photo's file.
        labels: of each photo.
        share: of each class.
        classes: their names.
        seed: gives another choice.

    Raises:
        DataError: a class has fewer than two different photos; the message lacks the folder.
    """
    draws = np.array([hashlib.sha256(f"{seed} {one}".encode()).hexdigest() for one in sha256])
    tests = np.zeros(len(labels), dtype=bool)
    alike = []
    for label, name in enumerate(classes):
        ordered = np.sort(draws[labels == label])
        choice = ordered[ordered < ordered[-1]] if len(ordered) else ordered  # one is to train
        if len(choice):
            last = choice[min(max(round(share * len(ordered)), 1), len(choice)) - 1]
            tests |= (labels == label) & (draws <= last)
        else:
            alike.append(name)
    if alike:
        raise DataError(f"`split` needs two different photos of each class; lacking: {alike}")
    return tests


def same_pixels(
    names: Sequence[str],
    images: UInt8[np.ndarray, "n 3 h w"],
    labels: Int64[np.ndarray, " n"],
    tests: Bool[np.ndarray, " n"],
) -> SamePixels:
    """Count the photos that stand both in train and test, or in two classes, by their pixels."""
    groups = defaultdict(list)
    for row, image in enumerate(images):
        groups[hashlib.sha256(image.tobytes()).digest()].append(row)
    in_both, in_two, pairs = 0, 0, []
    for rows in groups.values():
        tested = int(tests[rows].sum())
        in_both += tested if tested < len(rows) else 0
        in_two += len(rows) if len(set(labels[rows])) > 1 else 0
        pairs += [
            f"{names[one]} = {names[other]}"
            for one, other in islice(combinations(rows, 2), SHOWN)
            if labels[one] != labels[other] or tests[one] != tests[other]
        ]
    return SamePixels(in_both, in_two, tuple(pairs[:SHOWN]))
