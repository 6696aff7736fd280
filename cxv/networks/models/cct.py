"""CCT: a transformer on the maps of a convolutional tokenizer, pooled by attention."""

from collections import OrderedDict

from einops import rearrange
from einops.layers.torch import Rearrange
from pydantic import PositiveInt
from torch import Tensor, nn

from cxv.networks.dropout import Dropout, StochasticDepth
from cxv.networks.layers import (
    LearnedPositions,
    OnTokens,
    Probability,
    Residual,
    map_size,
    perceptron,
    relu_max_pool,
    settings,
)
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.softmax import Softmax
from cxv.networks.models.stems import Stem
from cxv.networks.shapes import Float


@settings
class CCT:
    """All that defines one CCT. Source: Hassani et al., *Escaping the big data paradigm*.

    Dropout is one half everywhere, as the paper says of every model. The released code has 0, but
    0.1 on the attention matrix; stochastic depth, which the paper does not mention, is the code's.
    """

    mixer: Mixer
    depth: PositiveInt
    stem: Stem = Stem(extra=1, bias=False, after=relu_max_pool)  # 64, 64, 128
    dim: PositiveInt = 128
    expansion: PositiveInt = 4  # hidden width of the perceptron, in dims; 2 gives 0.9 M
    dropout: Probability = 0.5  # of the tokens and in the perceptron
    stochastic_depth: Probability = 0.1  # of the last layer; it grows from 0

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        hidden = self.expansion * self.dim
        rates = rates_by_layer(self.stochastic_depth, self.depth)
        parts = {
            "stem": self.stem.build(self.dim, image_size),
            "positions": LearnedPositions(self.dim, map_size(image_size), deviation=0.2),
            "tokens": Rearrange("b c h w -> b (h w) c"),
            "dropout": Dropout(self.dropout),
            "layers": cct_layers(self.mixer, self.dim, hidden, self.dropout, rates),
            "norm": nn.LayerNorm(self.dim),
            "pool": SequencePool(self.dim),
            "head": nn.Linear(self.dim, classes),
        }
        return nn.Sequential(OrderedDict(parts))


def rates_by_layer(last: float, depth: int) -> list[float]:
    """Return each layer's rate of stochastic depth: from 0 in equal steps to ``last``."""
    steps = max(1, depth - 1)
    return [last * layer / steps for layer in range(depth)]


def cct_layers(
    mixer: Mixer, dim: int, hidden: int, dropout: float, rates: list[float]
) -> nn.Sequential:
    """Return the layers as the authors released them, (b, n, dim) -> (b, n, dim): one a rate."""
    return nn.Sequential(*(_layer(mixer, dim, hidden, dropout, rate) for rate in rates))


def _layer(mixer: Mixer, dim: int, hidden: int, dropout: float, dropped: float) -> nn.Module:
    mix = OnTokens(mixer.build(dim))
    feed = perceptron(dim, hidden, dropout)
    return nn.Sequential(
        Residual(nn.Sequential(nn.LayerNorm(dim), mix, StochasticDepth(dropped))),
        nn.LayerNorm(dim),  # of the stream itself, not of the branch
        Residual(nn.Sequential(feed, StochasticDepth(dropped))),
    )


class SequencePool(nn.Module):
    """The mean of the tokens under learned weights that sum to one."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.to_weight = nn.Linear(dim, 1)

    def forward(self, x: Float[Tensor, "b n d"]) -> Float[Tensor, "b d"]:
        """Return one vector an image."""
        weights = rearrange(self.to_weight(x).softmax(dim=1), "b n 1 -> b 1 n")
        return rearrange(weights @ x, "b 1 d -> b d")


CCT_6 = CCT(mixer=Softmax(heads=4), depth=6)
