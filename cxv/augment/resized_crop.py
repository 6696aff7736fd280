"""Parts of images, stretched to the images' size (arXiv:1409.4842, sec. 6)."""

from dataclasses import dataclass

import torch
from jaxtyping import Int32, Int64, UInt8
from torch import Tensor

from cxv.augment.plan import Pass
from cxv.augment.rectangles import draw_offset, draw_sizes
from cxv.config.augmentation import ResizedCrop


@dataclass(frozen=True, slots=True)
class Drawn:
    """The part of each of an epoch's n images, in pixels."""

    top: Int64[Tensor, " n"]
    left: Int64[Tensor, " n"]
    height: Int64[Tensor, " n"]
    width: Int64[Tensor, " n"]

    def __call__(self, images: UInt8[Tensor, "b 3 s s"], first: int) -> UInt8[Tensor, "b 3 s s"]:
        """Augment the images that are number ``first`` and following of the epoch."""
        here, side = slice(first, first + len(images)), images.shape[-1]
        rows = _stretched(images.int(), self.top[here], self.height[here])
        both = _stretched(rows.mT, self.left[here], self.width[here]).mT
        whole = (2 * side) ** 2
        return ((both + whole // 2) // whole).to(torch.uint8)


def _stretched(
    images: Int32[Tensor, "b 3 s s2"], begin: Int64[Tensor, " b"], length: Int64[Tensor, " b"]
) -> Int32[Tensor, "b 3 s s2"]:
    """Stretch ``length`` rows from ``begin`` on to all rows, by linear interpolation.

    The centre of row i is (2 i + 1) length / 2 s - 1/2 rows into the part: a whole number of
    2 s-ths, in which levels come out too. Whole numbers are the same on every device, and twice
    2 s times a level fits into 32 bits for images of up to 1400 pixels.
    """
    side = images.shape[-2]
    place = torch.arange(side, device=images.device)
    centre = ((2 * place + 1) * length[:, None] - side).clamp(min=0)
    above, part = centre // (2 * side), (centre % (2 * side)).int()[:, None, :, None]
    below = torch.minimum(above + 1, length[:, None] - 1)
    upper, lower = (
        images.gather(2, (begin[:, None] + row)[:, None, :, None].expand_as(images))
        for row in (above, below)
    )
    return upper * (2 * side - part) + lower * part


def draw(setting: ResizedCrop, epoch: Pass) -> Drawn:
    """Draw for the images of an epoch, as torchvision's RandomResizedCrop does for one."""
    side, generator = epoch.side, epoch.generator
    found = draw_sizes(
        setting.scale,
        setting.ratio,
        images=epoch.images,
        side=side,
        most=side,
        generator=generator,
    )
    whole_width, whole_height = _largest(setting.ratio, side)
    height = torch.where(found.fits, found.height, whole_height)
    width = torch.where(found.fits, found.width, whole_width)
    top, left = (draw_offset(side - length, generator) for length in (height, width))
    top = torch.where(found.fits, top, (side - whole_height) // 2)
    left = torch.where(found.fits, left, (side - whole_width) // 2)
    return Drawn(*(x.to(epoch.device) for x in (top, left, height, width)))


def _largest(ratio: tuple[float, float], side: int) -> tuple[int, int]:
    """Return width and height of the largest part of an allowed ratio, to be taken from the middle.

    It is for images that no drawn part fits into.
    """
    least, most = ratio
    width, height = min(side, round(side * most)), min(side, round(side / least))
    return max(width, 1), max(height, 1)
