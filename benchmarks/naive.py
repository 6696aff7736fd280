"""CNV, CLTV and CPV as the paper reads, written without a thought of speed: our own baseline.

Maps are channels-first; around every attention einops makes tokens of them and maps again.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
import torch.nn.functional as F
from einops import rearrange, reduce
from torch import Tensor, einsum, nn

DIM, HEADS, HEAD_DIM = 128, 4, 32
SEPARATE = re.compile(r"\.to_([qkv])\.")


class ChannelNorm(nn.Module):
    """Layer norm over the channels of every pixel, by its formula."""

    def __init__(self, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps
        self.g = nn.Parameter(torch.ones(1, DIM, 1, 1))
        self.b = nn.Parameter(torch.zeros(1, DIM, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (b, c, h, w)."""
        mean = x.mean(1, keepdim=True)
        std = x.var(1, unbiased=False, keepdim=True).sqrt()
        return (x - mean) / (std + self.eps) * self.g + self.b


class NystromAttention(nn.Module):
    """CNV's attention."""

    def __init__(self, landmarks: int = 64, iterations: int = 6, taps: int = 33) -> None:
        super().__init__()
        self.landmarks, self.iterations = landmarks, iterations
        self.to_q = nn.Linear(DIM, HEADS * HEAD_DIM, bias=False)
        self.to_k = nn.Linear(DIM, HEADS * HEAD_DIM, bias=False)
        self.to_v = nn.Linear(DIM, HEADS * HEAD_DIM, bias=False)
        self.conv = nn.Conv2d(
            HEADS, HEADS, (taps, 1), padding=(taps // 2, 0), groups=HEADS, bias=False
        )
        self.to_out = nn.Linear(HEADS * HEAD_DIM, DIM)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Mix the pixels of (b, c, h, w); zero tokens in front fill up the last landmark."""
        h, w = x.shape[-2:]
        x = rearrange(x, "b c h w -> b (h w) c")
        x = F.pad(x, (0, 0, -(h * w) % self.landmarks, 0))
        q, k, v = (split_heads(to(x)) for to in (self.to_q, self.to_k, self.to_v))
        q = q * HEAD_DIM**-0.5
        q_mean = reduce(q, "b m (r s) d -> b m r d", "mean", r=self.landmarks)
        k_mean = reduce(k, "b m (r s) d -> b m r d", "mean", r=self.landmarks)
        to_landmarks = einsum("bmnd,bmrd->bmnr", q, k_mean).softmax(dim=-1)
        among = einsum("bmqd,bmrd->bmqr", q_mean, k_mean).softmax(dim=-1)
        from_tokens = einsum("bmrd,bmnd->bmrn", q_mean, k).softmax(dim=-1)
        left = einsum("bmnq,bmqr->bmnr", to_landmarks, self.inverse(among))
        out = einsum("bmnr,bmrd->bmnd", left, einsum("bmrn,bmnd->bmrd", from_tokens, v))
        out = self.dropout(self.to_out(join_heads(out + self.conv(v))))
        return rearrange(out[:, -h * w :], "b (h w) c -> b c h w", h=h)

    def inverse(self, a: Tensor) -> Tensor:
        """Approximate the inverse of each matrix by iteration."""
        identity = torch.eye(a.shape[-1], device=a.device)
        rows, columns = a.abs().sum(dim=-1), a.abs().sum(dim=-2)
        z = a.transpose(-1, -2) / (rows.amax(dim=-1) * columns.amax(dim=-1))[..., None, None]
        for _ in range(self.iterations):
            az = a @ z
            z = 0.25 * z @ (13 * identity - az @ (15 * identity - az @ (7 * identity - az)))
        return z


class PerformerAttention(nn.Module):
    """CPV's attention, under the ReLU kernel."""

    def __init__(self, features: int = 110) -> None:
        super().__init__()
        self.to_q = nn.Linear(DIM, HEADS * HEAD_DIM)
        self.to_k = nn.Linear(DIM, HEADS * HEAD_DIM)
        self.to_v = nn.Linear(DIM, HEADS * HEAD_DIM)
        blocks = [torch.linalg.qr(torch.randn(HEAD_DIM, HEAD_DIM))[0] for _ in range(4)]
        lengths = torch.randn(features, HEAD_DIM).norm(dim=1, keepdim=True)
        self.register_buffer("projection", lengths * torch.cat(blocks)[:features])
        self.to_out = nn.Linear(HEADS * HEAD_DIM, DIM)
        self.dropout = nn.Dropout(0.5)

    def features(self, x: Tensor) -> Tensor:
        """Return the random features of queries or keys."""
        x = x * HEAD_DIM**-0.25
        return F.relu(einsum("bmnd,fd->bmnf", x, self.projection)) + 1e-3

    def forward(self, x: Tensor) -> Tensor:
        """Mix the pixels of (b, c, h, w)."""
        h = x.shape[-2]
        x = rearrange(x, "b c h w -> b (h w) c")
        q, k, v = (split_heads(to(x)) for to in (self.to_q, self.to_k, self.to_v))
        q, k = self.features(q), self.features(k)
        context = einsum("bmnf,bmnd->bmfd", k, v)
        total = einsum("bmnf,bmf->bmn", q, k.sum(dim=-2))
        out = einsum("bmnf,bmfd->bmnd", q, context) / total[..., None]
        out = self.dropout(self.to_out(join_heads(out)))
        return rearrange(out, "b (h w) c -> b c h w", h=h)


class LinearAttention(nn.Module):
    """CLTV's attention, of maps."""

    def __init__(self) -> None:
        super().__init__()
        self.to_q = nn.Conv2d(DIM, HEADS * HEAD_DIM, 1)
        self.to_k = nn.Conv2d(DIM, HEADS * HEAD_DIM, 1)
        self.to_v = nn.Conv2d(DIM, HEADS * HEAD_DIM, 1)
        self.to_out = nn.Conv2d(HEADS * HEAD_DIM, DIM, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Mix the pixels of (b, c, h, w)."""
        h = x.shape[-2]
        q, k, v = (
            rearrange(to(x), "b (m d) h w -> b m d (h w)", m=HEADS)
            for to in (self.to_q, self.to_k, self.to_v)
        )
        q, k = q * HEAD_DIM**-0.25, k * HEAD_DIM**-0.25
        q, k = q.softmax(dim=-2), k.softmax(dim=-1)
        context = einsum("bmdn,bmen->bmde", k, v)
        out = einsum("bmde,bmdn->bmen", context, q)
        return self.to_out(rearrange(out, "b m e (h w) -> b (m e) h w", h=h))


def split_heads(x: Tensor) -> Tensor:
    """Return tokens (b, n, c) as heads (b, m, n, d)."""
    return rearrange(x, "b n (m d) -> b m n d", m=HEADS)


def join_heads(x: Tensor) -> Tensor:
    """Return heads (b, m, n, d) as tokens (b, n, c)."""
    return rearrange(x, "b m n d -> b n (m d)")


class Layer(nn.Module):
    """Convolution, norm, attention, perceptron."""

    def __init__(self, width: int, attention: nn.Module) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, DIM, 3, padding=1)
        self.norm = ChannelNorm()
        self.attention = attention
        self.perceptron = nn.Sequential(
            nn.Conv2d(DIM, 2 * DIM, 1),
            nn.GELU(),
            nn.Dropout(0.5),
            nn.Conv2d(2 * DIM, DIM, 1),
            nn.Dropout(0.5),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (b, width, h, w) -> (b, c, h, w)."""
        x = self.norm(self.conv(x))
        x = x + self.attention(x)
        return x + self.perceptron(x)


ATTENTION: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {"cnv": NystromAttention, "cltv": LinearAttention, "cpv": PerformerAttention}
)


def create_model(name: str, classes: int = 10) -> nn.Module:
    """Return the network that ``cxv.create_model`` calls ``name``, for images up to 32x32."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1),
        nn.Conv2d(32, 64, 3, padding=1),
        *(Layer(width, ATTENTION[name]()) for width in (64, DIM, DIM, DIM, DIM)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(DIM, classes),
    )


@torch.no_grad()
def copy_weights(joint: nn.Module, naive: nn.Module) -> None:
    """Give ``naive`` the weights of our network, whose q, k and v are one layer.

    Raises:
        ValueError: the networks have other layers than each other.
    """
    layers = dict.fromkeys(SEPARATE.sub(".to_qkv.", name) for name in naive.state_dict())
    source = dict(zip(layers, joint.state_dict().values(), strict=True))
    for name, value in naive.state_dict().items():
        tensor = source[SEPARATE.sub(".to_qkv.", name)]
        part = SEPARATE.search(name)
        value.copy_((tensor.chunk(3)["qkv".index(part[1])] if part else tensor).view_as(value))
