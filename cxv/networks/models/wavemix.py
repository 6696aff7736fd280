"""WaveMix: wavelet levels in place of attention."""

from collections import OrderedDict

from einops.layers.torch import Reduce
from pydantic import PositiveInt
from torch import nn

from cxv.networks.layers import Residual, settings
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.wavelet import Wavelet
from cxv.networks.models.stems import Stem


@settings
class WaveMix:
    """All that defines one WaveMix. Source: Jeevan and Sethi, *WaveMix*."""

    mixer: Mixer = Wavelet()
    dim: PositiveInt = 64
    depth: PositiveInt = 5
    stem: Stem = Stem()

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        parts = {
            "stem": self.stem.build(self.dim, image_size),
            "layers": nn.Sequential(*(Residual(self._layer()) for _ in range(self.depth))),
            "pool": Reduce("b c h w -> b c", "mean"),
            "head": nn.Linear(self.dim, classes),
        }
        return nn.Sequential(OrderedDict(parts))

    def _layer(self) -> nn.Module:
        return nn.Sequential(
            self.mixer.build(self.dim),
            nn.Conv2d(self.dim, self.dim, 5, padding=2, groups=self.dim),
            nn.GELU(),
            nn.BatchNorm2d(self.dim),
        )


WAVEMIX = WaveMix()
