"""DualOpT: which optimizer a phase uses, and when the phase is over."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import torch
from torch import nn

from cxv.spec import SGD, AdamW

OPTIMIZERS: Mapping[str, type[torch.optim.Optimizer]] = MappingProxyType(
    {"AdamW": torch.optim.AdamW, "SGD": torch.optim.SGD}
)


def optimizer(settings: AdamW | SGD, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return a fresh optimizer: no phase inherits another's moments (paper sec. 3.6)."""
    arguments = settings.model_dump(exclude={"name"})
    return OPTIMIZERS[settings.name](parameters, **arguments)


def has_plateaued(top1: Sequence[float], patience: int) -> bool:
    """Tell whether the last ``patience`` epochs brought no better top-1 than those before.

    Args:
        top1: of every epoch of the phase so far; a tie is no improvement.
        patience: the paper waits 20 epochs (sec. 3.6; D3 in data/paper/README.md).
    """
    return len(top1) > patience and max(top1[-patience:]) <= max(top1[:-patience])
