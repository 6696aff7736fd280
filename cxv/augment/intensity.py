"""Maps from level to level, independent of neighbouring pixels; as in ``PIL.ImageOps``."""

import math

import torch
from jaxtyping import Int32, Int64, UInt8
from torch import Tensor

LEVELS = 256


def posterize(images: UInt8[Tensor, "b 3 h w"], bits: int) -> UInt8[Tensor, "b 3 h w"]:
    """Keep the highest ``bits`` of 8."""
    return images & (LEVELS - 2 ** (8 - bits))


def solarize(images: UInt8[Tensor, "b 3 h w"], threshold: float) -> UInt8[Tensor, "b 3 h w"]:
    """Make a negative of the levels from ``threshold`` on."""
    bright = (images >= math.ceil(threshold)).to(torch.uint8)
    return images ^ bright * (LEVELS - 1)  # 255 - x; torch.where takes four times as long


def autocontrast(images: UInt8[Tensor, "b 3 h w"]) -> UInt8[Tensor, "b 3 h w"]:
    """Stretch each channel of each image to 0..255, unless it has a single level."""
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    flat = low == high
    low, span = low.masked_fill(flat, 0), (high - low).masked_fill(flat, LEVELS - 1).double()
    # Rounded in float64 as Pillow does it, whose levels are at times one below the exact ones.
    scale = torch.full_like(span, LEVELS - 1) / span  # number / tensor takes the reciprocal
    stretched = (images * scale).sub_(low * scale).clamp_(0, LEVELS - 1)
    return stretched.short().to(torch.uint8)


def equalize(images: UInt8[Tensor, "b 3 h w"]) -> UInt8[Tensor, "b 3 h w"]:
    """Give each channel of each image about as many pixels of every level."""
    levels = images.flatten(2).long()
    counts = _histogram(levels)
    brightest = counts.gather(2, levels.amax(2, keepdim=True))
    step = (levels.shape[2] - brightest) // (LEVELS - 1)
    darker = counts.cumsum(2, dtype=counts.dtype) - counts
    # Exact in float32 below 2 ** 24 pixels, and faster than a division of integers.
    table = ((step // 2 + darker) / step.clamp(min=1)).clamp_(max=LEVELS - 1).int()
    same = torch.arange(LEVELS, dtype=table.dtype, device=images.device)
    table = torch.where(step > 0, table, same).to(torch.uint8)
    return table.gather(2, levels).view_as(images)


def _histogram(levels: Int64[Tensor, "b 3 hw"]) -> Int32[Tensor, "b 3 256"]:
    counts = levels.new_zeros((*levels.shape[:2], LEVELS), dtype=torch.int32)
    return counts.scatter_add_(2, levels, counts.new_ones(()).expand_as(levels))
