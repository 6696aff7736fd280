"""What a command does about outputs that are no longer what their jobs have left.

Snakemake asks the input functions of the jobs that a command needs, and of no others. There it
learns which of their outputs were altered, before it decides which jobs to run.
"""

import atexit
from pathlib import Path
from typing import Any

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

from cxv.jobs import alterations
from cxv.records.intact import Intact
from cxv.records.job import Job

RESULTS, DATA = Path("results"), Path("data/raw")

_intact = Intact(Path(".cxv/intact.json"))
atexit.register(_intact.save)
_said: set[str] = set()
_altered: set[str] = set()
"""Paths of records, tables and reports."""
_lost: list[alterations.Alteration] = []
"""Runs that nothing but a training gives back."""


def make_record_again(workflow: Any, kind: str, job: Job[Any, Any]) -> None:
    """Have a record made again if it, or a file of its job, was altered."""
    found = alterations.of_record(kind, job, RESULTS, DATA, _intact)
    if found:
        _make_again(workflow, found.path, found.reason)
    if found and found.altered:
        _altered.add(str(found.path))
    if found and found.needs_training:
        _lost.append(found)


def make_report_again(workflow: Any, study: Path) -> None:
    """Have the table and the report of a study made again if a file of theirs was altered."""
    for reason in alterations.of_study(study, _intact):
        for name in ("table.csv", "report.html"):
            _make_again(workflow, study / name, reason)
            _altered.add(str(study / name))


def fetch_again(workflow: Any, folder: Path) -> None:
    """Have a dataset fetched again if its tensors or their manifest were altered."""
    if reason := alterations.of_dataset(folder, _intact):
        _make_again(workflow, folder / "manifest.json", reason)


def found() -> bool:
    """Tell whether any record, table or report was, of those that this command needs."""
    return bool(_altered)


def is_forced(workflow: Any, kind: str, job: Job[Any, Any]) -> bool:
    """Tell whether a record is made again whatever made it."""
    dag = workflow._dag
    return str(RESULTS / job.path) in dag.forcefiles or any(
        rule.name == kind for rule in dag.forcerules
    )


def refuse_lost() -> None:
    """Train nothing again that was trained once, before its user has decided.

    Raises:
        WorkflowError: a file of a run was altered, and the store has no other copy.
    """
    if _lost:
        records = " ".join(sorted({str(one.path) for one in _lost}))
        raise WorkflowError(
            "Runs were altered, and the store has no other copy of them. To train them again:"
            f" rm {records}; then type the same command. To keep what is there, if predictions"
            f" prove the numbers: python -m cxv accept {records} --because '...'"
        )


def _make_again(workflow: Any, path: Path, reason: str) -> None:
    workflow._dag.forcefiles.add(str(path))
    if reason not in _said:
        logger.warning(f"{reason}; to be made again")
    _said.add(reason)
