"""ConvMixer: large depthwise convolutions in turn with pointwise ones."""

from collections import OrderedDict

from einops.layers.torch import Reduce
from pydantic import PositiveInt
from torch import nn

from cxv.networks.layers import Residual, settings, stem_stride


@settings
class ConvMixer:
    """All that defines one ConvMixer. Source: Trockman and Kolter, *Patches are all you need?*."""

    dim: PositiveInt = 256
    depth: PositiveInt = 16
    kernel: PositiveInt = 8  # pixels
    patch: PositiveInt = 1  # pixels a side, twice as many beyond 32

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        patch = self.patch * stem_stride(image_size)
        parts = {
            "stem": _activated(nn.Conv2d(3, self.dim, patch, stride=patch)),
            "layers": nn.Sequential(*(self._layer() for _ in range(self.depth))),
            "pool": Reduce("b c h w -> b c", "mean"),
            "head": nn.Linear(self.dim, classes),
        }
        return nn.Sequential(OrderedDict(parts))

    def _layer(self) -> nn.Module:
        pad = (self.kernel - 1) // 2
        more = self.kernel // 2 - pad  # after the map, for an even kernel
        return nn.Sequential(
            Residual(
                nn.Sequential(
                    nn.ZeroPad2d((0, more, 0, more)),  # padding="same" is not counted
                    _activated(
                        nn.Conv2d(self.dim, self.dim, self.kernel, padding=pad, groups=self.dim)
                    ),
                )
            ),
            _activated(nn.Conv2d(self.dim, self.dim, 1)),
        )


def _activated(conv: nn.Conv2d) -> nn.Module:
    return nn.Sequential(conv, nn.GELU(), nn.BatchNorm2d(conv.out_channels))


CONVMIXER = ConvMixer()
