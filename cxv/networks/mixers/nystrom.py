"""CNV's attention: the softmax matrix rebuilt from a few landmark tokens (Xiong et al.)."""

import torch
import torch.nn.functional as F
from einops import rearrange, reduce
from pydantic import PositiveInt
from torch import Tensor, nn

from cxv.networks.dropout import Dropout
from cxv.networks.layers import Part, Probability, full_precision, settings
from cxv.networks.mixers.heads import Heads, SplitHeads, join_heads
from cxv.networks.shapes import Float

Square = Float[Tensor, "b m r r"]


@settings
class Nystrom:
    """Settings of CNV's attention."""

    heads: PositiveInt
    head_dim: PositiveInt = 32
    landmarks: PositiveInt = 64
    iterations: PositiveInt = 6  # of the pseudo-inverse
    taps: PositiveInt = 33  # of the convolution over the values, along the tokens
    dropout: Probability = 0.5
    positions: Part = nn.Identity

    def __post_init__(self) -> None:
        """Refuse a convolution that would shift the tokens."""
        if self.taps % 2 == 0:
            raise ValueError(f"taps={self.taps}: an odd number keeps the tokens in place")

    def build(self, dim: int) -> nn.Module:
        """Return the mixer for maps of ``dim`` channels."""
        return NystromAttention(dim, self)


def pseudo_inverse(a: Square, *, iterations: int) -> Square:
    """Approximate the inverse of each matrix by the cubic iteration of Razavi et al.

    The start is scaled by each matrix's own norms. The released code takes the largest of the
    whole batch, which makes an image's output depend on its neighbours.
    """
    rows, columns = (a.abs().sum(dim=axis).amax(dim=-1)[..., None, None] for axis in (-1, -2))
    identity = torch.eye(a.shape[-1], dtype=a.dtype, device=a.device)
    z = a.mT / (rows * columns)
    for _ in range(iterations):
        az = a @ z
        z = z @ (13 * identity - az @ (15 * identity - az @ (7 * identity - az))) / 4
    return z


@full_precision
def nystrom_attention(q: Heads, k: Heads, v: Heads, *, landmarks: int, iterations: int) -> Heads:
    """Approximate softmax(q kᵀ / √d) v; ``landmarks`` divides the number of tokens."""
    q = q * q.shape[-1] ** -0.5
    q_mean, k_mean = (reduce(x, "b m (r s) d -> b m r d", "mean", r=landmarks) for x in (q, k))
    to_landmarks = (q @ k_mean.mT).softmax(dim=-1)  # (b, m, n, r)
    among = (q_mean @ k_mean.mT).softmax(dim=-1)  # (b, m, r, r)
    from_tokens = (q_mean @ k.mT).softmax(dim=-1)  # (b, m, r, n)
    return (to_landmarks @ pseudo_inverse(among, iterations=iterations)) @ (from_tokens @ v)


class NystromAttention(nn.Module):
    """Every pixel sees every other through ``landmarks`` means of consecutive tokens."""

    def __init__(self, dim: int, cfg: Nystrom) -> None:
        super().__init__()
        inner = cfg.heads * cfg.head_dim
        self.landmarks, self.iterations = cfg.landmarks, cfg.iterations
        self.to_qkv = nn.Linear(dim, 3 * inner, bias=False)
        self.split = SplitHeads(cfg.heads)
        self.positions = cfg.positions(cfg.head_dim)
        self.neighbours = nn.Conv2d(
            cfg.heads,
            cfg.heads,
            (cfg.taps, 1),
            padding=(cfg.taps // 2, 0),
            groups=cfg.heads,
            bias=False,
        )
        self.to_out = nn.Sequential(nn.Linear(inner, dim), Dropout(cfg.dropout))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Mix the pixels of each image; zero tokens in front fill up the last landmark."""
        h, w = x.shape[-2:]
        tokens = rearrange(x, "b c h w -> b (h w) c")
        tokens = F.pad(tokens, (0, 0, -(h * w) % self.landmarks, 0))
        q, k, v = self.split(self.to_qkv(tokens))
        q, k = self.positions(q), self.positions(k)
        out = nystrom_attention(q, k, v, landmarks=self.landmarks, iterations=self.iterations)
        out = self.to_out(join_heads(out + self.neighbours(v)))
        return rearrange(out[:, -h * w :], "b (h w) c -> b c h w", h=h)
