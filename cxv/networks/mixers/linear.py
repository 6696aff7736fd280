"""CLTV's linear attention: no n x n matrix ever exists."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import torch.nn.functional as F
from einops import rearrange
from pydantic import PositiveInt
from torch import Tensor, nn

from cxv.networks.layers import Part, full_precision, same_conv, settings
from cxv.networks.mixers.heads import Heads, SplitHeads, join_heads
from cxv.networks.shapes import Float

Features = Float[Tensor, "b m n f"]


@settings
class Linear:
    """Settings of CLTV's attention.

    The paper cites Katharopoulos et al. (``elu``); the released code is the efficient attention
    of Shen et al. (``softmax``), which is followed. Weights and cost are the same.
    """

    heads: PositiveInt
    head_dim: PositiveInt = 32
    kernel: Literal["softmax", "elu"] = "softmax"
    projection: PositiveInt = 1  # pixels a side that queries, keys, values and the output see
    positions: Part = nn.Identity

    def __post_init__(self) -> None:
        """Refuse a projection that would change the size of the map."""
        if self.projection % 2 == 0:
            raise ValueError(f"projection={self.projection}: an odd number keeps the map's size")

    def build(self, dim: int) -> nn.Module:
        """Return the mixer for maps of ``dim`` channels."""
        return LinearAttention(dim, self)


def contract(q: Features, k: Features, v: Heads) -> Heads:
    """Return (q kᵀ) v as q (kᵀ v): O(n) in the n tokens."""
    return q @ (k.mT @ v)


def kernel_attention(q: Features, k: Features, v: Heads) -> Heads:
    """Return the mean of ``v`` under the positive weights q kᵀ."""
    return contract(q, k, v) / (q @ k.sum(dim=-2, keepdim=True).mT)


@full_precision
def softmax_attention(q: Heads, k: Heads, v: Heads) -> Heads:
    """Softmax over the features of q and the tokens of k; the weights then sum to one."""
    scale = q.shape[-1] ** -0.25
    return contract((q * scale).softmax(dim=-1), (k * scale).softmax(dim=-2), v)


@full_precision
def elu_attention(q: Heads, k: Heads, v: Heads) -> Heads:
    """Kernel elu(x) + 1 of Katharopoulos et al., kept from an exact zero by their 1e-6."""
    q, k = (F.elu(x) + 1 + 1e-6 for x in (q, k))
    return kernel_attention(q, k, v)


KERNELS: Mapping[str, Callable[..., Tensor]] = MappingProxyType(
    {"softmax": softmax_attention, "elu": elu_attention}
)


class LinearAttention(nn.Module):
    """Every pixel sees every other through a d x d summary of the image."""

    def __init__(self, dim: int, cfg: Linear) -> None:
        super().__init__()
        inner = cfg.heads * cfg.head_dim
        self.attend = KERNELS[cfg.kernel]
        self.to_qkv = same_conv(dim, 3 * inner, cfg.projection)
        self.split = SplitHeads(cfg.heads)
        self.positions = cfg.positions(cfg.head_dim)
        self.to_out = same_conv(inner, dim, cfg.projection)

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Mix the pixels of each image."""
        h = x.shape[-2]
        q, k, v = self.split(rearrange(self.to_qkv(x), "b c h w -> b (h w) c"))
        out = join_heads(self.attend(self.positions(q), self.positions(k), v))
        return self.to_out(rearrange(out, "b (h w) c -> b c h w", h=h))
