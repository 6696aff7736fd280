"""The peak of GPU memory in a training step: predicted on any machine, measured where one is.

A prediction runs the step on fake CUDA tensors, so it takes the kernels and casts of a GPU: dropout
keeps one byte an element, autocast a float16 copy of each weight. It misses what no operation
returns: workspaces of cuDNN and cuBLAS, gaps of the allocator, a GradScaler's three numbers.
"""

import copy
import gc
from collections import Counter
from collections.abc import Mapping
from functools import partial
from itertools import product
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from cxv.config.phases import Optimizer
from cxv.networks import Memory
from cxv.networks.memory_modes import MEMORY_MODES, apply_memory_mode, changes
from cxv.profiling.fake_gpu import Ledger, Purpose, autocast_allowed, backward, on_fake_gpu
from cxv.profiling.throughput import ADAMW, training_step
from cxv.records.run import OptimizerName, PeakMemory, Precision
from cxv.training import optimizers
from cxv.training.evaluation import EVALUATION_BATCH
from cxv.training.precision import autocast

CUDA_CONTEXT_BYTES = 400_000_000
"""About what a process takes on a GPU before its first tensor: 0.3 to 0.8 GB by driver and device.

``nvidia-smi`` shows it and torch does not; it is recorded next to the peaks and is part of none.
The figure is the one that the paper's own column speaks for, D21 in data/paper/README.md.
"""

DTYPES: Mapping[Precision, torch.dtype] = MappingProxyType(
    {"float32": torch.float32, "float16": torch.float16}
)
OPTIMIZERS: Mapping[OptimizerName, Optimizer] = MappingProxyType(
    {"AdamW": ADAMW, "SGD": Optimizer(name="SGD", lr=1e-3, momentum=0.9)}
)


def peak_memory(
    model: nn.Module, *, image_size: int, batch: int, device: str
) -> tuple[PeakMemory, ...]:
    """Return the peaks of a training step in each form and precision, under each optimizer.

    Args:
        model: (b, 3, h, w) images -> (b, classes) logits; left as it was.
        image_size: pixels.
        batch: images.
        device: ``"cuda"`` measures too.
    """
    peaks: dict[tuple[Memory, Precision], tuple[PeakMemory, ...]] = {}
    for memory, precision in product(MEMORY_MODES, DTYPES):
        built: Memory = memory if changes(memory, model) else "fused"
        if (built, precision) not in peaks:
            peaks[built, precision] = predicted_peaks(model, image_size, batch, built, precision)
        same = (peak.model_copy(update={"memory": memory}) for peak in peaks[built, precision])
        peaks[memory, precision] = tuple(same)
    found = tuple(peak for how in product(MEMORY_MODES, DTYPES) for peak in peaks[how])
    if device != "cuda":
        return found
    return tuple(x.model_copy(update=_measure(model, image_size, batch, x)) for x in found)


def predicted_peaks(
    model: nn.Module, image_size: int, batch: int, memory: Memory, precision: Precision
) -> tuple[PeakMemory, ...]:
    """Follow a training step, and after it the updates of each of ``OPTIMIZERS``."""
    fake = FakeTensorMode(allow_non_fake_inputs=True)
    with fake, autocast_allowed(), Ledger() as ledger:
        twin = apply_memory_mode(memory, on_fake_gpu(model)).train()
        ledger.purpose = "activations"
        images = torch.empty(batch, 3, image_size, image_size, device="cuda")
        labels = torch.empty(batch, dtype=torch.int64, device="cuda")
        with autocast(images.device, DTYPES[precision]):
            nodes = [F.cross_entropy(twin(images), labels).grad_fn]
        saved_bytes = ledger.live["activations"]
        ledger.purpose = "temporaries"
        backward(nodes, torch.ones((), device="cuda"), partial(ledger.book, purpose="gradients"))
        passes = ledger.peak.copy()
        fullest = {
            name: _fullest(passes, settings, twin, ledger) for name, settings in OPTIMIZERS.items()
        }
        scoring_bytes = _scoring_bytes(twin, image_size, DTYPES[precision], ledger)
    return tuple(
        PeakMemory(
            memory=memory,
            precision=precision,
            optimizer=name,
            predicted_saved_bytes=saved_bytes,
            predicted_scoring_bytes=scoring_bytes,
            predicted_peak_bytes=peak.total(),
            predicted_weight_bytes=peak["weights"],
            predicted_optimizer_bytes=peak["optimizer"],
            predicted_gradient_bytes=peak["gradients"],
            predicted_activation_bytes=peak["activations"],
            predicted_temporary_bytes=peak["temporaries"],
        )
        for name, peak in fullest.items()
    )


def _fullest(
    passes: Counter[Purpose], settings: Optimizer, twin: nn.Module, ledger: Ledger
) -> Counter[Purpose]:
    """Return the larger peak: of forward and backward pass with the moments, or of the update."""
    optimizer = optimizers.optimizer(settings, twin.parameters())
    for group in optimizer.param_groups:
        # As torch chooses by itself on CUDA, but not for fake parameters, and nearest to what the
        # authors had; the one kernel that trainings use takes a copy of the weights less.
        group.update({"foreach": True, "fused": False})
    optimizer.step()  # makes the moments
    for moment in (moment for state in optimizer.state.values() for moment in state.values()):
        ledger.book(moment, "optimizer")
    moments: Counter[Purpose] = Counter({"optimizer": ledger.live["optimizer"]})
    ledger.peak.clear()
    optimizer.step()
    optimizer.state.clear()
    return max(passes + moments, ledger.peak.copy(), key=Counter.total)


def _scoring_bytes(twin: nn.Module, image_size: int, dtype: torch.dtype, ledger: Ledger) -> int:
    """Return the most bytes made by scoring a batch as ``evaluate`` does, without gradients.

    It may exceed what a step makes, as its batch is larger.
    """
    ledger.purpose = "activations"
    before = ledger.live.total()
    ledger.peak.clear()
    images = torch.empty(EVALUATION_BATCH, 3, image_size, image_size, device="cuda")
    with torch.no_grad(), autocast(images.device, dtype):
        twin.eval()(images)
    return ledger.peak.total() - before


def _measure(model: nn.Module, image_size: int, batch: int, case: PeakMemory) -> dict[str, int]:
    """Take the peak of the same step on the GPU, over what was allocated before."""
    gc.collect()
    torch.cuda.empty_cache()
    allocated, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    images = torch.zeros(batch, 3, image_size, image_size, device="cuda")
    twin = apply_memory_mode(case.memory, copy.deepcopy(model)).to("cuda")
    step = training_step(twin, images, OPTIMIZERS[case.optimizer], DTYPES[case.precision])
    step()
    torch.cuda.reset_peak_memory_stats()
    step()
    return {
        "measured_allocated_bytes": torch.cuda.max_memory_allocated() - allocated,
        "measured_reserved_bytes": torch.cuda.max_memory_reserved() - reserved,
    }
