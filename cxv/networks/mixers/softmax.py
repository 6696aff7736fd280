"""Softmax attention, quadratic in the tokens: what the linear mixers stand in for.

Products are explicit: PyTorch's fused attention is invisible to the counters of MACs.
"""

from einops import rearrange
from pydantic import PositiveInt
from torch import Tensor, nn

from cxv.networks.dropout import Dropout, drop
from cxv.networks.layers import Part, Pointwise, Probability, full_precision, settings
from cxv.networks.mixers.heads import Heads, SplitHeads, join_heads
from cxv.networks.shapes import Float


@settings
class Softmax:
    """Settings of ViT's and CCT's attention.

    The paper's dropout falls on the attention matrix too: the memory that Table 1 prints for ViT
    and CvT is only reached if that matrix is kept a second time, with its mask.
    """

    heads: PositiveInt
    head_dim: PositiveInt = 32
    attention_dropout: Probability = 0.5  # on the matrix
    dropout: Probability = 0.5  # on the output
    positions: Part = nn.Identity

    def build(self, dim: int) -> nn.Module:
        """Return the mixer for maps of ``dim`` channels."""
        return SoftmaxAttention(dim, self)


@settings
class ConvSoftmax:
    """Settings of CvT's attention: queries, keys and values each see a neighbourhood."""

    heads: PositiveInt
    head_dim: PositiveInt = 64
    kernel: PositiveInt = 3
    attention_dropout: Probability = 0.5  # on the matrix, see ``Softmax``
    dropout: Probability = 0.5  # on the output

    def __post_init__(self) -> None:
        """Refuse a convolution that would change the size of the map."""
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel={self.kernel}: an odd number keeps the size of the map")

    def build(self, dim: int) -> nn.Module:
        """Return the mixer for maps of ``dim`` channels."""
        return ConvSoftmaxAttention(dim, self)


@full_precision
def attention(q: Heads, k: Heads, v: Heads, *, dropout: float) -> Heads:
    """Return softmax(q kᵀ / √d) v, each weight kept with probability 1 - dropout."""
    weights = (q * q.shape[-1] ** -0.5 @ k.mT).softmax(dim=-1)  # (b, m, n, n)
    return drop(weights, dropout) @ v


class SoftmaxAttention(nn.Module):
    """Every pixel sees every other."""

    def __init__(self, dim: int, cfg: Softmax) -> None:
        super().__init__()
        inner = cfg.heads * cfg.head_dim
        self.dropout = cfg.attention_dropout
        self.to_qkv = nn.Linear(dim, 3 * inner, bias=False)
        self.split = SplitHeads(cfg.heads)
        self.positions = cfg.positions(cfg.head_dim)
        self.to_out = nn.Sequential(nn.Linear(inner, dim), Dropout(cfg.dropout))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Mix the pixels of each image."""
        h = x.shape[-2]
        tokens = rearrange(x, "b c h w -> b (h w) c")
        q, k, v = self.split(self.to_qkv(tokens))
        dropout = self.dropout if self.training else 0.0
        out = attention(self.positions(q), self.positions(k), v, dropout=dropout)
        return rearrange(self.to_out(join_heads(out)), "b (h w) c -> b c h w", h=h)


class ConvSoftmaxAttention(nn.Module):
    """Every neighbourhood sees every other."""

    def __init__(self, dim: int, cfg: ConvSoftmax) -> None:
        super().__init__()
        inner = cfg.heads * cfg.head_dim
        self.heads, self.dropout = cfg.heads, cfg.attention_dropout
        self.to_q = _projection(dim, inner, cfg.kernel)
        self.to_kv = _projection(dim, 2 * inner, cfg.kernel)
        self.to_out = nn.Sequential(Pointwise(inner, dim), Dropout(cfg.dropout))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Mix the pixels of each image."""
        h = x.shape[-2]
        q = rearrange(self.to_q(x), "b (m d) h w -> b m (h w) d", m=self.heads)
        k, v = rearrange(self.to_kv(x), "b (t m d) h w -> t b m (h w) d", t=2, m=self.heads)
        out = attention(q, k, v, dropout=self.dropout if self.training else 0.0)
        return self.to_out(rearrange(out, "b m (h w) d -> b (m d) h w", h=h))


def _projection(dim: int, inner: int, kernel: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(dim, dim, kernel, padding=kernel // 2, groups=dim, bias=False),
        nn.BatchNorm2d(dim),
        Pointwise(dim, inner, bias=False),
    )
