"""CPV's attention: positive random features in place of the softmax (Choromanski et al.)."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import torch
from einops import rearrange
from pydantic import PositiveInt
from torch import Tensor, nn

from cxv.networks.dropout import Dropout
from cxv.networks.layers import Part, Probability, full_precision, settings
from cxv.networks.mixers.heads import Heads, SplitHeads, join_heads
from cxv.networks.mixers.linear import Features, kernel_attention
from cxv.networks.shapes import Float

Projection = Float[Tensor, "f d"]


@settings
class Performer:
    """Settings of CPV's attention.

    The paper names the ReLU kernel; the released code ran ``softmax``.
    """

    heads: PositiveInt
    head_dim: PositiveInt = 32
    features: PositiveInt = 110  # int(32 ln 32)
    kernel: Literal["relu", "softmax"] = "relu"
    dropout: Probability = 0.5
    positions: Part = nn.Identity

    def build(self, dim: int) -> nn.Module:
        """Return the mixer for maps of ``dim`` channels; its projection takes torch's RNG."""
        return PerformerAttention(dim, self)


def orthogonal_projection(features: int, head_dim: int) -> Projection:
    """Draw rows that are orthogonal in blocks of ``head_dim``, as long as Gaussian rows are.

    Torch's initialiser corrects the signs of the QR decomposition, unlike the released code:
    without it the directions are not uniform and the softmax kernel is biased.
    """
    blocks = -(-features // head_dim)
    rows = [nn.init.orthogonal_(torch.empty(head_dim, head_dim)) for _ in range(blocks)]
    lengths = torch.randn(features, head_dim).norm(dim=1, keepdim=True)
    return lengths * torch.cat(rows)[:features]


@full_precision
def relu_attention(q: Heads, k: Heads, v: Heads, projection: Projection) -> Heads:
    """Kernel of the paper: phi(x) = relu(W x) + 0.001."""
    q, k = (_project(x, projection).clamp_min(0).add_(1e-3) for x in (q, k))
    return kernel_attention(q, k, v)


@full_precision
def softmax_attention(q: Heads, k: Heads, v: Heads, projection: Projection) -> Heads:
    """Kernel FAVOR+, whose expectation is softmax attention.

    Exponents are shifted for range, queries by row and keys by head, never across images: either
    shift leaves the quotient, up to the 1e-4 that keeps it finite.
    """
    q, k = (_project(x, projection) - _half_square(x) for x in (q, k))
    q = (q - q.detach().amax(dim=-1, keepdim=True)).exp() + 1e-4
    k = (k - k.detach().amax(dim=(-2, -1), keepdim=True)).exp() + 1e-4
    return kernel_attention(q, k, v)


def _project(x: Heads, projection: Projection) -> Features:
    return x @ (projection * x.shape[-1] ** -0.25).mT


def _half_square(x: Heads) -> Float[Tensor, "b m n 1"]:
    return x.square().sum(dim=-1, keepdim=True) / (2 * x.shape[-1] ** 0.5)


KERNELS: Mapping[str, Callable[..., Tensor]] = MappingProxyType(
    {"relu": relu_attention, "softmax": softmax_attention}
)


class PerformerAttention(nn.Module):
    """Every pixel sees every other through ``features`` random features, drawn once."""

    def __init__(self, dim: int, cfg: Performer) -> None:
        super().__init__()
        inner = cfg.heads * cfg.head_dim
        self.attend = KERNELS[cfg.kernel]
        self.to_qkv = nn.Linear(dim, 3 * inner)
        self.split = SplitHeads(cfg.heads)
        self.positions = cfg.positions(cfg.head_dim)
        self.projection: Tensor
        self.register_buffer("projection", orthogonal_projection(cfg.features, cfg.head_dim))
        self.to_out = nn.Sequential(nn.Linear(inner, dim), Dropout(cfg.dropout))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Mix the pixels of each image."""
        h = x.shape[-2]
        tokens = rearrange(x, "b c h w -> b (h w) c")
        q, k, v = self.split(self.to_qkv(tokens))
        out = self.attend(self.positions(q), self.positions(k), v, self.projection)
        return rearrange(self.to_out(join_heads(out)), "b (h w) c -> b c h w", h=h)
