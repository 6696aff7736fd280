"""What is known of the images of a source before they are there."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Images(NamedTuple):
    """Of a source: every image has this side, whatever the split."""

    side: int  # pixels
    classes: int
    train_per_class: int | None = None  # images; None: classes differ in theirs
    test_per_class: int | None = None


IMAGES: Mapping[str, Images] = MappingProxyType(
    {
        "digits": Images(8, 10),
        "cifar10": Images(32, 10, 5000, 1000),
        "cifar100": Images(32, 100, 500, 100),
        "tiny_imagenet": Images(64, 200, 500, 50),
    }
)
"""By source; a folder of images has its own."""
