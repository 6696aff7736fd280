"""How a network keeps its feature maps for the backward pass: the same numbers in other memory."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from cxv.networks import Memory
from cxv.networks.layers import ChannelNorm, Residual, wide
from cxv.networks.mixers.heads import Heads, SplitHeads, heads_of
from cxv.networks.shapes import Float


def apply_memory_mode(memory: Memory, model: nn.Module) -> nn.Module:
    """Exchange the parts of ``model``, in place, for those of a form; return it.

    Logits and gradients stay, as do the names of parameters and buffers: weights fit every form.
    """
    exchanges = MEMORY_MODES[memory]
    for module in list(model.modules()):
        for name, child in module.named_children():
            if type(child) in exchanges:
                setattr(module, name, exchanges[type(child)](child))
    return model


def changes(memory: Memory, model: nn.Module) -> bool:
    """Tell whether a form exchanges any part of ``model``."""
    return any(type(module) in MEMORY_MODES[memory] for module in model.modules())


class UnfusedNorm(ChannelNorm):
    """Channel norm as the released code writes it, operation by operation; each keeps its map."""

    def __init__(self, norm: ChannelNorm) -> None:
        super().__init__(len(norm.gain), norm.eps)
        self.gain, self.shift = norm.gain, norm.shift

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """Normalise."""
        variance, mean = torch.var_mean(wide(x), dim=1, correction=0, keepdim=True)
        normal = (x - mean) * torch.rsqrt(variance + self.eps)
        return normal * self.gain[:, None, None] + self.shift[:, None, None]


class HeadViews(SplitHeads):
    """Heads as views of what their layer gave, which products copy as often as they need them."""

    def __init__(self, split: SplitHeads) -> None:
        super().__init__(split.heads)

    def forward(self, qkv: Float[Tensor, "b n c3"]) -> tuple[Heads, Heads, Heads]:
        """Return queries, keys and values."""
        q, k, v = heads_of(qkv, self.heads)
        return q, k, v


class CheckpointedResidual(Residual):
    """A residual whose branch runs again in the backward pass, and draws the same masks again."""

    def __init__(self, residual: Residual) -> None:
        super().__init__(residual.branch)

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Return x + branch(x); only ``x`` is kept for the backward pass."""
        contexts = partial(_contexts, self.branch)
        return x + checkpoint(self.branch, x, use_reentrant=False, context_fn=contexts)


MEMORY_MODES: Mapping[Memory, Mapping[type[nn.Module], Callable[..., nn.Module]]] = (
    MappingProxyType(
        {
            "eager": {ChannelNorm: UnfusedNorm, SplitHeads: HeadViews},
            "fused": {},
            "lean": {Residual: CheckpointedResidual},
        }
    )
)
"""What each form exchanges; ``fused`` is how models are built."""


def _contexts(
    branch: nn.Module,
) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
    return nullcontext(), _without_trace(branch)


@contextmanager
def _without_trace(branch: nn.Module) -> Iterator[None]:
    """Undo what the second run does to buffers: batch norms would average a batch twice."""
    before = [buffer.clone() for buffer in branch.buffers()]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, value in zip(branch.buffers(), before, strict=True):
                buffer.copy_(value)
