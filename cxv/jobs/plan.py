"""The table of jobs: rules, the look-up of records and the code hash read nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from cxv.config.grid import Params, StalePolicy
from cxv.jobs import config_search, counts, examples, model_summary, profile, train
from cxv.paper.description import Description
from cxv.records.job import Job
from cxv.records.seal import RecordError
from cxv.results.lookup import Lookup, find_all

Jobs = Mapping[str, Job[Any, Any]]


class Kind(Protocol):
    """A module of this package whose jobs leave records."""

    def jobs(self, params: Params, study: str, paper: Description | None, /) -> Jobs:
        """Return what a study needs, by id."""


KINDS: Mapping[str, Kind] = {
    "train": train,
    "profile": profile,
    "config_search": config_search,
    "model_summary": model_summary,
    "counts": counts,
    "examples": examples,
}
"""By the name of the rule."""


def plan(params: Params, study: str, paper: Description | None) -> dict[str, Jobs]:
    """Return every job that leaves a record for a study, by kind and id.

    Args:
        params: the whole grid.
        study: a key of ``params.studies``, or ``all``.
        paper: as its folder describes it; None: nothing is held against one.
    """
    return {kind: module.jobs(params, study, paper) for kind, module in KINDS.items()}


Found = Mapping[str, Mapping[str, Lookup[Any, Any]]]
"""Records, or why there are none, by kind and id."""


def collect(planned: Mapping[str, Jobs], results: Path, policy: StalePolicy) -> Found:
    """Look all records of a plan up in the folder of results."""
    return {kind: find_all(jobs, results, policy) for kind, jobs in planned.items()}


def rerun_code(job: Job[Any, Any], results: Path, policy: StalePolicy) -> str:
    """Return the fingerprint whose change makes a record again.

    It is that of the code now. Where stale records are reported, it is that of the code which made
    the record, if there is one of the same specification.
    """
    if policy == "retrain":
        return job.code
    try:
        return job.record.load(results / job.path, job.settings).stamp.code
    except RecordError:
        return job.code


def kept_stale(planned: Mapping[str, Jobs], results: Path, policy: StalePolicy) -> list[str]:
    """Return a line for each record that is shown although other code made it."""
    return [
        f"{job.path} {made_by} {job.code}"
        for jobs in planned.values()
        for job in jobs.values()
        if (made_by := rerun_code(job, results, policy)) != job.code
    ]
