"""Half of the images, mirrored."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, UInt8
from torch import Tensor

from cxv.augment.geometric import fetch
from cxv.augment.plan import Pass
from cxv.config.augmentation import Flip


@dataclass(frozen=True, slots=True)
class Drawn:
    """Which of an epoch's n images are mirrored left to right."""

    mirrored: Bool[Tensor, " n"]

    def __call__(self, images: UInt8[Tensor, "b 3 h w"], first: int) -> UInt8[Tensor, "b 3 h w"]:
        """Augment the images that are number ``first`` and following of the epoch."""
        h, w = images.shape[-2:]
        place = torch.arange(h * w, device=images.device).view(h, w)
        mirrored = self.mirrored[first : first + len(images), None]
        return fetch(images, torch.where(mirrored, place.flip(1).flatten(), place.flatten()))


def draw(setting: Flip, epoch: Pass) -> Drawn:
    """Draw for the images of an epoch."""
    return Drawn(
        (torch.rand(epoch.images, generator=epoch.generator) < setting.probability).to(epoch.device)
    )
