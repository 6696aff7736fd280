"""Parts that the networks are assembled from; none of them knows a model."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar, dataclass_transform

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

Part = Callable[[int], nn.Module]  # channels -> a module that keeps them
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


class ChannelNorm(nn.Module):
    """Layer norm over the channels of every pixel.

    Its parameters are no ``weight`` and ``bias``, so that the paper's count leaves them out.
    """

    def __init__(self, channels: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.gain = nn.Parameter(torch.ones(channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Normalise; the result is ``wide``, since squares overflow float16."""
        variance, mean = torch.var_mean(wide(x), dim=1, correction=0, keepdim=True)
        return (x - mean) * torch.rsqrt(variance + self.eps) * self.gain + self.shift


class Residual(nn.Module):
    """Add the input to the output of ``branch``."""

    def __init__(self, branch: nn.Module) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Return x + branch(x)."""
        return x + self.branch(x)


class LearnedPositions(nn.Module):
    """Add one learned vector to every pixel; other map sizes see the table interpolated."""

    def __init__(self, channels: int, size: int = 32) -> None:
        super().__init__()
        self.table = nn.Parameter(0.02 * torch.randn(1, channels, size, size))

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


def feed_forward(channels: int, hidden: int, dropout: float) -> nn.Module:
    """Return the two-layer perceptron of a pixel, (b, c, h, w) -> (b, c, h, w)."""
    return nn.Sequential(
        nn.Conv2d(channels, hidden, 1),
        nn.GELU(),
        nn.Dropout(dropout),
        nn.Conv2d(hidden, channels, 1),
        nn.Dropout(dropout),
    )


def conv3x3(channels: int, out_channels: int) -> nn.Module:
    """Return a convolution that keeps the size of the map."""
    return nn.Conv2d(channels, out_channels, 3, padding=1)


def gelu(channels: int) -> nn.Module:  # noqa: ARG001 - a Part
    """Return GELU as a ``Part``."""
    return nn.GELU()


def max_pool(channels: int) -> nn.Module:  # noqa: ARG001 - a Part
    """Return the pooling of CCT's tokenizer at stride 1, which keeps the size of the map."""
    return nn.MaxPool2d(3, stride=1, padding=1)
