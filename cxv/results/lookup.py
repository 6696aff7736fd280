"""What the grid asks for against what is on disk: a record, or the reason why there is none."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, cast

from cxv.config.grid import StalePolicy
from cxv.config.spec import ConfigSearch, Counts, Examples, ModelSummary, Profile, Run
from cxv.records.changes import few
from cxv.records.code_record import UNKNOWN, code_changes
from cxv.records.config_search import ConfigSearchRecord
from cxv.records.costs import CountsRecord, ProfileRecord
from cxv.records.examples import ExamplesRecord
from cxv.records.job import Job, Made, Settings
from cxv.records.model_summary import ModelSummaryRecord
from cxv.records.run import RunRecord
from cxv.records.seal import AlteredError, RecordError

FRACTION = "fraction of 1"
"""The unit of a top-1 in a cell."""


Status = Literal[
    "not run",
    "altered",
    "stale",
    "diverged",
    "one seed",
    "no pair",
    "no answers",
    "not timed",
]


@dataclass(frozen=True, slots=True)
class Gap:
    """Why there is no number."""

    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Lookup(Generic[Settings, Made]):
    """A record and its settings; of one that is not found, those that are asked for."""

    spec: Settings
    path: Path
    record: Made | Gap
    stale: str = ""
    """Why a record is stale that is shown all the same."""

    @property
    def source(self) -> str:
        """Name the file and the specification that it must embed."""
        return f"{self.path.as_posix()}#{self.spec.digest}"


RunLookup = Lookup[Run, RunRecord]
ProfileLookup = Lookup[Profile, ProfileRecord]
ConfigSearchLookup = Lookup[ConfigSearch, ConfigSearchRecord]
CountsLookup = Lookup[Counts, CountsRecord]
ModelSummaryLookup = Lookup[ModelSummary, ModelSummaryRecord]
ExamplesLookup = Lookup[Examples, ExamplesRecord]


def find(
    job: Job[Settings, Made], results: Path, policy: StalePolicy = "retrain"
) -> Lookup[Settings, Made]:
    """Return the record of a job, or why there is none.

    Args:
        job: the one whose record is asked for.
        results: folder of all records; the source that is named begins with it as given.
        policy: ``report``: a record that other code made is returned, with the reason.
    """
    path = results / job.path
    try:
        record = job.record.load(path, job.settings)
        record.prove(path.parent)
    except AlteredError as error:
        return Lookup(job.settings, path, Gap("altered", str(error)))
    except RecordError as error:
        gap = Gap("stale" if path.exists() else "not run", str(error))
        return Lookup(job.settings, path, gap)
    if (made_by := record.stamp.code) != (code := job.code):
        edits = [x for x in code_changes(job, record.stamp, results) if x.name != UNKNOWN]
        reason = f"{path}: made by code {made_by}, now {code}{f': {few(edits)}' if edits else ''}"
        if policy == "report":
            return Lookup(job.settings, path, record, reason)
        return Lookup(job.settings, path, Gap("stale", reason))
    return Lookup(cast("Settings", record.spec), path, record)


def find_all(
    jobs: Mapping[str, Job[Settings, Made]], results: Path, policy: StalePolicy = "retrain"
) -> dict[str, Lookup[Settings, Made]]:
    """Return what ``find`` does for several jobs, by their names."""
    return {name: find(job, results, policy) for name, job in jobs.items()}


def digest(found: Iterable[Lookup[Any, Any]]) -> str:
    """Return a SHA-256 over everything that some records say, and over which are lacking."""
    lines = sorted(
        f"{one.source} {one.record if isinstance(one.record, Gap) else one.record.canonical()}"
        f"{one.stale}"
        for one in found
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def top1(run: RunLookup) -> float | None:
    """Return the test top-1 of a run that may be averaged, as a fraction of 1."""
    return None if isinstance(run.record, Gap) else run.record.outcome.top1


def counted(count: int) -> str:
    """Return "1 seed", "2 seeds", ..."""
    return f"{count} seed{'s' if count > 1 else ''}"


def count_statuses(seeds: Sequence[RunLookup]) -> str:
    """Return, say, ``1 of 3 diverged (seed 2)``; empty if every seed finished."""
    lost = {
        status: [str(seed.spec.seed) for seed in seeds if _is(seed, status)]
        for status in ("altered", "stale", "diverged", "not run")
    }
    return "; ".join(
        f"{len(which)} of {len(seeds)} {status} (seed {', '.join(which)})"
        for status, which in lost.items()
        if which
    )


def _is(seed: RunLookup, status: str) -> bool:
    return seed.record.status == status or (status == "stale" and bool(seed.stale))


def why_none(seeds: Sequence[RunLookup]) -> Gap:
    """Return why no seed gave a number: the gravest status, and how many seeds have which."""
    statuses = {seed.record.status for seed in seeds}
    gravest: Sequence[Status] = ("altered", "stale", "diverged")
    return Gap(
        next((status for status in gravest if status in statuses), "not run"),
        count_statuses(seeds),
    )
