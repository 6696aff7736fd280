"""Images cut out of a black frame around them."""

from dataclasses import dataclass

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from cxv.augment.geometric import fetch
from cxv.augment.plan import Pass
from cxv.config.augmentation import Crop


@dataclass(frozen=True, slots=True)
class Drawn:
    """Offset of the window within each of an epoch's n images, down and right, in pixels."""

    down: Int64[Tensor, " n"]
    right: Int64[Tensor, " n"]

    def __call__(self, images: UInt8[Tensor, "b 3 h w"], first: int) -> UInt8[Tensor, "b 3 h w"]:
        """Augment the images that are number ``first`` and following of the epoch."""
        here = slice(first, first + len(images))
        h, w = images.shape[-2:]
        y = self.down[here, None, None] + torch.arange(h, device=images.device)[:, None]
        x = self.right[here, None, None] + torch.arange(w, device=images.device)
        inside = (y >= 0) & (y < h) & (x >= 0) & (x < w)
        return fetch(images, torch.where(inside, y * w + x, -1).flatten(1))


def draw(setting: Crop, epoch: Pass) -> Drawn:
    """Draw for the images of an epoch."""
    shape, most = (2, epoch.images), setting.padding
    moves = torch.randint(-most, most + 1, shape, generator=epoch.generator)
    down, right = moves.to(epoch.device)
    return Drawn(down, right)
