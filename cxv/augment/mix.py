"""Mixup (arXiv:1710.09412) and CutMix (arXiv:1905.04899): pairs of images within a batch.

Each batch has one share, one box and one order of its partners, as in the papers' own code.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from cxv.augment.targets import Targets
from cxv.config.mix import Mix


@dataclass(frozen=True, slots=True)
class Mixture:
    """What one batch is mixed by."""

    share: float  # of the image itself, 0..1
    box: tuple[int, int, int, int] | None  # top, bottom, left and right pixel; None: Mixup


@dataclass(frozen=True, slots=True)
class Drawn:
    """How every batch of an epoch of n images is mixed."""

    batch: int  # images; the last may have fewer
    partners: Int64[Tensor, " n"]  # place, within the batch, of the image mixed into each
    mixtures: tuple[Mixture, ...]  # of each batch

    def __call__(
        self, images: Float[Tensor, "b 3 h w"], labels: Int64[Tensor, " b"], number: int
    ) -> tuple[Float[Tensor, "b 3 h w"], Targets]:
        """Mix the whole batch that is ``number``, from 0, of the epoch."""
        first, mixture = number * self.batch, self.mixtures[number]
        partners = self.partners[first : first + len(images)]
        if mixture.box:
            mixed = _pasted(images, partners, mixture.box)
        else:
            others = images.index_select(0, partners)
            mixed = others.mul_(1 - mixture.share).add_(images, alpha=mixture.share)
        return mixed, Targets(labels, labels.index_select(0, partners), mixture.share)


def _pasted(
    images: Float[Tensor, "b 3 h w"], partners: Int64[Tensor, " b"], box: tuple[int, int, int, int]
) -> Float[Tensor, "b 3 h w"]:
    """Put the partner's pixels in the box."""
    top, bottom, left, right = box
    mixed = images.clone()
    mixed[..., top:bottom, left:right] = images[..., top:bottom, left:right].index_select(
        0, partners
    )
    return mixed


def draw(
    setting: Mix,
    images: int,
    batch: int,
    side: int,
    generator: torch.Generator,
    device: torch.device | str,
) -> Drawn:
    """Draw how the batches of an epoch are mixed, at once: the generator alone decides.

    Args:
        setting: which of the two, and how strongly.
        images: of the epoch.
        batch: images of a step.
        side: of the images, in pixels.
        generator: on the CPU, so that the draws are the same on every device.
        device: of the images; partners are brought there once.
    """
    sizes = [min(batch, images - first) for first in range(0, images, batch)]
    partners = torch.cat([torch.randperm(size, generator=generator) for size in sizes])
    seed = int(torch.randint(2**63 - 1, (), generator=generator))
    random = np.random.default_rng(seed)  # torch's Beta distribution takes no generator
    mixtures = tuple(_mixture(setting, side, random) for _ in sizes)
    return Drawn(batch, partners.to(device), mixtures)


def _mixture(setting: Mix, side: int, random: np.random.Generator) -> Mixture:
    """Draw for a batch: which of the two, its share, and of CutMix its box."""
    cut = setting.mixup is None or (setting.cutmix is not None and random.random() < HALF)
    strength = setting.cutmix if cut else setting.mixup
    assert strength is not None  # noqa: S101 - one of the two is set
    share = float(random.beta(strength, strength))
    return _box(share, side, random) if cut else Mixture(share, None)


def _box(share: float, side: int, random: np.random.Generator) -> Mixture:
    """Draw the centre of a square that leaves ``share`` of the image; the part outside is cut off.

    The share that counts for the labels is that of the pixels that are left.
    """
    half = int(math.sqrt(1 - share) * side / 2)
    y, x = random.integers(side, size=2).tolist()
    top, bottom = max(y - half, 0), min(y + half, side)
    left, right = max(x - half, 0), min(x + half, side)
    pasted = (bottom - top) * (right - left)
    return Mixture(1 - pasted / side**2, (top, bottom, left, right))


HALF = 0.5
"""Probability of CutMix, where Mixup is set too."""
