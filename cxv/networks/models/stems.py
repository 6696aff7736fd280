"""Stems: settings of what turns images into maps. Beyond 32 pixels they halve the image."""

from itertools import chain, pairwise, repeat

from einops.layers.torch import Rearrange
from pydantic import NonNegativeInt, PositiveInt
from torch import nn

from cxv.networks.layers import Part, map_size, settings, stem_stride


@settings
class Stem:
    """Convolutions whose widths double up to the last one, (32, 64) for 64."""

    depth: PositiveInt = 2
    extra: NonNegativeInt = 0  # convolutions more at the first width
    padding: NonNegativeInt = 1
    bias: bool = True
    after: Part = nn.Identity  # every convolution
    between: Part = nn.Identity  # two convolutions

    def build(self, width: int, image_size: int) -> nn.Module:
        """Return (b, 3, h, w) images -> (b, width, h, w) maps, less without padding.

        Raises:
            ValueError: the first convolution would have no channels.
        """
        first = width >> (self.depth - 1)
        if first == 0:
            raise ValueError(f"width={width} cannot be halved depth-1={self.depth - 1} times")
        doubling = (width >> halvings for halvings in range(self.depth - 1, -1, -1))
        widths = (3, *repeat(first, self.extra), *doubling)
        strides = chain([stem_stride(image_size)], repeat(1))
        before = chain([nn.Identity], repeat(self.between))
        convs = [
            nn.Sequential(
                part(width),
                nn.Conv2d(width, wider, 3, step, self.padding, bias=self.bias),
                self.after(wider),
            )
            for (width, wider), step, part in zip(pairwise(widths), strides, before, strict=False)
        ]
        return nn.Sequential(*convs)

    def map_size(self, image_size: int) -> int:
        """Return the height and width of the maps, with padding."""
        return map_size(image_size)


@settings
class Patches:
    """One linear layer on patches of a pixel, of 2x2 beyond 32 pixels."""

    patch: PositiveInt = 1  # pixels a side, twice as many beyond 32

    def build(self, width: int, image_size: int) -> nn.Module:
        """Return (b, 3, h, w) images -> (b, width, h, w) maps.

        Raises:
            ValueError: patches do not cover the image.
        """
        patch = self.patch * stem_stride(image_size)
        if image_size % patch:
            raise ValueError(f"image_size={image_size}: patches of {patch} pixels do not cover it")
        return nn.Sequential(
            Rearrange("b c (h p) (w q) -> b h w (p q c)", p=patch, q=patch),
            nn.Linear(3 * patch**2, width),
            Rearrange("b h w c -> b c h w"),
        )

    def map_size(self, image_size: int) -> int:
        """Return the height and width of the maps."""
        return map_size(image_size) // self.patch


@settings
class PatchConvolution:
    """One convolution of patches that do not overlap, with bias."""

    patch: PositiveInt = 4  # pixels a side, twice as many beyond 32

    def build(self, width: int, image_size: int) -> nn.Module:
        """Return (b, 3, h, w) images -> (b, width, h / patch, w / patch) maps.

        Raises:
            ValueError: patches do not cover the image.
        """
        patch = self.patch * stem_stride(image_size)
        if image_size % patch:
            raise ValueError(f"image_size={image_size}: patches of {patch} pixels do not cover it")
        return nn.Conv2d(3, width, patch, patch)

    def map_size(self, image_size: int) -> int:
        """Return the height and width of the maps."""
        return map_size(image_size) // self.patch


@settings
class PooledStem:
    """3x3 convolutions without bias; ReLU and a max-pooling after each halve the map."""

    depth: PositiveInt = 1
    width: PositiveInt = 64  # of all convolutions but the last

    def build(self, width: int, image_size: int) -> nn.Module:
        """Return (b, 3, h, w) images -> (b, width, h / 2**depth, w / 2**depth) maps, rounded up."""
        widths = (3, *repeat(self.width, self.depth - 1), width)
        strides = chain([stem_stride(image_size)], repeat(1))
        steps = [
            nn.Sequential(
                nn.Conv2d(width, wider, 3, step, padding=1, bias=False),
                nn.ReLU(),
                nn.MaxPool2d(3, stride=2, padding=1),
            )
            for (width, wider), step in zip(pairwise(widths), strides, strict=False)
        ]
        return nn.Sequential(*steps)

    def map_size(self, image_size: int) -> int:
        """Return the height and width of the maps."""
        return -(-map_size(image_size) // 2**self.depth)
