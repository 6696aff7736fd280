"""The ablations of the first paper's section 5.1, and controls. Each edits a description.

No flag runs through a model.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial, wraps
from typing import Any, TypeVar, get_type_hints

from einops.layers.torch import Reduce
from torch import nn

from cxv.networks.layers import (
    ChannelNorm,
    ClassToken,
    LearnedPositions,
    Part,
    Residual,
    Rotary,
    gelu,
    max_pool,
    settings,
)
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.softmax import Softmax
from cxv.networks.models.compact import CompactTransformer, TokenWithoutPosition
from cxv.networks.models.vit import ViT
from cxv.networks.models.xformer import Local, XFormer

Conv = Callable[[int, int], nn.Module]
Model = TypeVar("Model")


def edit(function: Callable[[Model], Model]) -> Callable[[object], Model]:
    """Refuse, with a ``ValueError``, a description of another class than ``function`` takes."""
    kind = get_type_hints(function)["model"]

    @wraps(function)
    def checked(model: object) -> Model:
        if not isinstance(model, kind):
            raise ValueError(
                f"{function.__name__} edits {kind.__name__}, not {type(model).__name__}"
            )
        return function(model)

    return checked


@edit
def embed_1_conv(model: XFormer) -> XFormer:
    """Embed by one convolution: 64."""
    return replace(model, stem=replace(model.stem, depth=1))


@edit
def embed_3_convs(model: XFormer) -> XFormer:
    """Embed by three convolutions: 16, 32, 64."""
    return replace(model, stem=replace(model.stem, depth=3))


@edit
def embed_3_convs_wide(model: XFormer) -> XFormer:
    """Embed by three convolutions: 32, 32, 64."""
    return replace(model, stem=replace(model.stem, depth=2, extra=1))


@edit
def embed_no_padding(model: XFormer) -> XFormer:
    """Let every embedding convolution take a pixel off each side."""
    return replace(model, stem=replace(model.stem, padding=0))


@edit
def gelu_after_embedding(model: XFormer) -> XFormer:
    """Put GELU between the embedding convolutions."""
    return replace(model, stem=replace(model.stem, between=gelu))


@edit
def max_pool_embedding(model: XFormer) -> XFormer:
    """Pool after every embedding convolution, as CCT does."""
    return replace(model, stem=replace(model.stem, after=max_pool))


@edit
def gelu_after_conv(model: XFormer) -> XFormer:
    """Put GELU between a layer's convolution and its norm."""
    return _each(model, lambda local: replace(local, conv=partial(_followed, local.conv, gelu)))


@edit
def residual_conv(model: XFormer) -> XFormer:
    """Add the input to a layer's convolution, except where it changes the width."""
    return _each(model, lambda local: replace(local, conv=partial(_residual, local.conv)))


@edit
def residual_conv_norm(model: XFormer) -> XFormer:
    """Add the input to a layer's normalised convolution, except where it changes the width."""
    return _each(model, lambda local: Local(conv=partial(_residual, local.build), norm=nn.Identity))


@edit
def conv_in_alternate_layers(model: XFormer) -> XFormer:
    """Keep the convolution of layers 1, 3, 5."""
    return _alternate(model, lambda local: replace(local, conv=nn.Identity))


@edit
def norm_in_alternate_layers(model: XFormer) -> XFormer:
    """Keep the norm of layers 1, 3, 5; the paper reports that this diverges."""
    return _alternate(model, lambda local: replace(local, norm=nn.Identity))


@edit
def batch_norm(model: XFormer) -> XFormer:
    """Replace layer norm by batch norm."""
    return _each(model, lambda local: replace(local, norm=nn.BatchNorm2d))


@edit
def pre_norm(model: XFormer) -> XFormer:
    """Normalise the input of attention and perceptron too."""
    return replace(model, pre_norm=ChannelNorm)


@edit
def pre_norm_only(model: XFormer) -> XFormer:
    """Normalise the input of attention and perceptron instead of the convolution's output."""
    return _each(pre_norm(model), lambda local: replace(local, norm=nn.Identity))


@edit
def positions_once(model: XFormer) -> XFormer:
    """Add learned positions to the embedding."""
    return replace(model, positions=LearnedPositions)


@edit
def positions_in_attention(model: XFormer) -> XFormer:
    """Add learned positions to the input of every attention."""
    return replace(model, mixer=Preceded(mixer=model.mixer, part=LearnedPositions))


@edit
def rotary(model: XFormer) -> XFormer:
    """Rotate queries and keys by their raster index."""
    mixer: Any = model.mixer
    if not hasattr(mixer, "positions"):
        raise ValueError(f"rotary needs queries and keys; {type(mixer).__name__} has none")
    return replace(model, mixer=replace(mixer, positions=Rotary))


@edit
def softmax_attention(model: XFormer) -> XFormer:
    """Control: attend exactly, with as many heads; no dropout on the matrix that this adds."""
    mixer: Any = model.mixer
    if not hasattr(mixer, "heads"):
        raise ValueError(f"softmax_attention needs heads; {type(mixer).__name__} has none")
    exact = Softmax(
        heads=mixer.heads,
        head_dim=mixer.head_dim,
        attention_dropout=0.0,
        dropout=getattr(mixer, "dropout", 0.0),
        positions=mixer.positions,
    )
    return replace(model, mixer=exact)


@edit
def no_conv(model: XFormer) -> XFormer:
    """Control: keep no layer's convolution; what changes the width becomes a 1x1 one."""
    return _each(model, lambda local: replace(local, conv=_pointwise))


@edit
def conv_in_alternate_layers_wide(model: XFormer) -> XFormer:
    """Control: keep the convolution of layers 1, 3, 5, and widen until no parameters are lost.

    At 37/32 of the dimension, 148 for 128, each of the paper's models is within 1 % of its base.
    """
    return replace(conv_in_alternate_layers(model), dim=model.dim * 37 // 32)


@edit
def mean_pooling(model: ViT) -> ViT:
    """Control: read the mean of all tokens, in place of a class token among them."""
    return replace(model, prefix=nn.Identity, pool=_mean_token)


@edit
def no_positions(model: CompactTransformer) -> CompactTransformer:
    """Control: learn no positions, of the class token neither."""
    prefix = TokenWithoutPosition if model.prefix is ClassToken else model.prefix
    return replace(model, positions=nn.Identity, prefix=prefix)


@settings
class Preceded:
    """A mixer behind a part."""

    mixer: Mixer
    part: Part

    def build(self, dim: int) -> nn.Module:
        """Return both for maps of ``dim`` channels."""
        return nn.Sequential(self.part(dim), self.mixer.build(dim))


def _each(model: XFormer, change: Callable[[Local], Local]) -> XFormer:
    return replace(model, local=tuple(map(change, model.local)))


def _alternate(model: XFormer, change: Callable[[Local], Local]) -> XFormer:
    cycle = model.local if len(model.local) % 2 == 0 else 2 * model.local
    return replace(model, local=tuple(change(x) if i % 2 else x for i, x in enumerate(cycle)))


def _followed(conv: Conv, part: Part, width: int, dim: int) -> nn.Module:
    return nn.Sequential(conv(width, dim), part(dim))


def _pointwise(width: int, dim: int) -> nn.Module:
    return nn.Identity() if width == dim else nn.Conv2d(width, dim, 1)


def _mean_token() -> nn.Module:
    return Reduce("b n d -> b d", "mean")


def _residual(conv: Conv, width: int, dim: int) -> nn.Module:
    return Residual(conv(width, dim)) if width == dim else conv(width, dim)
