"""RandAugment (arXiv:1909.13719) on whole batches, on any device."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from jaxtyping import UInt8
from torch import Tensor
from torchvision.transforms.v2 import functional as F

BINS = 31
"""Magnitudes are 0..30, as in torchvision."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One way to change images, and how strongly at the least and the greatest magnitude."""

    apply: Callable[[Tensor, float], Tensor]
    least: float = 0.0
    greatest: float = 0.0
    signed: bool = False  # half of the images get the opposite strength
    of_side: bool = False  # strengths are fractions of the images' width

    def strength(self, magnitude: int, side: int) -> float:
        """Return the strength at a magnitude of 0..30, for images ``side`` pixels wide."""
        scale = side if self.of_side else 1
        return float(torch.linspace(scale * self.least, scale * self.greatest, BINS)[magnitude])


def rand_augment(
    images: UInt8[Tensor, "b 3 h w"], *, operations: int, magnitude: int, generator: torch.Generator
) -> UInt8[Tensor, "b 3 h w"]:
    """Apply to every image ``operations`` of the 14, each drawn anew, one after the other.

    Args:
        images: left as they are.
        operations: how many, one after the other.
        magnitude: 0..30.
        generator: on the CPU, so that the draws are the same on every device.

    Raises:
        ValueError: the magnitude is out of range.
    """
    if magnitude not in range(BINS):
        raise ValueError(f"magnitude {magnitude} is not in 0..{BINS - 1}")
    for _ in range(operations):
        drawn = torch.randint(len(OPERATIONS), (len(images),), generator=generator)
        negative = torch.randint(2, (len(images),), generator=generator, dtype=torch.bool)
        images = _apply(images, drawn, negative, magnitude)
    return images


def _apply(images: Tensor, drawn: Tensor, negative: Tensor, magnitude: int) -> Tensor:
    out = torch.empty_like(images)
    for number, operation in enumerate(OPERATIONS.values()):
        strength = operation.strength(magnitude, images.shape[-1])
        chosen = drawn == number
        halves = [(chosen & ~negative, strength), (chosen & negative, -strength)]
        for mask, signed in halves if operation.signed else [(chosen, strength)]:
            index = mask.nonzero().flatten().to(images.device)
            if len(index):
                out[index] = operation.apply(images[index], signed)
    return out


def _shear(images: Tensor, x: float, y: float) -> Tensor:
    angles = [math.degrees(math.atan(x)), math.degrees(math.atan(y))]
    return F.affine(images, angle=0.0, translate=[0, 0], scale=1.0, shear=angles, center=[0, 0])


def _translate(images: Tensor, x: float, y: float) -> Tensor:
    return F.affine(images, angle=0.0, translate=[int(x), int(y)], scale=1.0, shear=[0.0, 0.0])


OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "identity": Operation(lambda images, _: images),
        "shear_x": Operation(lambda images, x: _shear(images, x, 0.0), 0.0, 0.3, signed=True),
        "shear_y": Operation(lambda images, y: _shear(images, 0.0, y), 0.0, 0.3, signed=True),
        "translate_x": Operation(
            lambda images, x: _translate(images, x, 0.0), 0.0, 150 / 331, signed=True, of_side=True
        ),
        "translate_y": Operation(
            lambda images, y: _translate(images, 0.0, y), 0.0, 150 / 331, signed=True, of_side=True
        ),
        "rotate": Operation(F.rotate, 0.0, 30.0, signed=True),
        "brightness": Operation(
            lambda images, more: F.adjust_brightness(images, 1 + more), 0.0, 0.9, signed=True
        ),
        "color": Operation(
            lambda images, more: F.adjust_saturation(images, 1 + more), 0.0, 0.9, signed=True
        ),
        "contrast": Operation(
            lambda images, more: F.adjust_contrast(images, 1 + more), 0.0, 0.9, signed=True
        ),
        "sharpness": Operation(
            lambda images, more: F.adjust_sharpness(images, 1 + more), 0.0, 0.9, signed=True
        ),
        "posterize": Operation(lambda images, bits: F.posterize(images, round(bits)), 8.0, 4.0),
        "solarize": Operation(F.solarize, 255.0, 0.0),
        "auto_contrast": Operation(lambda images, _: F.autocontrast(images)),
        "equalize": Operation(lambda images, _: F.equalize(images)),
    }
)
