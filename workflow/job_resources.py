"""What a training asks a cluster for, before it starts: memory of the machine, and time.

Its network's profile and its dataset say it, where they have been made. Too little costs another
start and no epoch: a training resumes.
"""

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from cxv.config.spec import Run
from cxv.data.archives import DataError
from cxv.data.manifest import Manifest
from cxv.gpus.memory_estimate import data_bytes, training_need
from cxv.records.costs import ProfileRecord
from cxv.records.seal import RecordError, read_sealed

PYTHON_MB = 1500  # 1.1 GB with torch and all that is imported; 0.2 for each Snakemake around it
CUDA_MB = 3000  # twice that: CUDA loads libraries of its own into the machine's memory
START_MINUTES = 10  # of a node that others use, until the first step
SLACK = 2.0  # times the seconds of its steps: scoring, saving, a slower node
LEAST_MINUTES, MOST_MINUTES = 30, 240


class Asked(NamedTuple):
    """Of a first attempt; an attempt that failed asks for more."""

    mb: int
    minutes: int


UNKNOWN = Asked(mb=6000, minutes=MOST_MINUTES)  # the paper's networks took 3.7 GB on a CPU


def training(run: Run, profile: Path, manifest: Path) -> Asked:
    """Return what a link asks for; without a profile of its network, what is enough for most."""
    try:
        measured = ProfileRecord.model_validate_json(read_sealed(profile)).measured
        facts = Manifest.load(manifest)
    except (OSError, ValidationError, DataError, RecordError):
        return UNKNOWN
    need_bytes = training_need(_in_float32(run), profile, manifest) or 0
    on_gpu = CUDA_MB + 2 * data_bytes(facts) / 1e6  # the file, and its tensors on their way
    on_cpu = PYTHON_MB + need_bytes / 1e6
    if measured.training is None:
        return Asked(round(max(on_gpu, on_cpu)), MOST_MINUTES)
    images = run.phase.max_epochs * sum(facts.train_images)
    minutes = START_MINUTES + SLACK * images / measured.training.median_images_per_second / 60
    return Asked(round(max(on_gpu, on_cpu)), round(min(max(minutes, LEAST_MINUTES), MOST_MINUTES)))


def _in_float32(run: Run) -> Run:
    """Return a run that is predicted as CPUs compute it: with maps twice as wide as a GPU's."""
    training = run.training.model_copy(update={"autocast_cuda": "float32"})
    return run.model_copy(update={"training": training})
