"""Images a second of steps that are warm and repeated, with how far they spread.

Timed by ``torch.utils.benchmark``, which waits for a GPU and, on a CPU, computes in one thread: as
trainings do by default, and many threads of small operations would measure the scheduler of a busy
machine.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.benchmark import Timer
from torch.utils.benchmark.utils.timer import timer as synchronised_clock

from cxv.config.phases import Optimizer
from cxv.records.speed import Speed
from cxv.training.optimizers import optimizer
from cxv.training.precision import autocast

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
    model: nn.Module, images: Float[Tensor, "b c h w"], clock: Clock = synchronised_clock
) -> Speed:
    """Time ``model`` in evaluation mode, in the precision of its weights."""
    model.eval()
    with torch.inference_mode():
        return speed(lambda: model(images), len(images), clock)


def training_speed(
    model: nn.Module,
    images: Float[Tensor, "b c h w"],
    dtype: torch.dtype,
    clock: Clock = synchronised_clock,
) -> Speed:
    """Time whole steps of AdamW, which change the weights, under autocast to ``dtype``."""
    return speed(training_step(model, images, ADAMW, dtype), len(images), clock)


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


def speed(step: Callable[[], object], images: int, clock: Clock = synchronised_clock) -> Speed:
    """Return how many images a second a step gets through that takes ``images`` at a time.

    Args:
        step: called over and over.
        images: of one step.
        clock: returns seconds, when all that was asked of a GPU is done.
    """
    timer = Timer("step()", globals={"step": step}, timer=clock)
    warm_up = timer.blocked_autorange(min_run_time=WARM_SECONDS)
    seconds = min(warm_up.times)
    if seconds > LONGEST_STEP_SECONDS:
        return Speed.of([seconds], images)
    timed = timer.blocked_autorange(min_run_time=max(TIMED_SECONDS, LEAST_STEPS * seconds))
    return Speed.of(timed.times, images)
