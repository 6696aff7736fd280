"""Images a second of steps that are warm and repeated, with how far they spread.

Timed by ``torch.utils.benchmark``. A GPU's steps are timed by the clock, when all that was asked of
it is done. A CPU's are timed by the seconds that the process computed, in one thread: as trainings
do by default, and by the clock a busy machine would time its scheduler.
"""

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from cxv.config.phases import Optimizer
from cxv.records.speed import Speed
from cxv.training.optimizers import optimizer
from cxv.training.precision import autocast

if TYPE_CHECKING:
    from torch.utils.benchmark import Timer

ADAMW = Optimizer(name="AdamW", lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01)
"""The paper's; no cost depends on its numbers."""

WARM_SECONDS = 0.1
"""Steps are repeated for so long, twice at least, before one is timed: the first make memory,
kernels and the optimizer's moments, and may take a hundred times as long as those that follow."""

TIMED_SECONDS = 0.3
"""Then they are timed for so long ..."""

LEAST_STEPS = 4
"""... and at least so often, that there are quartiles."""

LONGEST_STEP_SECONDS = 0.4
"""A step that takes longer when warm is not repeated."""

Clock = Callable[[], float]


def inference_speed(
    model: nn.Module, images: Float[Tensor, "b c h w"], clock: Clock | None = None
) -> Speed:
    """Time ``model`` in evaluation mode, in the precision of its weights."""
    model.eval()
    with torch.inference_mode():
        return _speed(lambda: model(images), images, clock)


def training_speed(
    model: nn.Module,
    images: Float[Tensor, "b c h w"],
    dtype: torch.dtype,
    clock: Clock | None = None,
) -> Speed:
    """Time whole steps of AdamW, which change the weights, under autocast to ``dtype``."""
    return _speed(training_step(model, images, ADAMW, dtype), images, clock)


def training_step(
    model: nn.Module,
    images: Float[Tensor, "b c h w"],
    settings: Optimizer,
    dtype: torch.dtype,
) -> Callable[[], None]:
    """Return a step of the training loop on the same images, all of class 0."""
    device = images.device
    labels = torch.zeros(len(images), dtype=torch.int64, device=device)
    steps = optimizer(settings, model.train().parameters())
    scaler = torch.amp.GradScaler(device.type, enabled=dtype is torch.float16)

    def step() -> None:
        steps.zero_grad(set_to_none=True)
        with autocast(device, dtype):
            loss = F.cross_entropy(model(images), labels)
        scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        scaler.step(steps)
        scaler.update()

    return step


def _speed(step: Callable[[], object], images: Tensor, clock: Clock | None) -> Speed:
    """Warm up and time a step that takes ``images``; seconds are those of ``clock``, if given."""
    timer = _timer(step, clock or (time.process_time if images.device.type == "cpu" else None))
    seconds = min(timer.blocked_autorange(min_run_time=WARM_SECONDS).times)
    if seconds > LONGEST_STEP_SECONDS:
        return Speed.of([seconds], len(images))
    timed: list[float] = []
    while len(timed) < LEAST_STEPS:
        together = max(TIMED_SECONDS, LEAST_STEPS * seconds)
        timed += timer.blocked_autorange(min_run_time=together).times
    return Speed.of(timed, len(images))


def _timer(step: Callable[[], object], clock: Clock | None) -> "Timer":
    """Return what times a step in one thread; without a clock, when a GPU has done all of it."""
    logger = logging.getLogger("torch.utils.cpp_extension")
    disabled, logger.disabled = logger.disabled, True  # it tells of compilers, which nobody needs
    try:
        from torch.utils.benchmark import Timer  # noqa: PLC0415 - slow to import
    finally:
        logger.disabled = disabled
    names = {"step": step}
    return Timer("step()", globals=names, timer=clock) if clock else Timer("step()", globals=names)
