"""The code of each augmentation, by the name that settings give it; readable without torch."""

from collections.abc import Mapping
from types import MappingProxyType

ENTRIES: Mapping[str, str] = MappingProxyType(
    {
        "flip": "cxv.augment.flip:draw",
        "crop": "cxv.augment.crop:draw",
        "resized_crop": "cxv.augment.resized_crop:draw",
        "cutout": "cxv.augment.cutout:draw",
        "erasing": "cxv.augment.erasing:draw",
        "randaugment": "cxv.augment.randaugment:draw",
    }
)

MIX = "cxv.augment.mix:draw"
"""The code of a phase's ``mix``."""
