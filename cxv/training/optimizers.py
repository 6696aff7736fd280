"""Optimizers: torch's classes by name."""

import inspect
from collections.abc import Iterable

import torch
from torch import nn

from cxv.config.phases import Optimizer
from cxv.training.torch_classes import OPTIMIZERS


def optimizer(settings: Optimizer, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """Return a fresh optimizer: no phase inherits another's moments (paper sec. 3.6).

    Its update is one kernel, which asks the loss scale nothing, wherever torch has such a one.
    """
    kind, arguments = OPTIMIZERS[settings.name], settings.arguments
    if "fused" in inspect.signature(kind).parameters and not arguments.get("dampening"):
        arguments["fused"] = True
    made: torch.optim.Optimizer = kind(parameters, **arguments)
    _zero_momentum(made)
    return made


def _zero_momentum(steps: torch.optim.Optimizer) -> None:
    """Give SGD the momentum that its first step adds to: none.

    Where a loss scale skips that step, torch 2.14's one kernel would leave memory that was never
    written as the momentum of the second. Under dampening, which the first step ignores, zeros
    would be another update: there ``optimizer`` leaves the kernel out.
    """
    for group in steps.param_groups:
        if isinstance(steps, torch.optim.SGD) and group["momentum"] and not group["dampening"]:
            for weight in group["params"]:
                steps.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
