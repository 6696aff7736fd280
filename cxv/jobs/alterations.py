"""Which files that jobs have left are no longer what they left, and what a plan does about each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxv.jobs import train
from cxv.jobs.plan import Jobs
from cxv.records.intact import Intact
from cxv.records.job import Job
from cxv.records.record import OtherSettingsError
from cxv.records.run import CHECKPOINT, FILES, RunRecord
from cxv.records.seal import AlteredError, RecordError
from cxv.records.sealed_folder import alterations, sealed_files

FOUND_INTACT = Path(".cxv/intact.json")


@dataclass(frozen=True, slots=True)
class Alteration:
    """An output of a job that has to be made anew."""

    path: Path
    """A record, or the table or report of a study."""
    reason: str
    needs_training: bool
    """Nothing but a training gives it back."""


def altered_outputs(
    planned: Mapping[str, Jobs], studies: Iterable[Path], *, results: Path, data: Path
) -> list[Alteration]:
    """Return what of a plan's records and studies was altered, cut short or is of no version known.

    Args:
        planned: jobs, by kind and id.
        studies: folders of tables and reports.
        results: the folder of all records.
        data: the folder of the datasets' manifests.
    """
    intact = Intact(FOUND_INTACT)
    found = []
    for kind, jobs in planned.items():
        for job in jobs.values():
            if fault := _fault(job, results, intact):
                lost = kind == "train" and isinstance(fault, AlteredError)
                needs_training = lost and not train.kept(job, results, data)
                found.append(Alteration(results / job.path, str(fault), needs_training))
    found += [
        Alteration(folder / output, reason, needs_training=False)
        for folder in studies
        for reason in _altered_files(folder, intact)
        for output in ("table.csv", "report.html")
    ]
    intact.save()
    return found


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


def _fault(job: Job[Any, Any], results: Path, intact: Intact) -> RecordError | None:
    """Return why a record is to be made anew, unless Snakemake sees that by itself."""
    path = results / job.path
    files = [path, *(path.with_name(name) for name in FILES if job.record is RunRecord)]
    if not all(file.exists() for file in files) or intact.knows(str(path), files):
        return None
    try:
        prove(job, results)
    except OtherSettingsError:
        return None
    except RecordError as error:
        return error
    intact.add(str(path), files)
    return None


def _altered_files(folder: Path, intact: Intact) -> Iterator[str]:
    files = sealed_files(folder)
    if not intact.knows(str(folder), files):
        found = list(alterations(folder))
        yield from found
        if not found:
            intact.add(str(folder), files)
