"""Where a job computes: on a GPU where it has reserved memory, or on the CPU."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from cxv.config.spec import Run
from cxv.errors import UserError
from cxv.gpus.placement import Device, gb
from cxv.gpus.queue import reserve
from cxv.records.cuda_context import CUDA_CONTEXT_BYTES

log = logging.getLogger(__name__)


@contextmanager
def training_device(need_bytes: int | None) -> Iterator[torch.device]:
    """Wait for room on a GPU that CUDA_VISIBLE_DEVICES shows; without CUDA, give the CPU at once.

    Args:
        need_bytes: of the GPU; torch then takes no more. None, or more than any GPU has, takes a
            whole one: a prediction that is too high keeps nothing from being tried.
    """
    if not torch.cuda.is_available():
        yield torch.device("cpu")
        return
    gpus = {_described(index): index for index in range(torch.cuda.device_count())}
    if need_bytes is not None and all(need_bytes > gpu.bytes for gpu in gpus):
        log.info("predicted to need %s, more than a GPU has: takes a whole one", gb(need_bytes))
        need_bytes = None
    with reserve(list(gpus), need_bytes) as gpu:
        torch.cuda.set_device(gpus[gpu])
        if need_bytes is not None:
            _keep_within(need_bytes, gpu)
        yield torch.device("cuda", gpus[gpu])


@contextmanager
def explain_out_of_memory(run: Run, device: torch.device, need_bytes: int | None) -> Iterator[None]:
    """Turn a lack of memory on ``device`` into what to change.

    Args:
        run: the link.
        device: where it computes.
        need_bytes: predicted; None: not known.

    Raises:
        UserError: the block ran out of the device's memory.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        free_bytes, all_bytes = torch.cuda.mem_get_info(device)
        predicted = f"{gb(need_bytes)} were predicted" if need_bytes else "nothing was predicted"
        raise UserError(
            f"{run.id}: out of memory on {device}: {predicted}, {gb(free_bytes)} of"
            f" {gb(all_bytes)} are free. In params.yaml: training.memory: lean,"
            f" training.micro_batch: auto, or phases.{run.phase.name}.batch below"
            f" {run.phase.batch}; or end what else computes there"
        ) from error


def _described(index: int) -> Device:
    properties = torch.cuda.get_device_properties(index)
    return Device(f"GPU-{properties.uuid}", properties.total_memory)


def _keep_within(need_bytes: int, gpu: Device) -> None:
    """Let torch empty its cache before it grows into the places of others on the same GPU."""
    torch.cuda.set_per_process_memory_fraction((need_bytes - CUDA_CONTEXT_BYTES) / gpu.bytes)
