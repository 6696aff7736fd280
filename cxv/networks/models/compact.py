"""The compact transformers of a second paper: ViT-Lite, CVT and CCT. CVT is not CvT."""

from collections import OrderedDict
from collections.abc import Callable

import torch
from einops import repeat
from einops.layers.torch import Rearrange
from pydantic import PositiveInt
from torch import Tensor, nn

from cxv.networks.dropout import Dropout
from cxv.networks.layers import (
    ClassToken,
    FirstToken,
    LearnedPositions,
    Part,
    Probability,
    settings,
)
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.softmax import Softmax
from cxv.networks.models.cct import SequencePool, cct_layers, rates_by_layer
from cxv.networks.models.stems import PatchConvolution, PooledStem
from cxv.networks.shapes import Float


@settings
class CompactTransformer:
    """All that defines one of them. Source: Hassani et al., arXiv:2104.05704, as released.

    The defaults are those of 7 layers. ``CCT`` is the first paper's reading of the same layer.
    """

    stem: PatchConvolution | PooledStem
    mixer: Mixer = Softmax(heads=4, head_dim=64, attention_dropout=0.1, dropout=0.0)
    depth: PositiveInt = 7
    dim: PositiveInt = 256
    expansion: PositiveInt = 2  # hidden width of the perceptron, in dims
    dropout: Probability = 0.0  # of the tokens and in the perceptron
    stochastic_depth: Probability = 0.1  # of the last layer; it grows from 0
    positions: Callable[[int, int], nn.Module] = LearnedPositions  # of channels and side
    prefix: Part = nn.Identity  # of the tokens
    pool: Part = SequencePool

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits.

        Raises:
            ValueError: patches do not cover the image.
        """
        hidden = self.expansion * self.dim
        rates = rates_by_layer(self.stochastic_depth, self.depth)
        parts = {
            "stem": self.stem.build(self.dim, image_size),
            "positions": self.positions(self.dim, self.stem.map_size(image_size)),
            "tokens": Rearrange("b c h w -> b (h w) c"),
            "class_token": self.prefix(self.dim),
            "dropout": Dropout(self.dropout),
            "layers": cct_layers(self.mixer, self.dim, hidden, self.dropout, rates),
            "norm": nn.LayerNorm(self.dim),
            "pool": self.pool(self.dim),
            "head": nn.Linear(self.dim, classes),
        }
        return nn.Sequential(OrderedDict(parts)).apply(_initialise)


class TokenWithoutPosition(nn.Module):
    """Prepend a learned token that begins at zero."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, dim))

    def forward(self, x: Float[Tensor, "b n d"]) -> Float[Tensor, "b n+1 d"]:
        """Return the class token, then those of ``x``."""
        return torch.cat([repeat(self.token, "1 1 d -> b 1 d", b=len(x)), x], dim=1)


def first_token(dim: int) -> nn.Module:  # noqa: ARG001 - a Part
    """Return what reads the class token, as a ``Part``."""
    return FirstToken()


def _initialise(module: nn.Module) -> None:
    """Draw the weights of one module; a convolution keeps torch's bias.

    How the class token begins is not in our notes on the release. Here it begins at zero.
    """
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight)
    elif isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, LearnedPositions):
        nn.init.trunc_normal_(module.table, std=0.2)
    elif isinstance(module, ClassToken):
        nn.init.zeros_(module.token)
        nn.init.trunc_normal_(module.position, std=0.2)


VIT_LITE = CompactTransformer(stem=PatchConvolution(), prefix=ClassToken, pool=first_token)
COMPACT_VIT = CompactTransformer(stem=PatchConvolution())
COMPACT_CCT = CompactTransformer(stem=PooledStem())
