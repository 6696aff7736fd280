"""Two ways to count what a network learns."""

from torch import nn


def count_params(model: nn.Module) -> int:
    """Count every element of every parameter."""
    return sum(parameter.numel() for parameter in model.parameters())


def count_module_params(model: nn.Module) -> int:
    """Count parameters as the paper did: only the ``weight`` and ``bias`` of modules."""
    return sum(
        parameter.numel()
        for name, parameter in model.named_parameters()
        if name.rpartition(".")[-1] in {"weight", "bias"}
    )
