"""Images with a black square (arXiv:1708.04552)."""

from dataclasses import dataclass

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from cxv.augment.plan import Pass
from cxv.config.augmentation import Cutout


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where the square of each of an epoch's n images begins; it may lie partly outside."""

    top: Int64[Tensor, " n"]  # pixels
    left: Int64[Tensor, " n"]
    side: int

    def __call__(self, images: UInt8[Tensor, "b 3 h w"], first: int) -> UInt8[Tensor, "b 3 h w"]:
        """Augment the images that are number ``first`` and following of the epoch."""
        here = slice(first, first + len(images))
        h, w = images.shape[-2:]
        y = torch.arange(h, device=images.device)[:, None] - self.top[here, None, None, None]
        x = torch.arange(w, device=images.device) - self.left[here, None, None, None]
        outside = (y < 0) | (y >= self.side) | (x < 0) | (x >= self.side)
        return images * outside


def draw(setting: Cutout, epoch: Pass) -> Drawn:
    """Draw for the images of an epoch."""
    centres = torch.randint(epoch.side, (2, epoch.images), generator=epoch.generator)
    top, left = (centres - setting.side // 2).to(epoch.device)
    return Drawn(top, left, setting.side)
