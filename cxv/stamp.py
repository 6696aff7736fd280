"""Where and with what a number was made."""

import subprocess
from importlib.metadata import version
from pathlib import Path

import torch

from cxv.records import Stamp

PACKAGES = ("torch", "torchvision", "numpy", "einops", "fvcore")


def stamp(code: str, device: torch.device, precision: str, seconds: float) -> Stamp:
    """Return the stamp of a computation that has just ended.

    Args:
        code: fingerprint of what computed.
        device: where.
        precision: autocast's dtype, as ``params.yaml`` names it.
        seconds: wall time.
    """
    commit, dirty = _commit()
    on_gpu = device.type == "cuda"
    return Stamp(
        commit=commit,
        dirty=dirty,
        code=code,
        packages={name: version(name) for name in PACKAGES},
        device=torch.cuda.get_device_name(device) if on_gpu else "cpu",
        precision=precision,
        # CUDA keeps a few kernels whose sums have no fixed order; see train.make_deterministic.
        deterministic=not on_gpu,
        cpu_threads=torch.get_num_threads(),
        seconds=round(seconds, 3),
        peak_bytes=torch.cuda.max_memory_allocated(device) if on_gpu else None,
    )


def _commit() -> tuple[str | None, bool]:
    """Return the commit of the code, and whether tracked files differ from it."""
    commit = _git("rev-parse", "HEAD")
    return commit or None, bool(_git("status", "--porcelain", "--untracked-files=no"))


def _git(*arguments: str) -> str:
    folder = Path(__file__).resolve().parents[1]
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git: an unpacked archive
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
