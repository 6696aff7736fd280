"""The augmentations of an epoch: drawn at once, applied to any part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from cxv.augment.entries import ENTRIES, MIX
from cxv.augment.targets import Targets
from cxv.config.augmentation import Augmentation
from cxv.config.mix import Mix


@runtime_checkable
class Drawn(Protocol):
    """One augmentation with all that was drawn for the images of an epoch."""

    def __call__(self, images: UInt8[Tensor, "b 3 h w"], first: int) -> UInt8[Tensor, "b 3 h w"]:
        """Augment the images that are number ``first`` and following of the epoch."""
        ...


@dataclass(frozen=True, slots=True)
class Pass:
    """The images of an epoch, and what decides about them."""

    images: int
    side: int  # of the images, which are square, in pixels
    generator: torch.Generator  # on the CPU, so that the draws are the same on every device
    device: torch.device | str  # of the images; draws are brought there once


@dataclass(frozen=True, slots=True)
class Plan:
    """The augmentations of an epoch, in order; pure, and the same however the epoch is cut."""

    steps: tuple[Drawn, ...]

    def __call__(self, images: UInt8[Tensor, "b 3 h w"], first: int) -> UInt8[Tensor, "b 3 h w"]:
        """Augment the images that are number ``first`` and following in the epoch's order."""
        for step in self.steps:
            images = step(images, first)
        return images


def plan(
    steps: Sequence[Augmentation],
    images: int,
    side: int,
    generator: torch.Generator,
    device: torch.device | str = "cpu",
) -> Plan:
    """Make all random draws of an epoch, so that its beginning is all that a resumed one needs.

    Args:
        steps: in order.
        images: how many.
        side: of the images; it, the generator and the device are those of ``Pass``.
        generator: on the CPU.
        device: of the images.
    """
    epoch = Pass(images, side, generator, device)
    return Plan(tuple(resolve_name(ENTRIES[step.name])(step, epoch) for step in steps))


@runtime_checkable
class Mixing(Protocol):
    """How the batches of an epoch are mixed, with all that was drawn for them."""

    def __call__(
        self, images: Float[Tensor, "b 3 h w"], labels: Int64[Tensor, " b"], number: int
    ) -> tuple[Float[Tensor, "b 3 h w"], Targets]:
        """Return the images of batch ``number``, from 0, and what they are now."""
        ...


def unmixed(
    images: Float[Tensor, "b 3 h w"],
    labels: Int64[Tensor, " b"],
    number: int,  # noqa: ARG001 - as every mixing
) -> tuple[Float[Tensor, "b 3 h w"], Targets]:
    """Return the images as they are."""
    return images, Targets(labels)


@dataclass(frozen=True, slots=True)
class Augment:
    """What a training augments its images with, epoch after epoch."""

    steps: tuple[Augmentation, ...]
    generator: torch.Generator  # on the CPU
    mix: Mix | None = None

    def plan(self, images: int, side: int, device: torch.device | str) -> Plan:
        """Draw the next epoch's plan; see ``plan``."""
        return plan(self.steps, images, side, self.generator, device)

    def mixing(self, images: int, batch: int, side: int, device: torch.device | str) -> Mixing:
        """Draw how the batches of the next epoch are mixed; see ``cxv.augment.mix.draw``.

        To be called before ``plan``: a resumed epoch draws in the same order.
        """
        if self.mix is None:
            return unmixed
        drawn: Mixing = resolve_name(MIX)(self.mix, images, batch, side, self.generator, device)
        return drawn
