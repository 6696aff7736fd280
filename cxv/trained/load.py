"""From a run to its network, by its record alone."""

import logging
from pathlib import Path

import torch

from cxv.errors import UserError
from cxv.jobs.train import job
from cxv.records.run import RunRecord
from cxv.records.run_names import find_record
from cxv.training.classifier import MANIFEST, Classifier

log = logging.getLogger(__name__)


def load(
    run: str | Path,
    *,
    results: Path | str = "results",
    data: Path | str | None = None,
    device: torch.device | str | None = None,
) -> Classifier:
    """Return the trained network of a run, with all that it takes to classify images by it.

    Args:
        run: its folder, its record, or its id below ``results``.
        results: the folder of all records.
        data: the folder of all datasets, whose manifests have the names of classes, the size of
            images and their mean and deviation; by default the one of the run's own checkout.
        device: where it computes; by default on a GPU if there is one.

    Raises:
        UserError: there is no such run, it diverged, one of its files was altered, its weights are
            of another specification, or the manifest is missing or of other images.
    """
    path = find_record(str(run), Path(results))
    record = RunRecord.read(path)
    if record.status == "diverged":
        raise UserError(f"{path}: this training diverged: its weights are of no use")
    manifest = _manifest(path.parent, record, None if data is None else Path(data))
    fallback = "cuda" if torch.cuda.is_available() else "cpu"
    found = Classifier.load(path.parent, torch.device(device or fallback), manifest)
    if (code := job(record.spec).code) != record.stamp.code:
        log.warning(
            "%s: was made by other code (%s) than there is now (%s), which may answer otherwise:"
            " `python -m cxv verify STUDY --weights` compares",
            path, record.stamp.code, code,
        )  # fmt: skip
    return found


def _manifest(folder: Path, record: RunRecord, data: Path | None) -> Path:
    """Return the manifest of a run's dataset: next to its record, or where datasets are."""
    name = record.spec.dataset.name
    if data is None:
        if (folder / MANIFEST).exists():
            return folder / MANIFEST
        data = _checkout(folder, record) / "data" / "raw"
    path = data / name / MANIFEST
    if not path.exists():
        raise UserError(
            f"{path}: missing: it has the names of the classes, the size of the images, and their"
            f" mean and deviation. `dvc pull` or `snakemake --cores 1 data/raw/{name}/{MANIFEST}`"
            f" brings it; if it is elsewhere, name the folder of all datasets (data) or put it"
            f" into {folder}"
        )
    return path


def _checkout(folder: Path, record: RunRecord) -> Path:
    """Return the folder above ``results/runs/<id>``; for one elsewhere, the current folder."""
    parts = ("runs", *Path(record.spec.id).parts)
    whole = folder.absolute()
    return whole.parents[len(parts)] if whole.parts[-len(parts) :] == parts else Path()
