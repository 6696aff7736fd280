"""RandAugment (arXiv:1909.13719), to the digit what torchvision's makes of PIL images.

D26 in data/paper/README.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from cxv.augment import enhance, geometric, intensity
from cxv.augment.plan import Pass
from cxv.config.augmentation import RandAugment

Operation = Callable[[UInt8[Tensor, "b 3 h w"]], UInt8[Tensor, "b 3 h w"]]

BINS = 31
"""Magnitudes are 0..30."""

SIGNED = (False, *[True] * 9, *[False] * 4)
"""Which operations half of the images undergo with the opposite strength."""


def operations(
    magnitude: int, side: int, *, sign: int, device: torch.device | str
) -> dict[str, Operation]:
    """Return the 14 operations in torchvision's order and by its names.

    Args:
        magnitude: 0..30.
        side: of the images, in pixels.
        sign: 1, or -1 for the opposite strength.
        device: of the images.
    """

    def strength(greatest: float, least: float = 0.0) -> float:
        return float(torch.linspace(least, greatest, BINS)[magnitude])

    def moved(source: geometric.Source) -> Operation:
        return partial(geometric.fetch, source=source.to(device))

    shear = sign * strength(0.3)
    pixels = int(sign * strength(150 / 331 * side))
    factor = 1 + sign * strength(0.9)
    return {
        "Identity": lambda images: images,
        "ShearX": moved(geometric.shear_x(shear, side)),
        "ShearY": moved(geometric.shear_y(shear, side)),
        "TranslateX": moved(geometric.translate_x(pixels, side)),
        "TranslateY": moved(geometric.translate_y(pixels, side)),
        "Rotate": moved(geometric.rotate(sign * strength(30.0), side)),
        "Brightness": partial(enhance.brightness, factor=factor),
        "Color": partial(enhance.color, factor=factor),
        "Contrast": partial(enhance.contrast, factor=factor),
        "Sharpness": partial(enhance.sharpness, factor=factor),
        "Posterize": partial(intensity.posterize, bits=8 - round(magnitude / 7.5)),
        "Solarize": partial(intensity.solarize, threshold=strength(0.0, least=255.0)),
        "AutoContrast": intensity.autocontrast,
        "Equalize": intensity.equalize,
    }


@dataclass(frozen=True, slots=True)
class Drawn:
    """What r operations each of an epoch's n images undergoes, one after the other."""

    operations: tuple[Operation, ...]  # with either sign
    numbers: Int64[Tensor, "r n"]  # of them, on the CPU: it can count without asking the device
    on_device: Int64[Tensor, "r n"]  # the same where the images are

    def __call__(self, images: UInt8[Tensor, "b 3 h w"], first: int) -> UInt8[Tensor, "b 3 h w"]:
        """Augment the images that are number ``first`` and following of the epoch."""
        here = slice(first, first + len(images))
        for numbers, on_device in zip(self.numbers[:, here], self.on_device[:, here], strict=True):
            counts = numbers.bincount(minlength=len(self.operations)).tolist()
            images = self._applied(images, on_device.argsort(), counts)
        return images

    def _applied(self, images: Tensor, order: Tensor, counts: list[int]) -> Tensor:
        """Bring images with the same operation together, apply it, and bring them back."""
        groups = torch.split(images.index_select(0, order), counts)
        changed = [
            operation(group)
            for operation, group in zip(self.operations, groups, strict=True)
            if len(group)
        ]
        return torch.cat(changed).index_select(0, order.argsort())


def draw(setting: RandAugment, epoch: Pass) -> Drawn:
    """Draw operations, signs and, with a deviation, magnitudes for the images of an epoch."""
    shape = (setting.operations, epoch.images)
    number = torch.randint(len(SIGNED), shape, generator=epoch.generator)
    negative = torch.randint(2, shape, generator=epoch.generator, dtype=torch.bool)
    number += len(SIGNED) * (negative & torch.tensor(SIGNED)[number])
    magnitudes, which = _magnitudes(setting, shape, epoch.generator)
    number += 2 * len(SIGNED) * which
    variants = [
        operation
        for magnitude in magnitudes
        for sign in (1, -1)
        for operation in operations(magnitude, epoch.side, sign=sign, device=epoch.device).values()
    ]
    return Drawn(tuple(variants), number, number.to(epoch.device))


def _magnitudes(
    setting: RandAugment, shape: tuple[int, int], generator: torch.Generator
) -> tuple[list[int], Int64[Tensor, "r n"]]:
    """Return the different magnitudes that occur, and the number of each image's in that list."""
    if not setting.deviation:
        return [setting.magnitude], torch.zeros(shape, dtype=torch.int64)
    spread = setting.deviation * torch.randn(shape, generator=generator)
    drawn = (setting.magnitude + spread).round().clamp(0, BINS - 1).long()
    different, which = torch.unique(drawn, return_inverse=True)
    return different.tolist(), which
