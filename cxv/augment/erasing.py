"""Images with a black rectangle (random erasing, arXiv:1708.04896).

Black as cutout and the frame of a crop, and as torchvision's default: the random pixels that the
paper likes best would be as many draws an epoch as the dataset has bytes.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from cxv.augment.plan import Pass
from cxv.augment.rectangles import draw_offset, draw_sizes
from cxv.config.augmentation import Erasing


@dataclass(frozen=True, slots=True)
class Drawn:
    """The rectangle of each of an epoch's n images, in pixels; without height, there is none."""

    top: Int64[Tensor, " n"]
    left: Int64[Tensor, " n"]
    height: Int64[Tensor, " n"]
    width: Int64[Tensor, " n"]

    def __call__(self, images: UInt8[Tensor, "b 3 h w"], first: int) -> UInt8[Tensor, "b 3 h w"]:
        """Augment the images that are number ``first`` and following of the epoch."""
        here = slice(first, first + len(images))
        top, left, height, width = (
            x[here, None, None, None] for x in (self.top, self.left, self.height, self.width)
        )
        y = torch.arange(images.shape[-2], device=images.device)[:, None] - top
        x = torch.arange(images.shape[-1], device=images.device) - left
        return images * ((y < 0) | (y >= height) | (x < 0) | (x >= width))


def draw(setting: Erasing, epoch: Pass) -> Drawn:
    """Draw for the images of an epoch, as torchvision's RandomErasing does for one."""
    side, generator = epoch.side, epoch.generator
    erased = torch.rand(epoch.images, generator=generator) < setting.probability
    least, most = setting.ratio
    found = draw_sizes(
        setting.scale,
        (1 / most, 1 / least),
        images=epoch.images,
        side=side,
        most=side - 1,
        generator=generator,
    )
    height = torch.where(erased & found.fits, found.height, 0)
    top = draw_offset((side - found.height).clamp(min=0), generator)
    left = draw_offset((side - found.width).clamp(min=0), generator)
    return Drawn(*(x.to(epoch.device) for x in (top, left, height, found.width)))
