"""What a network costs, each number with the convention it was counted by."""

import copy
import platform
from typing import get_args

import torch
from torch import nn

from cxv.networks.memory_modes import apply_memory_mode
from cxv.profiling.macs import count_macs
from cxv.profiling.memory import CUDA_CONTEXT_BYTES, peak_memory
from cxv.profiling.parameters import count_module_params, count_params
from cxv.profiling.throughput import inference_images_per_second, training_images_per_second
from cxv.records.run import Convention, CostProfile

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
    counted = {name: count_macs(model, image, name) for name in get_args(Convention)}
    timed_batch = batch if device == "cuda" else min(batch, CPU_BATCH)
    images = image.repeat(timed_batch, 1, 1, 1)
    dtype = torch.float16 if device == "cuda" else torch.float32
    return CostProfile(
        params=count_params(model),
        params_modules=count_module_params(model),
        **{f"macs_{name}": macs for name, (macs, _) in counted.items()},
        uncounted={name: operations for name, (_, operations) in counted.items()},
        peak_memory=peak_memory(model, image_size=image_size, batch=batch, device=device),
        predicted_context_bytes=CUDA_CONTEXT_BYTES,
        batch=batch,
        inference_images_per_second=inference_images_per_second(model, images),
        training_images_per_second=training_images_per_second(copy.deepcopy(model), images, dtype),
        training_images_per_second_lean=training_images_per_second(
            apply_memory_mode("lean", copy.deepcopy(model)), images, dtype
        ),
        timed_batch=timed_batch,
        device=_device_name(device),
    )


def _device_name(device: str) -> str:
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()
