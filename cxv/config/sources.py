"""What is known of the images of a source before they are there."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Images(NamedTuple):
    """Of a source: every image has this side, whatever the split."""

    side: int  # pixels
    classes: int


IMAGES: Mapping[str, Images] = MappingProxyType(
    {
        "digits": Images(8, 10),
        "cifar10": Images(32, 10),
        "cifar100": Images(32, 100),
        "tiny_imagenet": Images(64, 200),
    }
)
"""By source; a folder of images has its own."""
