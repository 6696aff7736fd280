"""Token mixers: settings that build a module keeping the shape (b, dim, h, w), for any h and w."""

from typing import Protocol, runtime_checkable

from torch import nn


@runtime_checkable
class Mixer(Protocol):
    """Settings of one attention mechanism."""

    def build(self, dim: int) -> nn.Module:
        """Return the module for maps of ``dim`` channels."""
        ...
