"""The peak of GPU memory in a training step: predicted on any machine, measured where one is.

A prediction runs the step on fake CUDA tensors, so it takes the kernels and casts of a GPU: dropout
keeps one byte an element, autocast a float16 copy of each weight. It misses what no operation
returns: workspaces of cuDNN and cuBLAS, gaps of the allocator, a GradScaler's three numbers.
"""

import copy
import gc
from collections.abc import Mapping
from functools import partial
from itertools import product
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from cxv import dualopt
from cxv.profiling.fake_gpu import Ledger, autocast, backward, on_fake_gpu
from cxv.profiling.throughput import ADAMW, training_step
from cxv.records import PeakMemory, Precision
from cxv.spec import SGD, AdamW

CUDA_CONTEXT_BYTES = 500_000_000
"""About what a process takes on a GPU before its first tensor: 0.3 to 0.8 GB by driver and device.

``nvidia-smi`` shows it and torch does not; it is recorded beside the peaks and is part of none.
"""

DTYPES: Mapping[Precision, torch.dtype] = MappingProxyType(
    {"float32": torch.float32, "float16": torch.float16}
)
SGD_MOMENTUM = SGD(name="SGD", lr=1e-3, momentum=0.9)
OPTIMIZERS: tuple[AdamW | SGD, ...] = (ADAMW, SGD_MOMENTUM)


def peak_memory(
    model: nn.Module, *, image_size: int, batch: int, device: str
) -> tuple[PeakMemory, ...]:
    """Return the peaks of a training step in either precision under either optimizer.

    Args:
        model: (b, 3, h, w) images -> (b, classes) logits; left as it was.
        image_size: pixels.
        batch: images.
        device: ``"cuda"`` measures too.
    """
    cases = [(model, image_size, batch, *how) for how in product(DTYPES, OPTIMIZERS)]
    predicted = [predicted_peak(*case) for case in cases]
    if device != "cuda":
        return tuple(predicted)
    return tuple(
        peak.model_copy(update=_measure(*case)) for peak, case in zip(predicted, cases, strict=True)
    )


def predicted_peak(
    model: nn.Module, image_size: int, batch: int, precision: Precision, settings: AdamW | SGD
) -> PeakMemory:
    """Follow the second training step, when the optimizer has its state."""
    with FakeTensorMode(allow_non_fake_inputs=True), Ledger() as ledger:
        twin = on_fake_gpu(model).train()
        optimizer = dualopt.optimizer(settings, twin.parameters())
        ledger.purpose = "temporaries"
        _fill_state(optimizer, ledger)
        ledger.peak.clear()
        ledger.purpose = "activations"
        images = torch.empty(batch, 3, image_size, image_size, device="cuda")
        labels = torch.empty(batch, dtype=torch.int64, device="cuda")
        with autocast(DTYPES[precision]):
            nodes = [F.cross_entropy(twin(images), labels).grad_fn]
        saved_bytes = ledger.live["activations"]
        ledger.purpose = "temporaries"
        backward(nodes, torch.ones((), device="cuda"), partial(ledger.book, purpose="gradients"))
        optimizer.step()
    return PeakMemory(
        precision=precision,
        optimizer=settings.name,
        predicted_saved_bytes=saved_bytes,
        predicted_peak_bytes=ledger.peak.total(),
        predicted_weight_bytes=ledger.peak["weights"],
        predicted_optimizer_bytes=ledger.peak["optimizer"],
        predicted_gradient_bytes=ledger.peak["gradients"],
        predicted_activation_bytes=ledger.peak["activations"],
        predicted_temporary_bytes=ledger.peak["temporaries"],
    )


def _fill_state(optimizer: torch.optim.Optimizer, ledger: Ledger) -> None:
    """Let the optimizer make its moments, which it does in its first step."""
    for group in optimizer.param_groups:
        group["foreach"] = True  # as torch chooses for parameters on CUDA, but not for fake ones
        for parameter in group["params"]:
            parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    optimizer.zero_grad()
    for moments in optimizer.state.values():
        for moment in moments.values():
            ledger.book(moment, "optimizer")


def _measure(
    model: nn.Module, image_size: int, batch: int, precision: Precision, settings: AdamW | SGD
) -> dict[str, int]:
    """Take the peak of the same step on the GPU, over what was allocated before."""
    gc.collect()
    torch.cuda.empty_cache()
    allocated, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    images = torch.zeros(batch, 3, image_size, image_size, device="cuda")
    twin = copy.deepcopy(model).to("cuda")
    step = training_step(twin, images, settings, DTYPES[precision])
    step()
    torch.cuda.reset_peak_memory_stats()
    step()
    return {
        "measured_allocated_bytes": torch.cuda.max_memory_allocated() - allocated,
        "measured_reserved_bytes": torch.cuda.max_memory_reserved() - reserved,
    }
