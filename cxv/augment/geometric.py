"""Pixels moved from place to place: every pixel is one of the image's own, or black."""

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from PIL import Image
from torch import Tensor

Source = Int64[Tensor, "#b hw"]
"""Where each pixel, row after row, comes from; a negative number stands for black."""


def fetch(images: UInt8[Tensor, "b 3 h w"], source: Source) -> UInt8[Tensor, "b 3 h w"]:
    """Return images made of pixels from elsewhere; one row of ``source`` serves all images."""
    place = source.clamp(min=0)[:, None].expand(len(images), 3, -1)
    found = images.flatten(2).gather(2, place) * (source >= 0)[:, None]
    return found.view_as(images)


def shear_x(strength: float, side: int) -> Source:
    """Return the source of ``side`` rows that slide left, each further than the one above it."""
    return _affine((1.0, strength, 0.0, 0.0, 1.0, 0.0), side)


def shear_y(strength: float, side: int) -> Source:
    """Return the source of ``side`` columns that slide up, each further than the one before it."""
    return _affine((1.0, 0.0, 0.0, strength, 1.0, 0.0), side)


def translate_x(pixels: int, side: int) -> Source:
    """Return the source of an image ``side`` pixels wide that moves right."""
    return _affine((1.0, 0.0, -float(pixels), 0.0, 1.0, 0.0), side)


def translate_y(pixels: int, side: int) -> Source:
    """Return the source of an image ``side`` pixels high that moves down."""
    return _affine((1.0, 0.0, 0.0, 0.0, 1.0, -float(pixels)), side)


def rotate(degrees: float, side: int) -> Source:
    """Return the source of a square image that turns counterclockwise about its centre."""
    return _source(_numbered(side).rotate(degrees))


def _affine(inverse: tuple[int | float, ...], side: int) -> Source:
    image = _numbered(side)
    return _source(image.transform(image.size, Image.Transform.AFFINE, inverse))


def _numbered(side: int) -> Image.Image:
    """Return an image whose pixels are their places from 1, which Pillow moves as any other."""
    return Image.fromarray(np.arange(1, side * side + 1, dtype=np.int32).reshape(side, side))


def _source(moved: Image.Image) -> Source:
    return torch.from_numpy(np.array(moved)).long().view(1, -1) - 1  # Pillow's black is 0
