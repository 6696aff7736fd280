"""FNet's mixing: no weights at all (Lee-Thorp et al.)."""

import torch
from einops import rearrange
from torch import Tensor, nn

from cxv.networks.layers import full_precision, settings
from cxv.networks.shapes import Float


@settings
class Fourier:
    """Settings of FNet's mixing: there are none."""

    def build(self, dim: int) -> nn.Module:  # noqa: ARG002 - a Mixer
        """Return the mixer for maps of any number of channels."""
        return FourierMixing()


@full_precision
def fourier(x: Float[Tensor, "b n d"]) -> Float[Tensor, "b n d"]:
    """Return the real part of the discrete Fourier transform over tokens and channels.

    Unscaled, as published: values grow by sqrt(n d), which float16 would not hold.
    """
    return torch.fft.fft2(x).real


class FourierMixing(nn.Module):
    """Every pixel sees every other, with the weights of a Fourier transform."""

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Mix the pixels of each image, and their channels."""
        h = x.shape[-2]
        mixed = fourier(rearrange(x, "b c h w -> b (h w) c"))
        return rearrange(mixed, "b (h w) c -> b c h w", h=h)
