"""Which files that jobs have left are no longer what they left."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxv.data.manifest import Manifest
from cxv.errors import UserError
from cxv.jobs import train
from cxv.records.atomic_files import sha256_of
from cxv.records.intact import Intact
from cxv.records.job import Job
from cxv.records.record import OtherSettingsError
from cxv.records.run import CHECKPOINT, FILES, RunRecord
from cxv.records.seal import AlteredError, RecordError
from cxv.records.sealed_folder import alterations, files_below


@dataclass(frozen=True, slots=True)
class Alteration:
    """A record that has to be made again."""

    path: Path
    reason: str
    needs_training: bool
    """Nothing but a training gives it back."""
    altered: bool = True
    """Not merely of another version of this code, or made in another precision."""


def of_record(
    kind: str, job: Job[Any, Any], results: Path, data: Path, intact: Intact
) -> Alteration | None:
    """Return why a record is to be made again, unless Snakemake sees that by itself.

    Args:
        kind: of the job.
        job: whose record it is.
        results: the folder of all records.
        data: the folder of the datasets' manifests.
        intact: what was found intact before is not read again.
    """
    path = results / job.path
    files = [path, *(path.with_name(name) for name in FILES if job.record is RunRecord)]
    name = f"{path}#{job.settings.digest}"  # under other settings it may be another precision
    if not all(file.exists() for file in files) or intact.knows(name, files):
        return None
    try:
        prove(job, results)
    except OtherSettingsError:
        return None
    except AlteredError as error:
        kept = kind != "train" or train.kept(job, results, data)
        return Alteration(path, str(error), needs_training=not kept)
    except RecordError as error:  # another precision, or another version of this code
        return Alteration(path, str(error), needs_training=False, altered=False)
    intact.add(name, files)
    return None


def of_study(folder: Path, intact: Intact) -> Iterator[str]:
    """Say which files of a study's table and report were altered."""
    files = files_below(folder)
    if not intact.knows(str(folder), files):
        found = list(alterations(folder))
        yield from found
        if not found:
            intact.add(str(folder), files)


def of_dataset(folder: Path, intact: Intact) -> str:
    """Return why a dataset is to be fetched again; empty if it is intact or not there."""
    files = [folder / "images.pt", folder / "manifest.json"]
    if not all(file.exists() for file in files) or intact.knows(str(folder), files):
        return ""
    fault = dataset_fault(folder)
    if not fault:
        intact.add(str(folder), files)
    return fault


def dataset_fault(folder: Path) -> str:
    """Return what is wrong with the tensors of a dataset or their manifest; empty if nothing is."""
    images = folder / "images.pt"
    try:
        facts = Manifest.load(folder / "manifest.json")
        same = sha256_of(images) == facts.file_sha256
    except (OSError, UserError) as error:
        return str(error)
    return "" if same else f"{images}: altered: its SHA-256 is not the one in manifest.json"


def prove(job: Job[Any, Any], results: Path) -> None:
    """Hold a record and all files of its job against their seals.

    Raises:
        RecordError: it is missing, of another version, or made under other settings.
        AlteredError: one of them is altered or missing.
    """
    path = results / job.path
    record = job.record.load(path, job.settings)
    record.prove(path.parent)
    if isinstance(record, RunRecord):
        record.intact(path.with_name(CHECKPOINT), CHECKPOINT)
