"""Where and with what a number was made."""

import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import torch

from cxv.records.record import Stamp

PACKAGES = ("torch", "torchvision", "pillow", "numpy", "einops", "fvcore")


def describe_environment(device: torch.device) -> dict[str, str]:
    """Return where and with what a computation repeats to the last bit."""
    return {
        "torch": version("torch"),
        "device": _name(device),
        "CPU threads": str(torch.get_num_threads()),
    }


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
    commit, dirty = _commit()
    on_gpu = device.type == "cuda"
    return Stamp(
        commit=commit,
        dirty=dirty,
        code=code,
        packages={name: version(name) for name in PACKAGES},
        device=_name(device),
        precision=precision,
        undetermined=tuple(undetermined),
        cpu_threads=torch.get_num_threads(),
        seconds=round(seconds, 3),
        peak_bytes=torch.cuda.max_memory_allocated(device) if on_gpu else None,
    )


def _name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"


def _commit() -> tuple[str | None, bool]:
    """Return the commit of the code, and whether tracked files differ from it."""
    commit = _git("rev-parse", "HEAD")
    return commit or None, bool(_git("status", "--porcelain", "--untracked-files=no"))


def _git(*arguments: str) -> str:
    folder = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git: an unpacked archive
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
