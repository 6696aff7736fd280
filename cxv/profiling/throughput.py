"""Images a second: the median of steps that are timed one by one, after one that warms up."""

import time
from collections.abc import Callable
from statistics import median

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from cxv.config.phases import Optimizer
from cxv.training.optimizers import optimizer
from cxv.training.precision import autocast

ADAMW = Optimizer(name="AdamW", lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01)
"""The paper's; no cost depends on its numbers."""

TIMED_SECONDS = 1.0
"""Steps are timed until they took as long together ..."""

LEAST_STEPS = 3
"""... and until there are as many, however long one takes."""


def inference_images_per_second(model: nn.Module, images: Float[Tensor, "b c h w"]) -> float:
    """Time ``model`` in evaluation mode, in the precision of its weights."""
    model.eval()
    with torch.inference_mode():
        return len(images) / _median_seconds(lambda: model(images), images.device)


def training_images_per_second(
    model: nn.Module, images: Float[Tensor, "b c h w"], dtype: torch.dtype
) -> float:
    """Time whole steps of AdamW, which change the weights, under autocast to ``dtype``."""
    step = training_step(model, images, ADAMW, dtype)
    return len(images) / _median_seconds(step, images.device)


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


def _median_seconds(step: Callable[[], object], device: torch.device) -> float:
    _seconds(step, device)  # memory, kernels and the optimizer's moments are made by the first
    timed: list[float] = []
    while len(timed) < LEAST_STEPS or sum(timed) < TIMED_SECONDS:
        timed.append(_seconds(step, device))
    return median(timed)


def _seconds(step: Callable[[], object], device: torch.device) -> float:
    start = time.perf_counter()
    step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
