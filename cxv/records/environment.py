"""Where and with what a number was made."""

from collections.abc import Iterable
from importlib.metadata import version

import torch

from cxv.records.commit import commit
from cxv.records.packages import installed
from cxv.records.record import CPU, Stamp


def describe_environment(device: torch.device) -> dict[str, str]:
    """Return where and with what a computation repeats to the last bit."""
    return {
        "torch": version("torch"),
        "device": _name(device),
        "CPU threads": str(torch.get_num_threads()),
    }


def repeats_here(made: Stamp, device: torch.device) -> bool:
    """Whether a second computation on a device gives the same numbers, bit for bit."""
    same = made.device == _name(device) and made.packages == installed()
    return made.deterministic and same


def stamp(
    code: str,
    device: torch.device,
    precision: str,
    seconds: float,
    undetermined: Iterable[str] = (),
) -> Stamp:
    """Return the stamp of a computation that has just ended.

    Args:
        code: fingerprint of what computed.
        device: where.
        precision: autocast's dtype, as ``params.yaml`` names it.
        seconds: wall time.
        undetermined: what may have let the numbers differ from those of a second run.
    """
    revision, dirty = commit()
    on_gpu = device.type == "cuda"
    return Stamp(
        commit=revision,
        dirty=dirty,
        code=code,
        packages=installed(),
        device=_name(device),
        precision=precision,
        undetermined=tuple(undetermined),
        cpu_threads=torch.get_num_threads(),
        seconds=round(seconds, 3),
        peak_bytes=torch.cuda.max_memory_allocated(device) if on_gpu else None,
    )


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else CPU
