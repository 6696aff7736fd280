"""What a network costs, each number with the convention it was counted by."""

import logging
import platform
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import torch
from jaxtyping import Float
from torch import Tensor, nn

from cxv.records import Measured

WARM_UP_BATCHES = 2
TIMED_BATCHES = 5  # at least
TIMED_SECONDS = 1.0  # at least


def profile(model: nn.Module, *, image_size: int, batch: int, device: str) -> Measured:
    """Measure ``model``, which is left on ``device`` in evaluation mode.

    Args:
        model: (b, 3, h, w) images -> (b, classes) logits.
        image_size: pixels.
        batch: images per timed forward pass; MACs are counted on one image.
        device: ``"cpu"`` or ``"cuda"``.
    """
    model = model.to(device).eval()
    macs, uncounted = count_macs(model, torch.zeros(1, 3, image_size, image_size, device=device))
    images = torch.zeros(batch, 3, image_size, image_size, device=device)
    return Measured(
        params=sum(parameter.numel() for parameter in model.parameters()),
        params_paper=count_paper_params(model),
        macs_fvcore=macs,
        uncounted=dict(uncounted),
        images_per_second=batch / median(_forward_seconds(model, images)),
        batch=batch,
        device=_device_name(device),
    )


def count_paper_params(model: nn.Module) -> int:
    """Count parameters as the paper did: only the ``weight`` and ``bias`` of modules."""
    return sum(
        parameter.numel()
        for name, parameter in model.named_parameters()
        if name.rpartition(".")[-1] in {"weight", "bias"}
    )


def count_macs(model: nn.Module, image: Float[Tensor, "1 c h w"]) -> tuple[int, dict[str, int]]:
    """Return fvcore's multiply-accumulates of a forward pass, and the operations it skipped."""
    with _quiet(), torch.inference_mode():
        from fvcore.nn import FlopCountAnalysis  # noqa: PLC0415 - warns when imported

        count = FlopCountAnalysis(model, image)
        return round(count.total()), dict(sorted(count.unsupported_ops().items()))


@contextmanager
def _quiet() -> Iterator[None]:
    logger = logging.getLogger("fvcore.nn.jit_analysis")
    disabled, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings(action="ignore"):  # of the tracer, and that it is deprecated
            yield
    finally:
        logger.disabled = disabled


@torch.inference_mode()
def _forward_seconds(model: nn.Module, images: Float[Tensor, "b c h w"]) -> list[float]:
    seconds: list[float] = []
    while len(seconds) < WARM_UP_BATCHES + TIMED_BATCHES or sum(seconds) < TIMED_SECONDS:
        start = time.perf_counter()
        model(images)
        if images.is_cuda:
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return seconds[WARM_UP_BATCHES:]


def _device_name(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()
