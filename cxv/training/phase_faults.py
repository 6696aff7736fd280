"""What torch refuses of a phase's optimizer and schedule, found before any job starts."""

import inspect
import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeGuard, cast

import torch
from torch import nn

from cxv.config.phases import FromTorch, Phase, Schedule
from cxv.training.argument_faults import argument_faults, length_faults
from cxv.training.optimizers import optimizer
from cxv.training.schedules import schedule
from cxv.training.torch_classes import OPTIMIZERS, SCHEDULES, UNFIT

Fault = tuple[str, str]
"""Dotted key below a phase, and what is wrong there."""

Fresh = Callable[[], torch.optim.Optimizer]
"""Makes the phase's optimizer, with gradients to step on."""


def faults(phase: Phase) -> Iterator[Fault]:
    """Yield the key below a phase and the fault that torch finds when its settings are tried."""

    def fresh() -> torch.optim.Optimizer:
        weights = [nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(2))]
        for weight in weights:
            weight.grad = torch.ones_like(weight)
        return optimizer(phase.optimizer, weights)

    found = list(_class_faults("optimizer", phase.optimizer, "optimizer", OPTIMIZERS))
    found = found or list(_refusals("optimizer", phase.optimizer, lambda: fresh().step()))
    yield from found
    if phase.schedule and not found:
        yield from _schedule_faults(phase.schedule, fresh, phase.max_epochs)


def _schedule_faults(settings: Schedule, fresh: Fresh, epochs: int) -> Iterator[Fault]:
    """Yield the faults of all parts, else of the whole: parts that are sound alone may not be so.

    A chain of two that raise the rate, say, may end in an infinite one.
    """
    found = list(_part_faults("schedule", settings, fresh, epochs))
    yield from found
    if settings.schedulers and not found:
        yield from _refusals("schedule", settings, lambda: _try_epochs(settings, fresh(), epochs))


def _part_faults(key: str, settings: Schedule, fresh: Fresh, epochs: int) -> Iterator[Fault]:
    """Yield the faults of a schedule that is stepped for ``epochs``, or of those it is made of."""
    found = [
        *_class_faults(key, settings, "schedule", SCHEDULES),
        *_combination_faults(key, settings),
    ]
    yield from found
    if found:
        return
    if settings.schedulers:
        spans = _spans(settings, epochs)
        for number, (part, span) in enumerate(zip(settings.schedulers, spans, strict=True)):
            yield from _part_faults(f"{key}.schedulers.{number}", part, fresh, span)
    else:
        found = [*length_faults(key, settings, epochs), *_momentum_faults(key, settings, fresh)]
        yield from found or _refusals(key, settings, lambda: _try_epochs(settings, fresh(), epochs))


def _class_faults(
    key: str, settings: FromTorch, kind: str, kinds: Mapping[str, type]
) -> Iterator[Fault]:
    """Yield a class that torch lacks or that cannot be used, else arguments that are wrong."""
    name = settings.name
    if name not in kinds or name in UNFIT:
        usable = ", ".join(other for other in kinds if other not in UNFIT)
        said = (
            f"{name} cannot be used: it {UNFIT[name]}" if name in kinds else f"no {kind} {name!r}"
        )
        yield f"{key}.name", f"{said} (known: {usable})"
        return
    allowed = _arguments(name, kinds)
    for argument in sorted(settings.arguments.keys() - set(allowed)):
        yield f"{key}.{argument}", f"no such key here (allowed: {', '.join(allowed)})"
    if name not in COMBINED:
        yield from argument_faults(key, settings)


def _arguments(name: str, kinds: Mapping[str, type]) -> list[str]:
    return sorted(COMBINED.get(name, inspect.signature(kinds[name]).parameters.keys() - SET_HERE))


def _combination_faults(key: str, settings: Schedule) -> Iterator[Fault]:
    """Yield what is wrong with how schedules are put together, and with a plateau of what."""
    name = settings.name
    if name in COMBINED and not settings.schedulers:
        yield f"{key}.schedulers", f"is missing: {name} takes a list of schedules, at least one"
    elif name == "SequentialLR":
        yield from _milestone_faults(f"{key}.milestones", settings)
    elif name == "ChainedScheduler":
        for number, part in enumerate(settings.schedulers):
            if part.name in UNCHAINABLE:
                yield (
                    f"{key}.schedulers.{number}.name",
                    f"{part.name} cannot be chained: it sets the rate whatever the others made of"
                    f" it (not in a ChainedScheduler: {', '.join(UNCHAINABLE)}; a ChainedScheduler"
                    " may be a part of a SequentialLR)",
                )
    elif name == "ReduceLROnPlateau" and (mode := settings.arguments["mode"]) != "max":
        yield f"{key}.mode", f"cannot be {mode!r}: it watches top-1, which rises (allowed: max)"


def _milestone_faults(key: str, settings: Schedule) -> Iterator[Fault]:
    milestones, wanted = settings.arguments.get("milestones"), len(settings.schedulers) - 1
    if not _rise(milestones) or len(milestones) != wanted:
        yield (
            key,
            f"must be a list of {wanted} rising whole numbers from 1, the epochs after which each"
            f" schedule but the first begins, not {milestones}",
        )


def _momentum_faults(key: str, settings: Schedule, fresh: Fresh) -> Iterator[Fault]:
    """Yield that a cycle is to move a momentum that the optimizer has not."""
    steps = fresh()
    if settings.arguments.get("cycle_momentum") and not {"momentum", "betas"} & set(steps.defaults):
        name = type(steps).__name__
        yield f"{key}.cycle_momentum", f"{name} has no momentum to be moved: set it to false"


def _rise(milestones: Any) -> TypeGuard[list[int]]:
    """Tell a list of rising positive integers."""
    if not isinstance(milestones, list) or any(type(x) is not int for x in milestones):
        return False
    return all(x < y for x, y in pairwise([0, *milestones]))


def _spans(settings: Schedule, epochs: int) -> Sequence[int]:
    """Return for how many of ``epochs`` each part of a combination is stepped."""
    if settings.name == "ChainedScheduler":
        return [epochs] * len(settings.schedulers)
    milestones = cast("list[int]", settings.arguments["milestones"])
    ends = [min(end, epochs) for end in (0, *milestones, epochs)]
    return [end - begin for begin, end in pairwise(ends)]


def _try_epochs(settings: Schedule, steps: torch.optim.Optimizer, epochs: int) -> None:
    """Step a schedule as a phase of ``epochs`` may: some of torch's end after a number of steps.

    Top-1 stays at 0, so that a plateau lowers the rate as often as it can.

    Raises:
        ValueError: a rate that it sets is negative or not finite.
    """
    rates = schedule(settings, steps)
    if rates is None:
        return
    steps.step()
    for epoch in range(min(epochs, MOST_EPOCHS_TRIED)):
        lr = float(steps.param_groups[0]["lr"])
        if not 0 <= lr < math.inf:
            raise ValueError(f"in epoch {epoch + 1} the learning rate would be {lr}")
        rates.step(top1=0.0)


def _refusals(key: str, settings: FromTorch, attempt: Callable[[], None]) -> Iterator[Fault]:
    """Yield what torch raises when settings are tried."""
    kinds = SCHEDULES if isinstance(settings, Schedule) else OPTIMIZERS
    try:
        with warnings.catch_warnings(action="ignore"):  # a warning refuses nothing
            attempt()
    except Exception as error:  # whatever torch raises is the user's to mend
        allowed = ", ".join(_arguments(settings.name, kinds))
        yield key, f"{settings.name} cannot be used: {error} (arguments: {allowed})"


SET_HERE = frozenset({"params", "optimizer", "fused", "foreach", "capturable", "differentiable"})
"""Arguments that change no number, or come from elsewhere."""

COMBINED = MappingProxyType(
    {
        "SequentialLR": frozenset({"schedulers", "milestones"}),
        "ChainedScheduler": frozenset({"schedulers"}),
    }
)
"""Schedules made of others, and the keys of each."""

UNCHAINABLE = ("CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "SequentialLR")
"""Schedules that compute the rate from the epoch alone, not from the rate that they find."""

MOST_EPOCHS_TRIED = 10_000
"""Of a schedule, in a tenth of a second."""
