"""What the workflow has to know of the machine that it runs on."""

import os
import re
import sys
from pathlib import Path


def prefer_this_python() -> None:
    """Let ``python`` in jobs be the interpreter that runs Snakemake, activated or not."""
    folder = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])


def wait_at_limits_of_slurm() -> None:
    """Let ``sbatch`` be the one that waits where a site allows no more submitted jobs."""
    folder = str(Path(__file__).parent / "slurm")
    os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])


def offer_mirror(folder: str | None) -> None:
    """Pass ``mirror:`` of params.yaml to the jobs, unless CXV_MIRROR names another folder.

    Through the environment and not as a parameter: where bytes come from is not what they are.
    """
    if folder:
        os.environ.setdefault("CXV_MIRROR", folder)


def trainings_at_once(cores: int | None) -> int:
    """Return the default of ``--resources gpu``: one a GPU, or where there is none, one a core."""
    return _gpus(Path("/dev")) or cores or 1


def threads_of_a_profile(cores: int | None) -> int:
    """Return every core where a GPU is timed, by the clock; a CPU is timed by what it computes."""
    return (cores or 1) if _gpus(Path("/dev")) else 1


def _gpus(devices: Path) -> int:
    """Count NVIDIA's device files: asking the driver would take a second of every plan."""
    return sum(bool(re.fullmatch(r"nvidia\d+", path.name)) for path in devices.iterdir())
