"""Where each job of a study stands: done, running, stopped, failed or waiting."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from cxv.config.grid import Params
from cxv.jobs.plan import plan
from cxv.paper.description import Description
from cxv.records.job import Job
from cxv.records.job_log import (
    ADVANCED,
    KEPT,
    Ending,
    Process,
    begun,
    ending,
    last_attempt,
    lines_of,
)
from cxv.records.record import Record
from cxv.records.store import Holder
from cxv.results.lookup import Gap, find

State = Literal["done", "running", "failed", "stopped", "waiting"]
STATES: tuple[State, ...] = ("done", "running", "failed", "stopped", "waiting")

EPOCH = re.compile(rf"epoch (\d+){ADVANCED}(\d+):")

TO_DO: Mapping[Ending, str] = MappingProxyType(
    {
        "refused": "mend what it says, then type the same command again",
        "bug": "the same code fails the same way: please report it, with its log",
        "failed": "type the same command again: it is tried again, a training from its saved state",
        "saved": "its state is saved: the same command resumes it",
        "silent": "its process was killed: the same command makes it",
    }
)
"""What to do about a job, by how it ended."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One job and its state."""

    kind: str  # the rule that makes it
    name: str
    state: State
    log: Path
    """Of all its attempts; it may not be there."""
    lines: Sequence[str] = ()
    """What the last attempt of a job that is not done has left there."""
    why: str = ""
    """What to do about one that stopped or failed; what was found of one that is made again."""
    process: Process | None = None
    """That computes it, or did last."""
    record: Record | None = None
    """What it has left, if that is what would be made now."""
    settings: Any = None
    """Its specification, of a job that leaves a record."""

    @property
    def epochs(self) -> tuple[int, int] | None:
        """Epochs that a training has done, and may do at most; None before the first."""
        found = [match for line in self.lines if (match := EPOCH.search(line))]
        return (int(found[-1][1]), int(found[-1][2])) if found else None


def standings(
    params: Params,
    study: str,
    paper: Description | None,
    *,
    results: Path,
    data: Path,
    under_way: Sequence[Holder],
    logs: Path = KEPT / "logs",
) -> Iterator[Standing]:
    """Yield where each job of a study stands.

    Args:
        params: the whole grid.
        study: a key of ``params.studies``, or ``all``.
        paper: as its folder describes it; None: nothing is held against one.
        results: the folder of all records.
        data: the folder of the datasets.
        under_way: the processes that compute something now.
        logs: the folder of the logs of all attempts.
    """
    for dataset in sorted({run.dataset.name for run in params.runs(study).values()}):
        log = logs / "fetch" / f"{dataset}.log"
        yield _of_file("fetch", dataset, data / dataset / "manifest.json", log)
    held = {one.name: Process(one.process, one.host, one.since) for one in under_way}
    for kind, jobs in plan(params, study, paper).items():
        for name, job in jobs.items():
            log = logs / ("counts.log" if kind == "counts" else f"{kind}/{name}.log")
            began = Standing(kind, name, "waiting", log, settings=job.settings)
            yield _of_record(began, job, held, params, results)
    for kind, made in (("table", "table.csv"), ("report", "report.html")):
        path = results / "studies" / study / made
        yield _of_file(kind, study, path, logs / kind / f"{study}.log")


def _of_file(kind: str, name: str, made: Path, log: Path) -> Standing:
    """Return where a job stands that leaves no record."""
    lines = last_attempt(lines_of(log))
    process = begun(lines)
    alive = process.is_alive() if process and ending(lines) == "silent" else False
    if made.exists() and not alive:
        return Standing(kind, name, "done", log)
    if alive is not False:  # of a process of another machine, which may be a node of a cluster
        return Standing(kind, name, "running", log, lines, process=process)
    return _by_its_log(Standing(kind, name, "waiting", log, lines, process=process))


def _of_record(
    began: Standing,
    job: Job[Any, Any],
    held: Mapping[str, Process],
    params: Params,
    results: Path,
) -> Standing:
    """Return where a job stands that leaves a record."""
    if process := held.get(job.settings.id):
        lines = last_attempt(lines_of(began.log))
        return replace(began, state="running", process=process, lines=lines)
    found = find(job, results, params.stale).record
    if not isinstance(found, Gap):
        return replace(began, state="done", record=found)
    lines = last_attempt(lines_of(began.log))
    ended = _by_its_log(replace(began, lines=lines, process=begun(lines)))
    if not (path := results / job.path).exists():
        return ended
    # It was made, and is to be made again. A record that was put back keeps its date.
    tried = ended.state == "failed" or ending(lines) == "saved"
    if tried and began.log.stat().st_mtime > path.stat().st_mtime:
        return ended
    return replace(began, why=found.reason)


def _by_its_log(began: Standing) -> Standing:
    """Return how the last attempt ended of a job that is neither done nor running."""
    if not began.lines:
        return began
    how = ending(began.lines)
    state: State = "stopped" if how in {"saved", "silent"} else "failed"
    return replace(began, state=state, why=TO_DO[how])
