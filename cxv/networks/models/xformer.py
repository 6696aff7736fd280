"""The Convolutional Xformers: a convolution before every linear attention."""

from collections import OrderedDict
from collections.abc import Callable
from itertools import chain, cycle, islice, repeat

from einops.layers.torch import Reduce
from pydantic import PositiveInt
from torch import nn

from cxv.networks.layers import (
    ChannelNorm,
    Part,
    Probability,
    Residual,
    channels_last,
    conv3x3,
    feed_forward,
    settings,
)
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.linear import Linear
from cxv.networks.mixers.nystrom import Nystrom
from cxv.networks.mixers.performer import Performer
from cxv.networks.models.stems import Stem


@settings
class Local:
    """What precedes a layer's attention."""

    conv: Callable[[int, int], nn.Module] = conv3x3
    norm: Part = ChannelNorm

    def build(self, width: int, dim: int) -> nn.Module:
        """Return (b, width, h, w) -> (b, dim, h, w)."""
        return nn.Sequential(self.conv(width, dim), self.norm(dim))


@settings
class XFormer:
    """All that defines one CXV. Source: arXiv:2201.10271, layer order as in its released code."""

    mixer: Mixer
    dim: PositiveInt = 128
    depth: PositiveInt = 5
    expansion: PositiveInt = 2  # hidden width of the perceptron, in dims
    dropout: Probability = 0.5  # in the perceptron
    stem: Stem = Stem()  # 32, 64
    stem_divisor: PositiveInt = 2  # the stem has dim // stem_divisor channels; 1: 1.47 M
    positions: Part = nn.Identity  # after the stem
    local: tuple[Local, ...] = (Local(),)  # cycled over the layers
    pre_norm: Part = nn.Identity  # inside both residual branches

    def __post_init__(self) -> None:
        """Refuse a stem without channels."""
        if self.stem_width >> (self.stem.depth - 1) == 0:
            raise ValueError(
                f"dim={self.dim} is too small for stem_divisor={self.stem_divisor}"
                f" and stem.depth={self.stem.depth}"
            )

    @property
    def stem_width(self) -> int:
        """Channels that the stem leaves and the first layer's convolution takes."""
        return self.dim // self.stem_divisor

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits.

        Args:
            classes: number of logits.
            image_size: pixels; beyond 32 the first convolution has stride 2.
        """
        widths = islice(chain([self.stem_width], repeat(self.dim)), self.depth)
        parts = {
            "stem": self.stem.build(self.stem_width, image_size),
            "positions": self.positions(self.stem_width),
            "layers": nn.Sequential(*map(self._layer, cycle(self.local), widths)),
            "pool": Reduce("b c h w -> b c", "mean"),
            "head": nn.Linear(self.dim, classes),
        }
        return channels_last(nn.Sequential(OrderedDict(parts)))

    def _layer(self, local: Local, width: int) -> nn.Module:
        mixer = self.mixer.build(self.dim)
        perceptron = feed_forward(self.dim, self.expansion * self.dim, self.dropout)
        return nn.Sequential(
            local.build(width, self.dim),
            Residual(nn.Sequential(self.pre_norm(self.dim), mixer)),
            Residual(nn.Sequential(self.pre_norm(self.dim), perceptron)),
        )


CNV = XFormer(mixer=Nystrom(heads=4))
CLTV = XFormer(mixer=Linear(heads=4))
CPV = XFormer(mixer=Performer(heads=4))
