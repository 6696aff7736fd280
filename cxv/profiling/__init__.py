"""What a network costs, each number with the convention it was counted by."""

import copy
import platform

import torch
from torch import nn

from cxv.profiling.macs import count_macs
from cxv.profiling.memory import peak_memory
from cxv.profiling.parameters import count_module_params, count_params
from cxv.profiling.throughput import inference_speed, training_speed
from cxv.records.costs import CostProfile
from cxv.records.cuda_context import CUDA_CONTEXT_BYTES

__all__ = ["count_macs", "count_module_params", "profile"]

CPU_BATCH = 2
"""Images a timed step on a CPU, at most: a step of ViT on 32 would take 15 GB and half a minute."""


def profile(model: nn.Module, *, image_size: int, batch: int, device: str) -> CostProfile:
    """Measure ``model``, which is left on ``device`` in evaluation mode.

    Args:
        model: (b, 3, h, w) images -> (b, classes) logits.
        image_size: pixels.
        batch: images of the step whose memory is predicted, and of timed steps on a GPU. MACs are
            counted on one image.
        device: ``"cpu"`` or ``"cuda"``.
    """
    model = model.to(device).eval()
    image = torch.zeros(1, 3, image_size, image_size, device=device)
    counted = count_macs(model, image)
    timed_batch = batch if device == "cuda" else min(batch, CPU_BATCH)
    images = image.repeat(timed_batch, 1, 1, 1)
    dtype = torch.float16 if device == "cuda" else torch.float32
    inference = inference_speed(model, images)
    training = training_speed(copy.deepcopy(model), images, dtype) if inference.timed > 1 else None
    return CostProfile(
        params=count_params(model),
        params_modules=count_module_params(model),
        **{f"macs_{name}": one.macs for name, one in counted.items()},
        uncounted={name: one.uncounted for name, one in counted.items()},
        peak_memory=peak_memory(model, image_size=image_size, batch=batch, device=device),
        predicted_context_bytes=CUDA_CONTEXT_BYTES,
        batch=batch,
        inference=inference,
        training=training,
        timed_batch=timed_batch,
        device=_device_name(device),
    )


def _device_name(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()
