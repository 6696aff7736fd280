"""Which failed jobs are started again, judged by what their attempts have left in their logs.

Snakemake counts attempts. But one that trained some epochs before a time limit or a preemption
ended it is no failure, and a wrong checksum is no better the second time.
"""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

from snakemake.jobs import GroupJob, Job

from cxv.errors import Stopped, UserError

KEPT = Path(".cxv")
BEGINS = ": process "  # in the first line of an attempt
ADVANCED = " of at most "  # in the line of an epoch

_before: dict[str, int] = {}  # by log: attempts of former commands


def judge_by_logs() -> None:
    """Let Snakemake ask here how often a job may be started again."""
    Job.restart_times = property(_restarts)
    GroupJob.restart_times = property(lambda group: max(map(_restarts, group.jobs)))


def note_former_attempts(jobs: Iterable[Any]) -> None:
    """Keep how many attempts stand in the logs of jobs before this command starts any."""
    _before.update((path, len(_attempts(_lines(path)))) for job in jobs for path in job.log)


def may_resume(attempts: list[list[str]], silent: int, tries: int) -> bool:
    """Whether a job that has failed may be started again.

    Args:
        attempts: the lines that each attempt of this command has left, the last one last.
        silent: further attempts, which left none: they were refused, or their job writes no line.
        tries: attempts allowed after the first that came to nothing, one after the other.
    """
    futile = 0
    for lines in attempts:
        advanced = any(ADVANCED in line for line in lines) and Stopped.SAYS in lines[-1]
        futile = 0 if advanced else futile + 1
    return futile + silent <= tries


def _restarts(job: Any) -> int:
    """Return a number above the starts that Snakemake has counted, or 0."""
    lines = [line for path in job.log for line in _lines(path)]
    if lines and lines[-1].startswith(UserError.SAYS):
        return 0
    attempts = _attempts(lines)[sum(_before.get(path, 0) for path in job.log) :]
    silent = max(0, job.attempt - len(attempts))
    return job.attempt if may_resume(attempts, silent, job.rule.restart_times) else 0


def _attempts(lines: list[str]) -> list[list[str]]:
    starts = [number for number, line in enumerate(lines) if BEGINS in line]
    return [lines[first:end] for first, end in pairwise([*starts, len(lines)])]


def _lines(path: str) -> list[str]:
    kept = KEPT / path
    return kept.read_text(errors="replace").rstrip().splitlines() if kept.exists() else []
