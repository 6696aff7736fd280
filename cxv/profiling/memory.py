"""The peak of GPU memory in a training step: predicted on any machine, measured where one is.

A prediction runs the step on fake CUDA tensors, so it takes the kernels and casts of a GPU: dropout
keeps one byte an element, autocast a float16 copy of each weight. It misses what no operation
returns: workspaces of cuDNN and cuBLAS, gaps of the allocator, a GradScaler's three numbers.
"""

import copy
import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
from cxv.records.costs import OptimizerName, PeakMemory, Precision
from cxv.training import optimizers
from cxv.training.evaluation import EVALUATION_BATCH
from cxv.training.precision import autocast

DTYPES: Mapping[Precision, torch.dtype] = MappingProxyType(
    {"float32": torch.float32, "float16": torch.float16}
)
OPTIMIZERS: Mapping[OptimizerName, Optimizer] = MappingProxyType(
    {"AdamW": ADAMW, "SGD": Optimizer(name="SGD", lr=1e-3, momentum=0.9)}
)


@dataclass(frozen=True, slots=True)
class Passes:
    """What a training step does before its optimizer, in one form and precision."""

    twin: nn.Module  # of fake tensors, with its gradients
    saved_bytes: int  # activations when the forward pass is over
    fullest: Counter[Purpose]
    left: Counter[Purpose]  # when the backward pass is over
    scoring_bytes: int


@dataclass(frozen=True, slots=True)
class Update:
    """What an optimizer takes in addition to all that is there before it."""

    moments: Counter[Purpose]
    fullest: Counter[Purpose]


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
    built: dict[Memory, Memory] = {x: x if changes(x, model) else "fused" for x in MEMORY_MODES}
    with _fake_gpu():
        passes = {
            how: _passes(model, image_size, batch, *how)
            for how in dict.fromkeys(product(built.values(), DTYPES))
        }
        updates = _updates(passes["fused", "float32"].twin)
    found = tuple(
        peak
        for memory, precision in product(MEMORY_MODES, DTYPES)
        for peak in _peaks(memory, precision, passes[built[memory], precision], updates)
    )
    if device != "cuda":
        return found
    return tuple(x.model_copy(update=_measure(model, image_size, batch, x)) for x in found)


def predicted_peaks(
    model: nn.Module, image_size: int, batch: int, memory: Memory, precision: Precision
) -> tuple[PeakMemory, ...]:
    """Return the peaks of a training step in one form and precision, under each optimizer."""
    with _fake_gpu():
        passes = _passes(model, image_size, batch, memory, precision)
        updates = _updates(passes.twin)
    return tuple(_peaks(memory, precision, passes, updates))


def _passes(
    model: nn.Module, image_size: int, batch: int, memory: Memory, precision: Precision
) -> Passes:
    """Follow the forward and the backward pass of a step, and then a batch that is scored."""
    with Ledger() as ledger:
        twin = apply_memory_mode(memory, on_fake_gpu(model)).train()
        ledger.purpose = "activations"
        images = torch.empty(batch, 3, image_size, image_size, device="cuda")
        labels = torch.empty(batch, dtype=torch.int64, device="cuda")
        with autocast(images.device, DTYPES[precision]):
            nodes = [F.cross_entropy(twin(images), labels).grad_fn]
        saved_bytes = ledger.live["activations"]
        ledger.purpose = "temporaries"
        backward(nodes, torch.ones((), device="cuda"), partial(ledger.book, purpose="gradients"))
        return Passes(
            twin=twin,
            saved_bytes=saved_bytes,
            fullest=ledger.peak.copy(),
            left=ledger.live.copy(),
            scoring_bytes=_scoring_bytes(twin, image_size, DTYPES[precision], ledger),
        )


def _updates(twin: nn.Module) -> Mapping[OptimizerName, Update]:
    """Follow the update of each of ``OPTIMIZERS``; neither form nor precision changes it."""
    return {name: _update(settings, twin) for name, settings in OPTIMIZERS.items()}


def _update(settings: Optimizer, twin: nn.Module) -> Update:
    with Ledger() as ledger:
        ledger.purpose = "temporaries"
        optimizer = optimizers.optimizer(settings, twin.parameters())
        for group in optimizer.param_groups:
            # As torch chooses by itself on CUDA, but not for fake parameters, and nearest to what
            # the authors had; the one kernel that trainings use takes a copy of the weights less.
            group.update({"foreach": True, "fused": False})
        optimizer.step()  # makes the moments
        for moment in (moment for state in optimizer.state.values() for moment in state.values()):
            ledger.book(moment, "optimizer")
        moments: Counter[Purpose] = Counter({"optimizer": ledger.live["optimizer"]})
        ledger.peak.clear()
        optimizer.step()
        return Update(moments, fullest=ledger.peak.copy())


def _peaks(
    memory: Memory, precision: Precision, passes: Passes, updates: Mapping[OptimizerName, Update]
) -> Iterator[PeakMemory]:
    """Yield the larger peak: of both passes with the moments there, or of the update."""
    for name, update in updates.items():
        peak = max(passes.fullest + update.moments, passes.left + update.fullest, key=Counter.total)
        yield PeakMemory(
            memory=memory,
            precision=precision,
            optimizer=name,
            predicted_saved_bytes=passes.saved_bytes,
            predicted_scoring_bytes=passes.scoring_bytes,
            predicted_peak_bytes=peak.total(),
            predicted_weight_bytes=peak["weights"],
            predicted_optimizer_bytes=peak["optimizer"],
            predicted_gradient_bytes=peak["gradients"],
            predicted_activation_bytes=peak["activations"],
            predicted_temporary_bytes=peak["temporaries"],
        )


@contextmanager
def _fake_gpu() -> Iterator[None]:
    with FakeTensorMode(allow_non_fake_inputs=True), autocast_allowed():
        yield


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
