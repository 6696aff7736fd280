"""Transformers that read a class token: ViT, the same with Fourier mixing, and the hybrids."""

from collections import OrderedDict
from collections.abc import Callable

from einops.layers.torch import Rearrange
from pydantic import NonNegativeFloat, PositiveInt
from torch import nn

from cxv.networks.dropout import Dropout
from cxv.networks.layers import (
    ClassToken,
    FirstToken,
    LearnedPositions,
    OnTokens,
    Probability,
    perceptron,
    pre_norm_layer,
    settings,
)
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.fourier import Fourier
from cxv.networks.mixers.nystrom import Nystrom
from cxv.networks.mixers.performer import Performer
from cxv.networks.mixers.softmax import Softmax
from cxv.networks.models.stems import Patches, Stem


@settings
class ViT:
    """All that defines one of them. Source: Dosovitskiy et al., *An image is worth 16x16 words*."""

    mixer: Mixer
    depth: PositiveInt
    stem: Patches | Stem = Patches()
    dim: PositiveInt = 128
    expansion: PositiveInt = 2  # hidden width of the perceptron, in dims
    dropout: Probability = 0.5  # in the perceptron
    embedding_dropout: Probability = 0.5  # of tokens with their positions
    deviation: NonNegativeFloat = 1.0  # of class token and positions at the start, as released
    prefix: Callable[[int, float], nn.Module] = ClassToken  # of the tokens
    pool: Callable[[], nn.Module] = FirstToken

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        parts = {
            "stem": self.stem.build(self.dim, image_size),
            "positions": LearnedPositions(self.dim, self.stem.map_size(image_size), self.deviation),
            "tokens": Rearrange("b c h w -> b (h w) c"),
            "class_token": self.prefix(self.dim, self.deviation),
            "dropout": Dropout(self.embedding_dropout),
            "layers": nn.Sequential(*(self._layer() for _ in range(self.depth))),
            "pool": self.pool(),
            "norm": nn.LayerNorm(self.dim),
            "head": nn.Linear(self.dim, classes),
        }
        return nn.Sequential(OrderedDict(parts))

    def _layer(self) -> nn.Module:
        mixer = OnTokens(self.mixer.build(self.dim))
        feed = perceptron(self.dim, self.expansion * self.dim, self.dropout)
        return pre_norm_layer(nn.LayerNorm, self.dim, mixer, feed)


VIT = ViT(mixer=Softmax(heads=4), depth=10)
FNET = ViT(mixer=Fourier(), depth=10, expansion=4)  # 2 gives half the parameters
VIN = ViT(mixer=Nystrom(heads=8), stem=Stem(depth=3), depth=6)
VIP = ViT(mixer=Performer(heads=8), stem=Stem(depth=3), depth=6)
