"""Arguments of torch's optimizers and schedules of a kind, or of a size, that has no meaning.

Torch takes some of them without a word: a third beta, or a milestone that is text.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from cxv.config.phases import FromTorch, Schedule

Fault = tuple[str, str]
"""Dotted key below a phase, and what is wrong there."""

LEAST: Mapping[str, int] = MappingProxyType(
    {"total_iters": 0, "patience": 0, "cooldown": 0, "last_epoch": -1}
)
"""Of whole numbers that may be lower than 1."""

FROM_0 = frozenset(
    {
        *("gamma", "factor", "start_factor", "end_factor"),  # a negative one turns steps around
        *("base_lr", "max_lr", "eta_min", "min_lr"),
        *("weight_decay", "eps", "momentum", "momentum_decay", "lr_decay", "alpha"),
        "initial_accumulator_value",
    }
)
"""Numbers that may be 0 and not below."""


def argument_faults(key: str, settings: FromTorch) -> Iterator[Fault]:
    """Yield the arguments that are missing, or that the class cannot mean anything by."""
    given = settings.model_extra or {}
    for name, like in settings.known.get(settings.name, {}).items():
        wanted, fits = _wanted(name, like)
        if name not in given:
            if isinstance(like, type):
                yield f"{key}.{name}", f"is missing: {settings.name} takes {wanted}"
        elif not fits(given[name]):
            yield f"{key}.{name}", f"must be {wanted}, not {given[name]!r}"
    if given.get("nesterov") is True and not (given.get("momentum") and not given.get("dampening")):
        yield f"{key}.nesterov", "needs a momentum above 0, and no dampening"


def length_faults(key: str, settings: Schedule, epochs: int) -> Iterator[Fault]:
    """Yield that a OneCycleLR has no end, or one before the epochs in which it is stepped."""
    if settings.name != "OneCycleLR":
        return
    given = settings.model_extra or {}
    steps = given.get("total_steps") or given.get("epochs", 0) * given.get("steps_per_epoch", 0)
    if not steps:
        yield f"{key}.total_steps", f"is missing: set it to the epochs of the cycle, {epochs}"
    elif steps < epochs:
        yield (
            f"{key}.total_steps",
            f"the cycle ends after {steps} epochs, and may be asked for {epochs} (max_epochs, less"
            f" what other schedules take): set total_steps to {epochs} or more",
        )


def _wanted(name: str, like: Any) -> tuple[str, Callable[[Any], bool]]:
    """Return what an argument takes, in words, and the test of a value."""
    kind = like if isinstance(like, type) else type(like)
    if kind is list:
        return _wanted_betas() if name == "betas" else _wanted_list(like)
    if kind is float:
        said = "a number from 0" if name in FROM_0 else "a finite number"
        return said, lambda x: _is_number(x) and (name not in FROM_0 or x >= 0)
    if kind in NAMED:
        return NAMED[kind], lambda x: isinstance(x, kind)
    least = LEAST.get(name, 1)
    return f"a whole number from {least}", lambda x: _is_whole(x, least)


NAMED = MappingProxyType({bool: "true or false", str: "text"})


def _wanted_list(like: Any) -> tuple[str, Callable[[Any], bool]]:
    if like is list:
        return "a list of whole numbers from 1", lambda x: _is_list(x, lambda y: _is_whole(y, 1))
    parts = [_is_number if part is not None else _is_number_or_none for part in like]
    return (
        f"a list of {len(like)} numbers",
        lambda x: (
            isinstance(x, list)
            and len(x) == len(parts)
            and all(fits(y) for fits, y in zip(parts, x, strict=True))
        ),
    )


def _wanted_betas() -> tuple[str, Callable[[Any], bool]]:
    def fits(value: Any) -> bool:
        return _is_list(value, lambda x: _is_number(x) and 0 <= x < 1) and len(value) == BETAS

    return "a list of 2 numbers from 0 and below 1", fits


BETAS = 2
"""Of Adam and its kin: of the mean of gradients, and of their squares."""


def _is_list(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(fits, value))


def _is_whole(value: Any, least: int) -> bool:
    return type(value) is int and value >= least


def _is_number(value: Any) -> bool:
    return type(value) in {int, float} and math.isfinite(value)


def _is_number_or_none(value: Any) -> bool:
    return value is None or _is_number(value)
