"""Tokens as the heads of an attention see them."""

from collections.abc import Iterator

from einops import rearrange
from torch import Tensor, nn

from cxv.networks.shapes import Float

Heads = Float[Tensor, "b m n d"]


class SplitHeads(nn.Module):
    """What one layer gave for every token, as queries, keys and values.

    Each is contiguous in memory: else every product with them would copy them first.
    """

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads

    def forward(self, qkv: Float[Tensor, "b n c3"]) -> tuple[Heads, Heads, Heads]:
        """Return queries, keys and values."""
        q, k, v = (x.contiguous() for x in heads_of(qkv, self.heads))
        return q, k, v


def heads_of(qkv: Float[Tensor, "b n c3"], heads: int) -> Iterator[Heads]:
    """Yield views of queries, keys and values."""
    for x in qkv.chunk(3, dim=-1):
        yield rearrange(x, "b n (m d) -> b m n d", m=heads)


def join_heads(x: Heads) -> Float[Tensor, "b n c"]:
    """Return every token as one vector."""
    return rearrange(x, "b m n d -> b n (m d)")
