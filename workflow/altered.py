"""What a command does about outputs that are no longer what their jobs have left."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from snakemake.logging import logger

from cxv.errors import UserError
from cxv.jobs.alterations import Alteration, altered_outputs
from cxv.jobs.plan import Jobs
from cxv.records.job import Job

RESULTS, STUDIES, DATA = Path("results"), Path("results/studies"), Path("data/raw")
PARTS = {"data": (), "profiles": ("profile",), "runs": None}
"""Kinds of records that targets such as ``demo_data`` ask for; None: all."""

Planned = Mapping[str, Mapping[str, Jobs]]
"""Every job, by study, kind and id."""


def asked_for(targets: Iterable[str], planned: Planned) -> list[Alteration]:
    """Return the altered outputs that a command needs; others are left to the command that does."""
    needed = {path for target in targets for path in _needed(target, planned)}
    jobs: dict[str, dict[str, Job[Any, Any]]] = {}
    for kinds in planned.values():
        for kind, some in kinds.items():
            wanted = {id: job for id, job in some.items() if RESULTS / job.path in needed}
            jobs.setdefault(kind, {}).update(wanted)
    studies = [study for study in sorted(STUDIES.glob("*")) if study / "report.html" in needed]
    return altered_outputs(jobs, studies, results=RESULTS, data=DATA)


def to_make_again(altered: Iterable[Alteration]) -> set[str]:
    """Return the paths of what costs no training; say why each is made again.

    Raises:
        UserError: some runs cost one.
    """
    altered = list(altered)
    if lost := [one for one in altered if one.needs_training]:
        reasons = "\n".join(one.reason for one in lost)
        records = " ".join(str(one.path) for one in lost)
        raise UserError(
            f"{reasons}\nThe store has no other copy. To train again: rm {records}; then type the"
            " same command. To keep what is there, if its predictions prove its numbers:"
            f" python -m cxv accept {records} --because '...'"
        )
    for reason in dict.fromkeys(one.reason for one in altered):
        logger.warning(f"{reason}: made again")
    return {str(one.path) for one in altered}


def _needed(target: str, planned: Planned) -> Iterator[Path]:
    """Yield the records, and the reports, that a target needs."""
    study, _, part = target.rpartition("_")
    folder = Path(target).parent
    if folder.parent == STUDIES:  # a file of a study
        target = folder.name
    if target in planned:
        for jobs in planned[target].values():
            yield from (RESULTS / job.path for job in jobs.values())
        yield from (STUDIES / target / name for name in ("table.csv", "report.html"))
    elif study in planned and part in PARTS:
        kinds = PARTS[part]
        for kind, jobs in planned[study].items():
            if kinds is None or kind in kinds:
                yield from (RESULTS / job.path for job in jobs.values())
    else:  # a record, and those of the links before
        yield from (parent / Path(target).name for parent in (folder, *folder.parents))
