"""ResNets for small images: torchvision's blocks behind a 3x3 stem without pooling."""

from collections import OrderedDict
from typing import Annotated

from pydantic import Field, PositiveInt
from torch import nn
from torchvision.models.resnet import BasicBlock

from cxv.layers import settings, stem_stride


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
            "pool": nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            "head": nn.Linear(widths[-1], classes),
        }
        return nn.Sequential(OrderedDict(parts))


def _stage(width: int, wider: int, blocks: int) -> nn.Module:
    stride = 1 if wider == width else 2
    shortcut = None if wider == width else _conv_norm(width, wider, 1, stride=stride)
    first = BasicBlock(width, wider, stride, shortcut)
    return nn.Sequential(first, *(BasicBlock(wider, wider) for _ in range(blocks - 1)))


def _conv_norm(width: int, wider: int, kernel: int, *, stride: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(width, wider, kernel, stride=stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(wider),
    )


RESNET18 = ResNet(blocks=(2, 2, 2, 2))
RESNET34 = ResNet(blocks=(3, 4, 6, 3))
