"""MLP-Mixer: perceptrons over the tokens in turn with perceptrons over the channels."""

from collections import OrderedDict
from functools import partial

from einops.layers.torch import Rearrange, Reduce
from pydantic import PositiveInt
from torch import nn

from cxv.networks.layers import Probability, perceptron, pre_norm_layer, settings
from cxv.networks.models.stems import Patches


@settings
class MLPMixer:
    """All that defines one Mixer; its weights fit one size of image.

    Source: Tolstikhin et al., *MLP-Mixer*. The paper's text has 256 channels, but 128, as in its
    released code, give Table 1's parameters and MACs.
    """

    stem: Patches = Patches()
    dim: PositiveInt = 128
    depth: PositiveInt = 5
    expansion: PositiveInt = 2  # hidden widths, in tokens and in dims
    dropout: Probability = 0.5  # in both perceptrons

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images of ``image_size`` to (b, classes) logits."""
        tokens = self.stem.map_size(image_size) ** 2
        parts = {
            "stem": self.stem.build(self.dim, image_size),
            "tokens": Rearrange("b c h w -> b (h w) c"),
            "layers": nn.Sequential(*(self._layer(tokens) for _ in range(self.depth))),
            "norm": nn.LayerNorm(self.dim),
            "pool": Reduce("b n d -> b d", "mean"),
            "head": nn.Linear(self.dim, classes),
        }
        return nn.Sequential(OrderedDict(parts))

    def _layer(self, tokens: int) -> nn.Module:
        over_tokens = partial(nn.Conv1d, kernel_size=1)  # tokens stand where channels would
        mixer = perceptron(tokens, self.expansion * tokens, self.dropout, over_tokens)
        feed = perceptron(self.dim, self.expansion * self.dim, self.dropout)
        return pre_norm_layer(nn.LayerNorm, self.dim, mixer, feed)


MLP_MIXER = MLPMixer()
