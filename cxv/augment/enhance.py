"""Images between what they are and something poorer, or beyond; as in ``PIL.ImageEnhance``.

A factor of 0 gives the poorer image, 1 the image, and more than 1 takes it further away.
"""

import torch
from jaxtyping import Float32, Int32, UInt8
from torch import Tensor


def brightness(images: UInt8[Tensor, "b 3 h w"], factor: float) -> UInt8[Tensor, "b 3 h w"]:
    """Blend with black."""
    return _blend(images, 0.0, factor)


def color(images: UInt8[Tensor, "b 3 h w"], factor: float) -> UInt8[Tensor, "b 3 h w"]:
    """Blend with the image in grey."""
    return _blend(images, _grey(images).float(), factor)


def contrast(images: UInt8[Tensor, "b 3 h w"], factor: float) -> UInt8[Tensor, "b 3 h w"]:
    """Blend with the mean of the image in grey, rounded to a level."""
    grey = _grey(images)
    pixels = grey[0].numel()
    mean = (2 * grey.sum((1, 2, 3), keepdim=True) + pixels) // (2 * pixels)
    return _blend(images, mean.float(), factor)


def sharpness(images: UInt8[Tensor, "b 3 h w"], factor: float) -> UInt8[Tensor, "b 3 h w"]:
    """Blend with the image under Pillow's SMOOTH, which leaves the outermost pixels alone."""
    smooth = images.float()
    inner = smooth[..., 1:-1, 1:-1]
    rows = smooth[..., :-2, :] + smooth[..., 1:-1, :] + smooth[..., 2:, :]
    square = rows[..., :-2] + rows[..., 1:-1] + rows[..., 2:]
    inner.copy_((square + 4 * inner).div_(13).round_())  # of 13ths, none is half-way
    return _blend(images, smooth, factor)


def _grey(images: UInt8[Tensor, "b 3 h w"]) -> Int32[Tensor, "b 1 h w"]:
    """Return Pillow's L: ITU-R 601-2 luma in 65536ths, rounded."""
    red, green, blue = torch.split(images.int(), 1, dim=1)
    return (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16


def _blend(
    images: UInt8[Tensor, "b 3 h w"], poorer: Float32[Tensor, "b _ _ _"] | float, factor: float
) -> UInt8[Tensor, "b 3 h w"]:
    """Compute in float32 and cut off, as ``PIL.Image.blend`` does."""
    blended = (images.float() - poorer).mul_(factor).add_(poorer).clamp_(0, 255)
    return blended.to(torch.int16).to(torch.uint8)  # straight to uint8 takes four times as long
