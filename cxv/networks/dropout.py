"""Dropout of elements and of whole branches."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cxv.networks.shapes import Float, Int16

BITS = 16
"""That decide whether an element is dropped."""


class Dropout(nn.Dropout):
    """Torch's dropout by ``drop``."""

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return ``x`` or, while training, what dropout leaves of it."""
        return drop(x, self.p) if self.training else x


def drop(x: Float[Tensor, "*shape"], probability: float) -> Float[Tensor, "*shape"]:
    """Zero each element with ``probability`` and enlarge the others, so that the mean stays.

    Torch's own where it is one kernel: on a GPU, and wherever it is compiled. Else it draws each
    element on its own on a CPU and keeps masks in float32; here 16 random bits decide,
    ``probability`` rounded to them.
    """
    if probability == 0:
        return x
    if x.device.type != "cpu" or torch.compiler.is_compiling():
        return F.dropout(x, probability)
    dropped = min(round(probability * 2**BITS), 2**BITS - 1)
    kept = _random_bits(x) >= dropped - 2 ** (BITS - 1)
    return (x * kept).mul_(1 / (1 - dropped / 2**BITS))


def _random_bits(x: Float[Tensor, "*shape"]) -> Int16[Tensor, "*shape"]:
    """Draw uniform numbers, four at a time, in the order of ``x`` in memory."""
    words = torch.empty(-(-x.numel() * BITS // 64), dtype=torch.int64).random_(-(2**63), None)
    strides = torch.empty_like(x).stride()
    return words.view(torch.int16).as_strided(x.shape, strides)


class StochasticDepth(nn.Module):
    """While training, drop the whole input of some images and enlarge that of the others."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, x: Float[Tensor, "b n d"]) -> Float[Tensor, "b n d"]:
        """Return x times a dropout of ones, one an image."""
        return x * F.dropout(x.new_ones(len(x), 1, 1), self.probability, self.training)
