"""The hybrid with linear attention: a transformer whose tokens stay a map."""

from collections import OrderedDict

from einops.layers.torch import Reduce
from pydantic import PositiveInt
from torch import nn

from cxv.networks.layers import (
    ChannelNorm,
    Probability,
    channels_last,
    feed_forward,
    pre_norm_layer,
    settings,
)
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.linear import Linear
from cxv.networks.models.stems import Stem


@settings
class ViLT:
    """Convolutions, then a transformer without class token or positions.

    Source: fig. 3 of the paper; its code was not released. Table 1's 0.33 G MACs are those of
    16x16 maps, its memory that of the 32x32 maps which all its neighbours have; so has this.
    """

    mixer: Mixer
    depth: PositiveInt
    stem: Stem = Stem(depth=3)
    dim: PositiveInt = 128
    expansion: PositiveInt = 2  # hidden width of the perceptron, in dims
    dropout: Probability = 0.5  # in the perceptron

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        parts = {
            "stem": self.stem.build(self.dim, image_size),
            "layers": nn.Sequential(*(self._layer() for _ in range(self.depth))),
            "pool": Reduce("b c h w -> b c", "mean"),
            "head": nn.Linear(self.dim, classes),
        }
        return channels_last(nn.Sequential(OrderedDict(parts)))

    def _layer(self) -> nn.Module:
        feed = feed_forward(self.dim, self.expansion * self.dim, self.dropout)
        return pre_norm_layer(ChannelNorm, self.dim, self.mixer.build(self.dim), feed)


VILT = ViLT(mixer=Linear(heads=8), depth=6)
