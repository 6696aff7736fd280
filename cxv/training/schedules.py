"""Schedules of the learning rate: torch's classes by name, alone, in sequence or chained."""

import warnings
from collections.abc import Sequence
from typing import Any, Protocol, cast

import torch
from torch.optim import lr_scheduler

from cxv.config.phases import Schedule
from cxv.training.torch_classes import SCHEDULES

State = dict[str, Any]


class RateSchedule(Protocol):
    """What changes the learning rate of an optimizer after every epoch."""

    def step(self, top1: float) -> None:
        """Set the rate of the next epoch, after one with a ``top1`` on the selecting split."""

    def state_dict(self) -> State:
        """Return all that ``step`` changes, but for the optimizer's own numbers."""

    def load_state_dict(self, state: State) -> None:
        """Go on from a state; the optimizer's own must be loaded after it."""


def schedule(settings: Schedule | None, steps: torch.optim.Optimizer) -> RateSchedule | None:
    """Return what changes the learning rate after every epoch; the paper has none."""
    return None if settings is None else _built(settings, steps)


def _built(settings: Schedule, steps: torch.optim.Optimizer) -> RateSchedule:
    """Return a schedule; the optimizer has the rate of its first epoch then."""
    if settings.name == "SequentialLR":
        return InSequence(settings, steps)
    if settings.name == "ChainedScheduler":
        return Chained([_built(part, steps) for part in settings.schedulers])
    if settings.name == "ReduceLROnPlateau":
        arguments: dict[str, Any] = settings.arguments
        return OnPlateau(lr_scheduler.ReduceLROnPlateau(steps, **arguments))
    return ByEpoch(SCHEDULES[settings.name](steps, **settings.arguments))


class ByEpoch:
    """A class of torch that counts epochs."""

    def __init__(self, inner: lr_scheduler.LRScheduler) -> None:
        self._inner = inner

    def step(self, top1: float) -> None:  # noqa: ARG002 - as every schedule
        """Set the rate of the next epoch."""
        with warnings.catch_warnings():  # resumed at an epoch's end, it took no step before
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
            self._inner.step()

    def state_dict(self) -> State:
        """Return torch's state."""
        return self._inner.state_dict()

    def load_state_dict(self, state: State) -> None:
        """Go on from torch's state."""
        self._inner.load_state_dict(state)


class OnPlateau(ByEpoch):
    """ReduceLROnPlateau on the top-1 that also ends the phase and picks its epoch."""

    def step(self, top1: float) -> None:
        """Lower the rate if top-1 has not improved for long enough."""
        cast("lr_scheduler.ReduceLROnPlateau", self._inner).step(top1)


class Chained:
    """Schedules that all change the rate after every epoch, each what the one before it left."""

    def __init__(self, parts: Sequence[RateSchedule]) -> None:
        self._parts = parts

    def step(self, top1: float) -> None:
        """Let every part change the rate, in order."""
        for part in self._parts:
            part.step(top1)

    def state_dict(self) -> State:
        """Return the state of every part."""
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state: State) -> None:
        """Go on from the state of every part."""
        for part, kept in zip(self._parts, state["parts"], strict=True):
            part.load_state_dict(kept)


class InSequence:
    """Schedules one after the other; each begins at its milestone from the optimizer's own rate.

    Torch's SequentialLR makes all of them at once and corrects what that does to the rate, which
    fails for one that is made of others itself and for those that set a momentum. Here a part is
    made when its turn comes, and sees no trace of the parts before it.
    """

    def __init__(self, settings: Schedule, steps: torch.optim.Optimizer) -> None:
        self._parts, self._optimizer = settings.schedulers, steps
        self._begins = (0, *cast("list[int]", settings.arguments["milestones"]))
        kept = [{key: x for key, x in group.items() if key != "params"} for group in _groups(steps)]
        self._at_first = kept  # rate, momentum and the like
        self._epoch = 0
        self._part = _built(self._parts[0], steps)

    def step(self, top1: float) -> None:
        """Set the rate of the next epoch, by the next part if that begins there."""
        self._epoch += 1
        if self._epoch in self._begins:
            self._part = self._begin()
        else:
            self._part.step(top1)

    def state_dict(self) -> State:
        """Return the epoch, from 0, and the state of the part whose turn it is."""
        return {"epoch": self._epoch, "part": self._part.state_dict()}

    def load_state_dict(self, state: State) -> None:
        """Go on from such a state."""
        self._epoch = state["epoch"]
        self._part = self._begin()
        self._part.load_state_dict(state["part"])

    def _begin(self) -> RateSchedule:
        """Begin the part whose turn it is as if the optimizer were new."""
        for group, first in zip(_groups(self._optimizer), self._at_first, strict=True):
            group.pop("initial_lr", None)
            group.update(first)
        turn = sum(begin <= self._epoch for begin in self._begins) - 1
        return _built(self._parts[turn], self._optimizer)


def _groups(steps: torch.optim.Optimizer) -> list[dict[str, Any]]:
    return steps.param_groups
