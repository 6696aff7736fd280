"""Classes of torch that settings name: which there are, and which no setting can make usable."""

import inspect
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

import torch
from torch.optim import lr_scheduler


def kinds_of(module: ModuleType, base: type) -> Mapping[str, type]:
    """Return the classes of a module that have a base, by name; none of its own and no private."""
    kinds = {name: kind for name, kind in sorted(vars(module).items()) if inspect.isclass(kind)}
    return {
        name: kind
        for name, kind in kinds.items()
        if issubclass(kind, base) and kind is not base and not name.startswith("_")
    }


OPTIMIZERS = kinds_of(torch.optim, torch.optim.Optimizer)
SCHEDULES = kinds_of(lr_scheduler, lr_scheduler.LRScheduler)

UNFIT = MappingProxyType(
    {
        "LBFGS": "computes the loss several times a step",
        "Muon": "takes matrices alone, and every network has vectors",
        "SparseAdam": "takes sparse gradients alone",
        "LambdaLR": "takes a Python function",
        "MultiplicativeLR": "takes a Python function",
    }
)
"""Classes of torch that no setting can make usable, and what each wants."""
