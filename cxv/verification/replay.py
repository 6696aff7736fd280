"""Some trainings of a study, drawn at random, done again from the phase before, and compared."""

import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from cxv.config.spec import Run
from cxv.errors import UserError
from cxv.jobs.plan import Jobs
from cxv.records.atomic_files import sha256_of
from cxv.records.environment import repeats_here
from cxv.records.run import ANSWERS, CHECKPOINT, FILES, HISTORY, PREDICTIONS, RECORD, RunRecord
from cxv.records.seal import RecordError
from cxv.verification.checked import Checked

REPEATED = (HISTORY, ANSWERS, PREDICTIONS, CHECKPOINT)
"""Files in which a second training writes the same."""
BAND = 4
"""Standard errors of a difference of two top-1 over the test images: what another device may do."""


def check_trainings(jobs: Jobs, count: int, *, results: Path, data: Path) -> Checked:
    """Train some runs again, in a temporary folder and without the store.

    Args:
        jobs: the trainings of a study.
        count: how many are drawn.
        results: the folder of all records.
        data: the folder of the datasets.

    Raises:
        UserError: a training failed.
    """
    made = list(_trained(jobs, results))
    drawn = random.SystemRandom().sample(made, min(count, len(made)))
    faults: list[str] = []
    equal: list[str] = []
    near: list[str] = []
    for run in drawn:
        with TemporaryDirectory() as folder:
            _train(run, Path(folder), results=results, data=data)
            fault, same = _compared(run, Path(folder), results / "runs" / run.id)
        if fault:
            faults.append(fault)
        else:
            (equal if same else near).append(run.id)
    says = f"{len(equal)} trainings repeated bit for bit{_named(equal)}"
    if near:
        says += (
            f"; {len(near)}, of another device or other packages, up to {BAND} standard errors"
            f"{_named(near)}"
        )
    return Checked(says, tuple(faults))


def _trained(jobs: Jobs, results: Path) -> Iterator[Run]:
    """Yield what was trained: a record has the type for AMP too, which is no part of a plan."""
    for job in jobs.values():
        try:
            yield RunRecord.load(results / job.path, job.settings).spec
        except RecordError:  # not made, or stale: the first depth says so
            continue


def _named(runs: list[str]) -> str:
    return f" ({', '.join(runs)})" if runs else ""


def _train(run: Run, folder: Path, *, results: Path, data: Path) -> None:
    """Train a link by the command of its rule."""
    dataset = data / run.dataset.name
    options = {
        "images": dataset / "images.pt",
        "manifest": dataset / "manifest.json",
        "metrics": folder / RECORD,
        "unfinished": folder / "unfinished",
        **{name.partition(".")[0]: folder / name for name in FILES},
    }
    if run.parent:
        before = results / "runs" / run.parent.id
        options |= {"parent": before / RECORD, "weights": before / CHECKPOINT}
    command = [sys.executable, "-m", "cxv", "train", run.canonical()]
    for name, path in options.items():
        command += [f"--{name}", str(path)]
    apart = {"CXV_STORE": f"{folder}/store", "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db"}
    done = subprocess.run(
        command, env=os.environ | apart, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise UserError(f"{run.id}: could not be trained again:\n{done.stderr}")


def same(one: Path, other: Path) -> bool:
    """Tell whether two files hold the same bytes; of arrays, whether each array does.

    Python 3.11.2 and 3.11.7 pack equal arrays with other headers.
    """
    if one.suffix != ".npz":
        return sha256_of(one) == sha256_of(other)
    try:
        return _arrays(one) == _arrays(other)
    except zipfile.BadZipFile:
        return False


def _arrays(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def _compared(run: Run, again: Path, before: Path) -> tuple[str, bool]:
    """Return what is wrong with a run, and whether a second training leaves the same bytes."""
    differing = [name for name in REPEATED if not same(before / name, again / name)]
    if not differing:
        return "", True
    try:
        said, found = (RunRecord.load(at / RECORD, run) for at in (before, again))
    except RecordError as error:
        return str(error), False
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if repeats_here(said.stamp, device) and found.stamp.deterministic:
        return f"{before / differing[0]}: a second training leaves other bytes", False
    ours, theirs = (record.outcome.top1 or 0.0 for record in (said, found))
    mean, images = (ours + theirs) / 2, said.outcome.test_images
    if abs(ours - theirs) > BAND * sqrt(2 * mean * (1 - mean) / images):
        return f"{before / RECORD}: top-1 {ours}, a second training reaches {theirs}", False
    return "", False
