"""The table of jobs: rules, the look-up of records and the code hash read nothing else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from cxv.config.grid import Params
from cxv.jobs import config_search, counts, examples, model_summary, profile, train
from cxv.paper.description import Description
from cxv.records.job import Job
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


def collect(planned: Mapping[str, Jobs], results: Path) -> Found:
    """Look all records of a plan up in the folder of results."""
    return {kind: find_all(jobs, results) for kind, jobs in planned.items()}
