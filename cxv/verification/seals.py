"""Every file of a study against its seal: finds accidents and careless edits."""

from collections.abc import Mapping
from pathlib import Path

from cxv.jobs.alterations import dataset_fault, prove
from cxv.jobs.plan import Jobs
from cxv.records.seal import AlteredError, RecordError
from cxv.records.sealed_folder import alterations, sealed_files
from cxv.verification.checked import Checked


def check_seals(planned: Mapping[str, Jobs], study: Path, *, results: Path, data: Path) -> Checked:
    """Read every record, every file of its run, every dataset, and the files of a report.

    Args:
        planned: the jobs of a study, by kind and id.
        study: the folder of its tables and reports.
        results: the folder of all records.
        data: the folder of the datasets.
    """
    faults: list[str] = []
    intact, stale, missing = 0, 0, 0
    for jobs in planned.values():
        for job in jobs.values():
            try:
                prove(job, results)
                intact += 1
            except AlteredError as error:
                faults.append(str(error))
            except RecordError:
                stale += (results / job.path).exists()
                missing += not (results / job.path).exists()
    datasets = {data / job.settings.dataset.name for job in planned["profile"].values()}
    here = sorted(folder for folder in datasets if folder.exists())
    faults += filter(None, map(dataset_fault, here))
    faults += alterations(study)
    says = (
        f"{intact} records and their files; datasets: {len(here)};"
        f" files of the report: {len(sealed_files(study))}"
    )
    says += f"; {missing} records not made" * bool(missing) + f"; {stale} stale" * bool(stale)
    return Checked(says, tuple(faults))
