"""Optimizers and schedules of the learning rate: torch's classes by name, and what they refuse."""

import inspect
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType, ModuleType

import torch
from torch import nn
from torch.optim import lr_scheduler

from cxv.config.phases import FromTorch, Optimizer, Phase, Schedule


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


def schedule(
    settings: Schedule | None, steps: torch.optim.Optimizer
) -> lr_scheduler.LRScheduler | None:
    """Return what changes the learning rate after every epoch; the paper has none."""
    if settings is None:
        return None
    made: lr_scheduler.LRScheduler = SCHEDULES[settings.name](steps, **settings.arguments)
    return made


def faults(phase: Phase) -> Iterator[tuple[str, str]]:
    """Yield the key below a phase and the fault that torch finds when its settings are tried."""
    weights = [nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(2))]
    for weight in weights:
        weight.grad = torch.ones_like(weight)
    tried: list[torch.optim.Optimizer] = []

    def update() -> None:
        tried.append(optimizer(phase.optimizer, weights))
        tried[0].step()

    def anneal() -> None:
        _try_epochs(schedule(phase.schedule, tried[0]), phase.max_epochs)

    found = list(_faults("optimizer", phase.optimizer, OPTIMIZERS, update))
    yield from found
    if phase.schedule and not found:
        yield from _faults("schedule", phase.schedule, SCHEDULES, anneal)


def _try_epochs(rate: lr_scheduler.LRScheduler | None, epochs: int) -> None:
    """Step a schedule as a phase of ``epochs`` may: some of torch's end after a number of steps.

    Raises:
        ValueError: a rate that it sets is negative or not finite.
    """
    if rate is None:
        return
    rate.optimizer.step()
    for epoch in range(min(epochs, MOST_EPOCHS_TRIED)):
        lr = float(rate.get_last_lr()[0])
        if not 0 <= lr < math.inf:
            raise ValueError(f"in epoch {epoch + 1} the learning rate would be {lr}")
        rate.step()


def _faults(
    key: str, settings: FromTorch, kinds: Mapping[str, type], attempt: Callable[[], None]
) -> Iterator[tuple[str, str]]:
    name = settings.name
    if name not in kinds or name in UNFIT:
        usable = ", ".join(kind for kind in kinds if kind not in UNFIT)
        said = f"{name} cannot be used: it {UNFIT[name]}" if name in kinds else f"no {key} {name!r}"
        yield f"{key}.name", f"{said} (known: {usable})"
        return
    allowed = sorted(inspect.signature(kinds[name]).parameters.keys() - SET_HERE)
    unknown = sorted(settings.arguments.keys() - set(allowed))
    for argument in unknown:
        yield f"{key}.{argument}", f"no such key here (allowed: {', '.join(allowed)})"
    if unknown:
        return
    try:
        with warnings.catch_warnings(action="ignore"):  # a warning refuses nothing
            attempt()
    except Exception as error:  # whatever torch raises is the user's to mend
        yield key, f"{name} cannot be used: {error} (arguments: {', '.join(allowed)})"


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
SET_HERE = frozenset({"params", "optimizer", "fused", "foreach", "capturable", "differentiable"})
"""Arguments that change no number, or come from elsewhere."""

UNFIT = MappingProxyType(
    {
        "LBFGS": "computes the loss several times a step",
        "Muon": "takes matrices alone, and every network has vectors",
        "SparseAdam": "takes sparse gradients alone",
        "LambdaLR": "takes a Python function",
        "MultiplicativeLR": "takes a Python function",
        "ReduceLROnPlateau": "is stepped by a metric, not by epochs",
        "ChainedScheduler": "takes other schedules",
        "SequentialLR": "takes other schedules",
    }
)
"""Classes of torch that no setting can make usable, and what each wants."""

MOST_EPOCHS_TRIED = 10_000
"""Of a schedule, in a tenth of a second."""
