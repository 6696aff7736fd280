"""WaveMix's mixing: the channels of each wavelet level mixed, then brought back to full size."""

import torch
import torch.nn.functional as F
from einops import rearrange
from pydantic import PositiveInt
from torch import Tensor, nn

from cxv.networks.dropout import Dropout
from cxv.networks.layers import Probability, settings
from cxv.networks.shapes import Float


@settings
class Wavelet:
    """Settings of WaveMix's mixing.

    Table 1's parameters ask for a perceptron a level, where the released code shares one. Its
    MACs are met by neither: 2.59 G is twice what the paper's counter gives for this reading.
    """

    levels: PositiveInt = 4
    hidden: PositiveInt = 32  # of the perceptrons
    width: PositiveInt = 32  # that they return
    shared: bool = False  # one perceptron for all levels
    dropout: Probability = 0.5  # in the perceptrons

    def build(self, dim: int) -> nn.Module:
        """Return the mixer for maps of ``dim`` channels.

        Raises:
            ValueError: the levels cannot share the channels out.
        """
        if dim % self.levels:
            raise ValueError(f"dim={dim} is no multiple of levels={self.levels}")
        return WaveletMixing(dim, self)


def haar(x: Float[Tensor, "b c height width"]) -> Float[Tensor, "four b c h w"]:
    """Return the orthonormal Haar transform of even maps: low band, three high ones, half size."""
    a, b, c, d = rearrange(x, "b c (h p) (w q) -> (p q) b c h w", p=2, q=2)
    return torch.stack([a + b + c + d, a + b - c - d, a - b + c - d, a - b - c + d]) / 2


class WaveletMixing(nn.Module):
    """Pixels see each other through the levels of a Haar transform."""

    def __init__(self, dim: int, cfg: Wavelet) -> None:
        super().__init__()
        perceptrons = [_perceptron(4 * dim, cfg) for _ in range(1 if cfg.shared else cfg.levels)]
        self.perceptrons = nn.ModuleList(cfg.levels // len(perceptrons) * perceptrons)
        self.enlarge = nn.ModuleList(
            nn.ConvTranspose2d(cfg.width, dim // cfg.levels, scale + 2, stride=scale, padding=1)
            for scale in (2**level for level in range(1, cfg.levels + 1))
        )

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Mix the pixels of each image; zeros fill the map up to a multiple of the last scale."""
        h, w = x.shape[-2:]
        scale = 2 ** len(self.enlarge)
        low, mixed = F.pad(x, (0, -w % scale, 0, -h % scale)), []
        for perceptron, enlarge in zip(self.perceptrons, self.enlarge, strict=True):
            bands = haar(low)
            mixed.append(enlarge(perceptron(rearrange(bands, "k b c h w -> b (k c) h w"))))
            low = bands[0]
        return torch.cat(mixed, dim=1)[..., :h, :w]


def _perceptron(channels: int, cfg: Wavelet) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(channels, cfg.hidden, 1),
        nn.GELU(),
        Dropout(cfg.dropout),
        nn.Conv2d(cfg.hidden, cfg.width, 1),
        Dropout(cfg.dropout),
    )
