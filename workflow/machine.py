"""What the workflow has to know of the machine that it runs on."""

import atexit
import gc
import os
import re
import sys
from pathlib import Path


def offer_programs() -> None:
    """Let ``python`` in jobs be the interpreter that runs Snakemake, activated or not.

    And offer the programs of ``bin/``: an ``sbatch`` that waits at a site's limits, ``keep_log``.
    """
    folders = (Path(__file__).parent / "bin", Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([*map(str, folders), path])


def end_at_once() -> None:
    """Spare Python a last search for garbage among all that torch has made: it takes seconds."""
    atexit.register(gc.freeze)


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
