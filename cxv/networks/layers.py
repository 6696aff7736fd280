"""Parts that the networks are assembled from; none of them knows a model."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar, dataclass_transform

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from cxv.networks.dropout import Dropout
from cxv.networks.shapes import Float

Part = Callable[[int], nn.Module]  # channels -> a module that keeps them
Dense = Callable[[int, int], nn.Module]  # channels, new channels -> a linear map between them
Probability = Annotated[float, Field(ge=0, lt=1)]
T = TypeVar("T")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def settings(cls: type[T]) -> type[T]:
    """Make a frozen dataclass whose values are checked; an impossible one is a ``ValueError``."""
    config = ConfigDict(strict=True, extra="forbid", arbitrary_types_allowed=True)
    made: Any = dataclass(frozen=True, kw_only=True, config=config)(cls)
    return made


def stem_stride(image_size: int) -> int:
    """Stride of a network's first convolution: 64x64 images become 32x32 maps, as in the paper."""
    return 2 if image_size > 32 else 1  # noqa: PLR2004 - the rule itself


def map_size(image_size: int) -> int:
    """Height and width of the maps that the first convolution leaves."""
    return -(-image_size // stem_stride(image_size))


def wide(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """Return ``x`` in float32, or in float64 if it was."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def full_precision(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Run ``function`` outside autocast, its tensors ``wide``: sums of tokens overflow float16."""

    @wraps(function)
    def run(*tensors: Tensor, **numbers: int | float) -> Tensor:
        with torch.autocast(tensors[0].device.type, enabled=False):
            return function(*map(wide, tensors), **numbers)

    return run


def channels_last(model: nn.Module) -> nn.Module:
    """Lay the weights of convolutions out so that maps come with their channels last.

    A map is a list of tokens then, without a copy; norms and 1x1 convolutions read it in order.
    """
    return model.to(memory_format=torch.channels_last)


class ChannelNorm(nn.Module):
    """Layer norm over the channels of every pixel.

    Its parameters are no ``weight`` and ``bias``, so that the paper's count leaves them out. The
    kernel of ``F.layer_norm`` goes by its own name here: fvcore would count that one, where it
    passes over the hand-made norm of the released code.
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Normalise; the result is ``wide``, since squares overflow float16."""
        pixels = wide(x).movedim(1, -1)  # a contiguous view if channels come last
        made = torch.native_layer_norm(pixels, self.gain.shape, self.gain, self.shift, self.eps)
        return made[0].movedim(-1, 1)


class Pointwise(nn.Conv2d):
    """A 1x1 convolution. While training it is a linear layer of the pixels.

    That is the same, but a CPU takes half as long for its gradients. Counters of MACs, which look
    at a network in evaluation, see the convolution that it is.
    """

    def __init__(self, channels: int, out_channels: int, *, bias: bool = True) -> None:
        super().__init__(channels, out_channels, 1, bias=bias)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b out h w"]:
        """Map the channels of every pixel."""
        if not self.training:
            return super().forward(x)
        return F.linear(x.movedim(1, -1), self.weight.flatten(1), self.bias).movedim(-1, 1)


class Residual(nn.Module):
    """Add the input to the output of ``branch``; maps and tokens alike."""

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return x + branch(x)."""
        return x + self.branch(x)


class OnTokens(nn.Module):
    """A mixer of maps for tokens: they are a map one pixel wide."""

    def __init__(self, mixer: nn.Module) -> None:
        super().__init__()
        self.mixer = mixer

    def forward(self, x: Float[Tensor, "b n d"]) -> Float[Tensor, "b n d"]:
        """Mix the tokens of each image."""
        return rearrange(self.mixer(rearrange(x, "b n d -> b d n 1")), "b d n 1 -> b n d")


class ClassToken(nn.Module):
    """Prepend a learned token at a learned position: one sum, but two vectors in ViT's count."""

    def __init__(self, dim: int, deviation: float = 0.02) -> None:
        super().__init__()
        self.token = nn.Parameter(deviation * torch.randn(1, 1, dim))
        self.position = nn.Parameter(deviation * torch.randn(1, 1, dim))

    def forward(self, x: Float[Tensor, "b n d"]) -> Float[Tensor, "b n+1 d"]:
        """Return the class token, then those of ``x``."""
        token = repeat(self.token + self.position, "1 1 d -> b 1 d", b=len(x))
        return torch.cat([token, x], dim=1)


class FirstToken(nn.Module):
    """Read the class token."""

    def forward(self, x: Float[Tensor, "b n d"]) -> Float[Tensor, "b d"]:
        """Return the first token of each image."""
        return x[:, 0]


class LearnedPositions(nn.Module):
    """Add one learned vector to every pixel; other map sizes see the table interpolated."""

    def __init__(self, channels: int, size: int = 32, deviation: float = 0.02) -> None:
        super().__init__()
        self.table = nn.Parameter(deviation * torch.randn(1, channels, size, size))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Return x + table."""
        if x.shape[-2:] == self.table.shape[-2:]:
            return x + self.table
        return x + F.interpolate(self.table, x.shape[-2:], mode="bilinear", align_corners=False)


class Rotary(nn.Module):
    """Rotate pairs of features by an angle that grows with the token's raster index."""

    def __init__(self, head_dim: int, base: float = 10_000.0) -> None:
        super().__init__()
        if head_dim % 2:
            raise ValueError(f"head_dim={head_dim}: rotary positions need an even one")
        self.frequencies: Tensor
        exponents = torch.arange(0, head_dim, 2) / head_dim
        self.register_buffer("frequencies", base**-exponents, persistent=False)

    def forward(self, x: Float[Tensor, "b m n d"]) -> Float[Tensor, "b m n d"]:
        """Rotate queries or keys; lengths stay, products depend on the distance alone."""
        index = torch.arange(x.shape[-2], device=x.device)
        angle = index[:, None] * self.frequencies  # (n, d/2)
        first, second = rearrange(x, "b m n (d two) -> two b m n d", two=2)
        turned = torch.stack(
            [
                first * angle.cos() - second * angle.sin(),
                first * angle.sin() + second * angle.cos(),
            ]
        )
        return rearrange(turned, "two b m n d -> b m n (d two)")


def perceptron(width: int, hidden: int, dropout: float, dense: Dense = nn.Linear) -> nn.Module:
    """Return two ``dense`` layers, width -> hidden -> width, with GELU between."""
    return nn.Sequential(
        dense(width, hidden),
        nn.GELU(),
        Dropout(dropout),
        dense(hidden, width),
        Dropout(dropout),
    )


def feed_forward(channels: int, hidden: int, dropout: float) -> nn.Module:
    """Return the perceptron of a pixel, (b, c, h, w) -> (b, c, h, w)."""
    return perceptron(channels, hidden, dropout, Pointwise)


def pre_norm_layer(norm: Part, dim: int, mixer: nn.Module, feed: nn.Module) -> nn.Module:
    """Return x -> x + mixer(norm(x)), then x -> x + feed(norm(x)): a layer of a transformer."""
    return nn.Sequential(
        Residual(nn.Sequential(norm(dim), mixer)),
        Residual(nn.Sequential(norm(dim), feed)),
    )


def same_conv(channels: int, out_channels: int, kernel: int) -> nn.Module:
    """Return a convolution of an odd ``kernel``, which keeps the size of the map."""
    if kernel == 1:
        return Pointwise(channels, out_channels)
    return nn.Conv2d(channels, out_channels, kernel, padding=kernel // 2)


def conv3x3(channels: int, out_channels: int) -> nn.Module:
    """Return a convolution that keeps the size of the map."""
    return same_conv(channels, out_channels, 3)


def gelu(channels: int) -> nn.Module:  # noqa: ARG001 - a Part
    """Return GELU as a ``Part``."""
    return nn.GELU()


def max_pool(channels: int) -> nn.Module:  # noqa: ARG001 - a Part
    """Return the pooling of CCT's tokenizer at stride 1, which keeps the size of the map."""
    return nn.MaxPool2d(3, stride=1, padding=1)


def relu_max_pool(channels: int) -> nn.Module:
    """Return what follows every convolution of CCT's tokenizer."""
    return nn.Sequential(nn.ReLU(), max_pool(channels))
