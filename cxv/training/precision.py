"""Which dtype autocast computes in."""

import torch

from cxv.config.spec import Run

BFLOAT16_SINCE = (8, 0)
"""CUDA's compute capability: earlier GPUs compute in bfloat16 by emulation, if at all."""


def precision(run: Run, device: torch.device) -> str:
    """Return the name of autocast's dtype on ``device``; what is not set is as shipped."""
    if device.type != "cuda":
        return run.training.autocast_cpu or "float32"
    if run.training.autocast_cuda not in {None, "auto"}:
        return str(run.training.autocast_cuda)
    native = torch.cuda.get_device_capability(device) >= BFLOAT16_SINCE
    return "bfloat16" if native else "float16"


def autocast(device: torch.device, dtype: torch.dtype) -> torch.autocast:
    """Return automatic mixed precision on any device; float32 switches it off."""
    mixed = dtype is not torch.float32
    return torch.autocast(device.type, dtype=dtype if mixed else torch.bfloat16, enabled=mixed)
