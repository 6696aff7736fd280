"""Count networks as they are: no images are needed, and no training."""

from collections.abc import Iterator

import torch
from torch import nn

from cxv.config.spec import Counts, PrintedMemory, described
from cxv.profiling.macs import count_macs
from cxv.profiling.memory import predicted_peaks
from cxv.profiling.parameters import count_module_params, count_params
from cxv.records.costs import Counted, PredictedPeak
from cxv.records.cuda_context import CUDA_CONTEXT_BYTES


def count(spec: Counts) -> Iterator[tuple[str, Counted]]:
    """Build one network after the other; yield its parameters, MACs of one image, and memory."""
    for name, network in spec.networks.items():
        description = described(network.model, network.variant)
        model = description.build(network.classes, network.image_size).eval()
        image = torch.zeros(1, 3, network.image_size, network.image_size)
        counted = count_macs(model, image)
        printed = spec.memory.get(name)
        yield (
            name,
            Counted(
                params=count_params(model),
                params_modules=count_module_params(model),
                **{f"macs_{convention}": one.macs for convention, one in counted.items()},
                memory=_memory(model, network.image_size, printed) if printed else None,
            ),
        )


def _memory(model: nn.Module, image_size: int, printed: PrintedMemory) -> PredictedPeak:
    peaks = predicted_peaks(model, image_size, printed.batch, printed.memory, "float32")
    return PredictedPeak(
        batch=printed.batch,
        peak=next(peak for peak in peaks if peak.optimizer == "AdamW"),
        predicted_context_bytes=CUDA_CONTEXT_BYTES,
    )
