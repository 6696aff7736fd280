"""Every checkpoint of a study evaluated again, and its answers compared with the predictions."""

from pathlib import Path

import numpy as np
import torch

from cxv.data.manifest import Manifest
from cxv.data.tensors import load
from cxv.jobs.plan import Jobs
from cxv.records.environment import repeats_here
from cxv.records.predictions import Predictions
from cxv.records.run import CHECKPOINT, PREDICTIONS, RunRecord
from cxv.records.seal import RecordError
from cxv.training.determinism import make_deterministic
from cxv.training.evaluation import evaluate
from cxv.training.run import predictions
from cxv.training.saved_weights import load_weights
from cxv.training.setup import network, prepare_training
from cxv.verification.checked import Checked

MOST_FLIPPED = 0.01
"""Share of test images whose class may differ on another device or with other packages."""


def check_weights(jobs: Jobs, *, results: Path, data: Path) -> Checked:
    """Evaluate the weights of every run that finished.

    Args:
        jobs: the trainings of a study.
        results: the folder of all records.
        data: the folder of the datasets.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    faults: list[str] = []
    equal = near = 0
    for job in jobs.values():
        folder = (results / job.path).parent
        try:
            record = RunRecord.load(results / job.path, job.settings)
        except RecordError:  # not made, or refused by the check of seals
            continue
        said = Predictions.load(folder / PREDICTIONS)
        found = evaluated(record, folder / CHECKPOINT, data / job.settings.dataset.name, device)
        flipped = _flipped(said, found)
        if flipped == 0 and np.array_equal(said.log_probability, found.log_probability):
            equal += 1
        elif flipped <= MOST_FLIPPED and not repeats_here(record.stamp, device):
            near += 1
        else:
            faults.append(
                f"{folder / PREDICTIONS}: not what {CHECKPOINT} answers:"
                f" {100 * flipped:.2g} % of the images get another class"
            )
    says = f"{equal} checkpoints give their predictions bit for bit"
    if near:
        says += f"; {near}, of another device or other packages, all but {MOST_FLIPPED} of them"
    return Checked(says, tuple(faults))


def evaluated(
    record: RunRecord, checkpoint: Path, dataset: Path, device: torch.device
) -> Predictions:
    """Return what the weights of a run answer to the test images."""
    run, facts = record.spec, Manifest.load(dataset / "manifest.json")
    make_deterministic(run.training.cpu_threads)
    model = network(run, facts, load_weights(checkpoint, run)).to(device)
    setup, test = prepare_training(run, load(dataset / "images.pt", facts.sha256), facts, device)
    return predictions(evaluate(model, test, setup.prepare, setup.dtype), test)


def _flipped(said: Predictions, found: Predictions) -> float:
    """Return the share of images that get another class or label; 1 if they are others."""
    if said.label.shape != found.label.shape:
        return 1.0
    other = (said.predicted != found.predicted) | (said.label != found.label)
    return float(other.mean())
