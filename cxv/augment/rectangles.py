"""Rectangles of random area and shape within a square image, as torchvision draws them."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor

TRIES = 10
"""Rectangles drawn for each image; the first that fits is taken."""


@dataclass(frozen=True, slots=True)
class Rectangles:
    """One for each of n images, in pixels."""

    fits: Bool[Tensor, " n"]  # else none of its tries did, and the others say nothing
    height: Int64[Tensor, " n"]
    width: Int64[Tensor, " n"]


def draw_sizes(
    scale: tuple[float, float],
    ratio: tuple[float, float],
    *,
    images: int,
    side: int,
    most: int,
    generator: torch.Generator,
) -> Rectangles:
    """Draw an area of the uniform distribution and a ratio of the uniform one of its logarithm.

    Args:
        scale: bounds of the area, as a fraction of the image's.
        ratio: bounds of width to height.
        images: how many.
        side: of the images, in pixels.
        most: pixels that a side of a rectangle may have.
        generator: on the CPU.
    """
    area = side**2 * _uniform(scale[0], scale[1], images, generator)
    log_ratio = torch.tensor(ratio, dtype=torch.float64).log().tolist()
    shape = _uniform(log_ratio[0], log_ratio[1], images, generator).exp()
    widths, heights = (area * shape).sqrt().round().long(), (area / shape).sqrt().round().long()
    fits = (widths > 0) & (widths <= most) & (heights > 0) & (heights <= most)
    first = fits.int().argmax(0, keepdim=True)  # of equal ones, torch takes the first
    height, width = (sides.gather(0, first).squeeze(0) for sides in (heights, widths))
    return Rectangles(fits.any(0), height, width)


def draw_offset(space: Int64[Tensor, " n"], generator: torch.Generator) -> Int64[Tensor, " n"]:
    """Draw a whole number from 0 to ``space`` for each, all as likely."""
    part = torch.rand(len(space), generator=generator, dtype=torch.float64)
    return (part * (space + 1)).long()


def _uniform(
    least: float, most: float, images: int, generator: torch.Generator
) -> Float64[Tensor, "tries n"]:
    part = torch.rand(TRIES, images, generator=generator, dtype=torch.float64)
    return least + (most - least) * part
