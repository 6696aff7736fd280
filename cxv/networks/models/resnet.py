"""ResNets for small images: basic blocks behind a 3x3 stem without pooling."""

from collections import OrderedDict
from typing import Annotated

import torch.nn.functional as F
from einops.layers.torch import Reduce
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from cxv.networks.layers import settings, stem_stride
from cxv.networks.shapes import Float


@settings
class ResNet:
    """Basic blocks per stage; from stage to stage the width doubles and the map halves."""

    blocks: Annotated[tuple[PositiveInt, ...], Field(min_length=1)]
    width: PositiveInt = 64  # of the first stage

    def build(self, classes: int, image_size: int) -> nn.Module:
        """Return a network mapping (b, 3, h, w) images to (b, classes) logits."""
        widths = [self.width << stage for stage in range(len(self.blocks))]
        stages = map(_stage, [self.width, *widths], widths, self.blocks)
        parts = {
            "stem": _conv_norm(3, self.width, 3, stride=stem_stride(image_size)),
            "relu": nn.ReLU(inplace=True),
            "stages": nn.Sequential(*stages),
            "pool": Reduce("b c h w -> b c", "mean"),
            "head": nn.Linear(widths[-1], classes),
        }
        return nn.Sequential(OrderedDict(parts))


class BasicBlock(nn.Module):
    """Two convolutions and a shortcut; where the width grows, the map halves.

    Source: He et al., *Deep residual learning for image recognition*, fig. 5 and option B. Not
    torchvision's: importing that takes longer than to plan the whole grid.
    """

    def __init__(self, width: int, wider: int) -> None:
        super().__init__()
        grows = wider != width
        stride = 2 if grows else 1
        self.shortcut = _conv_norm(width, wider, 1, stride=stride) if grows else nn.Identity()
        self.branch = nn.Sequential(
            _conv_norm(width, wider, 3, stride=stride),
            nn.ReLU(inplace=True),
            _conv_norm(wider, wider, 3, stride=1),
        )

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b wider h2 w2"]:
        """Return relu(branch(x) + shortcut(x))."""
        return F.relu(self.branch(x) + self.shortcut(x))


def _stage(width: int, wider: int, blocks: int) -> nn.Module:
    return nn.Sequential(*(BasicBlock(w, wider) for w in [width, *[wider] * (blocks - 1)]))


def _conv_norm(width: int, wider: int, kernel: int, *, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(width, wider, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(wider),
    )


RESNET18 = ResNet(blocks=(2, 2, 2, 2))
RESNET34 = ResNet(blocks=(3, 4, 6, 3))
