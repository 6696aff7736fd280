"""CvT: a convolution before every stage, and convolutions inside attention."""

from collections import OrderedDict
from typing import Annotated

from einops.layers.torch import Reduce
from pydantic import Field, PositiveInt
from torch import nn

from cxv.networks.layers import (
    ChannelNorm,
    Probability,
    channels_last,
    feed_forward,
    pre_norm_layer,
    settings,
    stem_stride,
)
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.softmax import ConvSoftmax


@settings
class CvT:
    """Layers per stage, all of one width. Source: Wu et al., *CvT*.

    As the paper shrinks it to small images, no stage but the first may halve the map.
    """

    mixer: Mixer
    depths: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    dim: PositiveInt = 128
    expansion: PositiveInt = 2  # hidden width of the perceptron, in dims
    dropout: Probability = 0.5  # in the perceptron

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        first, *later = self.depths
        parts = {
            "stages": nn.Sequential(
                self._stage(3, first, stride=stem_stride(image_size)),
                *(self._stage(self.dim, depth, stride=1) for depth in later),
            ),
            "pool": Reduce("b c h w -> b c", "mean"),
            "head": nn.Linear(self.dim, classes),
        }
        return channels_last(nn.Sequential(OrderedDict(parts)))

    def _stage(self, width: int, depth: int, *, stride: int) -> nn.Module:
        return nn.Sequential(
            nn.Conv2d(width, self.dim, 3, stride=stride, padding=1),
            ChannelNorm(self.dim),
            *(self._layer() for _ in range(depth)),
        )

    def _layer(self) -> nn.Module:
        feed = feed_forward(self.dim, self.expansion * self.dim, self.dropout)
        return pre_norm_layer(ChannelNorm, self.dim, self.mixer.build(self.dim), feed)


CVT = CvT(mixer=ConvSoftmax(heads=4), depths=(2, 2, 1))
