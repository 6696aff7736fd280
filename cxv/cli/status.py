"""What runs where, what is done, what failed and what to do about it: ``cxv status``."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.live import Live
from rich.text import Text

from cxv.config.grid import Params
from cxv.config.study_names import refuse_unknown
from cxv.errors import printable
from cxv.jobs.standing import STATES, Standing, standings
from cxv.paper.description import Description
from cxv.records.store import store_near
from cxv.report.wording import duration

TAIL = 8  # lines of a log
LEAST_PAUSE = 2.0  # seconds between two looks
PAUSE_PER_LOOK = 4.0  # times as long as a look takes: it costs a fifth of a core at most
SHOWN = 10  # jobs of one state; their number is said, and --json has all


@dataclass(frozen=True, slots=True)
class Status:
    """Where a study stands at one moment."""

    study: str
    jobs: Sequence[Standing]
    now: float  # seconds since 1970

    @property
    def is_over(self) -> bool:
        """Whether everything is done."""
        return all(job.state == "done" for job in self.jobs)

    @property
    def seconds_left(self) -> float | None:
        """Seconds until all trainings are done, as many at a time as now; None: not known yet.

        One that is left takes as long as those that are done took on average: of its dataset,
        model and phase, else of its dataset and model, else of all. Starting processes and all
        other jobs come on top.
        """
        trainings = [job for job in self.jobs if job.kind == "train"]
        done = [job for job in trainings if job.state == "done" and job.record]
        left = [job for job in trainings if job.state != "done"]
        if not done:
            return None
        seconds = 0.0
        for job in left:
            passed = self.now - job.process.since if job.state == "running" and job.process else 0.0
            seconds += max(0.0, _as_long_as(done, job) - passed)
        return seconds / max(1, sum(job.state == "running" for job in left))

    def as_json(self) -> str:
        """Return it for other programs."""
        counts = Counter(job.state for job in self.jobs)
        fields = {
            "study": self.study,
            "counts": {state: counts[state] for state in STATES},
            "seconds_left": self.seconds_left,
            "jobs": [_as_json(job) for job in self.jobs],
        }
        return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"

    def __str__(self) -> str:
        """Return it for people."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        counts = Counter(job.state for job in self.jobs)
        others = [f"{counts[state]} {state}" for state in STATES[1:] if counts[state]]
        yield ", ".join([f"{self.study}: {counts['done']} of {len(self.jobs)} jobs done", *others])
        if (left := self.seconds_left) is not None and not self.is_over:
            yield f"about {duration(left)} of training left, at the pace of those that are done"
        for state in STATES[1:]:
            jobs = [job for job in self.jobs if job.state == state]
            if jobs:
                yield ""
                yield f"{state}:"
                yield from (line for job in jobs[:SHOWN] for line in self._of_job(job))
            if len(jobs) > SHOWN:
                yield f"  and {len(jobs) - SHOWN} more"
        yield ""
        yield f"Its command: snakemake --cores all --logger cxv -- {self.study}"

    def _of_job(self, job: Standing) -> Iterator[str]:
        who = f"  {job.kind} {job.name}"
        if job.process and job.state != "waiting":
            who += f"  (process {job.process.number} on {job.process.host})"
        match job.state:
            case "running":
                passed = duration(self.now - job.process.since) if job.process else "a while"
                yield f"{who}  for {passed}"
                if job.kind == "train":
                    yield f"    {printable(job.lines[-1]) if job.epochs else 'no epoch yet'}"
            case "failed":
                yield who
                yield from (f"    | {printable(line)}" for line in job.lines[-TAIL:])
                yield f"    {job.why}; its log: {job.log}"
            case "stopped":
                epochs = " after epoch {} of at most {}".format(*job.epochs) if job.epochs else ""
                yield f"{who}{epochs}"
                yield f"    {job.why}"
            case _:
                yield f"{who}{f': {job.why}' if job.why else ''}"


def status(
    params: Params, study: str, paper: Description | None, *, results: Path, data: Path
) -> Status:
    """Return where a study stands now, from its records, its logs and the locks of its processes.

    Args:
        params: the whole grid.
        study: a key of ``params.studies``, or ``all``.
        paper: as its folder describes it; None: nothing is held against one.
        results: the folder of all records.
        data: the folder of the datasets.

    Raises:
        UserError: there is no such study.
    """
    refuse_unknown(params, [study])
    under_way = store_near(results).under_way()
    found = standings(params, study, paper, results=results, data=data, under_way=under_way)
    return Status(study, tuple(found), time.time())


def _as_long_as(done: Sequence[Standing], job: Standing) -> float:
    """Return the mean seconds of the trainings that are most like one."""
    for alike in (3, 2, 0):
        likest = [x for x in done if _kin(x)[:alike] == _kin(job)[:alike]]
        if likest:
            break
    return fmean(x.record.stamp.seconds for x in likest if x.record)


def _kin(job: Standing) -> tuple[str, str, str]:
    run = job.settings
    return run.dataset.name, run.model.name, run.phase.name


def _as_json(job: Standing) -> dict[str, Any]:
    return {
        "kind": job.kind,
        "name": job.name,
        "state": job.state,
        "why": job.why,
        "epochs": job.epochs,
        "process": job.process._asdict() if job.process else None,
        "log": job.log.as_posix(),
        "lines": list(job.lines[-TAIL:]),
    }


def show_live(now: Callable[[], Status]) -> None:
    """Show it on a terminal, again and again, until all is done or Ctrl-C."""
    with suppress(KeyboardInterrupt), Live(auto_refresh=False, vertical_overflow="crop") as screen:
        while True:
            began = time.monotonic()
            found = now()
            screen.update(Text(str(found)), refresh=True)
            if found.is_over:
                return
            time.sleep(max(LEAST_PAUSE, PAUSE_PER_LOOK * (time.monotonic() - began)))
