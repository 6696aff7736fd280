"""Which failed jobs are started again, judged by the last words in their logs.

Snakemake counts attempts. But one that trained some epochs before a time limit or a preemption
ended it is no failure, and a wrong checksum is no better the second time.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from snakemake.jobs import GroupJob, Job

from cxv.errors import Stopped, UserError

KEPT = Path(".cxv")
BEGINS = ": process "  # in the first line of an attempt
ADVANCED = " of at most "  # in the line of an epoch


def judge_by_logs() -> None:
    """Let Snakemake ask here how often a job may be started again."""
    Job.restart_times = property(_restarts)
    GroupJob.restart_times = property(lambda group: max(map(_restarts, group.jobs)))


def _restarts(job: Any) -> int:
    """Return a number above the starts that Snakemake has counted, or 0."""
    text = "".join(_text(KEPT / path) for path in job.log)
    return job.attempt if may_resume(text, job.rule.restart_times) else 0


def may_resume(log: str, tries: int) -> bool:
    """Whether a job whose attempts left this log may be started again.

    Args:
        log: of all attempts.
        tries: further ones allowed after some that came to nothing, one after the other.
    """
    lines = log.rstrip().splitlines()
    if lines and lines[-1].startswith(UserError.SAYS):
        return False
    futile = 0
    for attempt in _attempts(lines):
        advanced = any(ADVANCED in line for line in attempt)
        futile = 0 if advanced and Stopped.SAYS in attempt[-1] else futile + 1
    return futile <= tries


def _attempts(lines: list[str]) -> Iterator[list[str]]:
    starts = [number for number, line in enumerate(lines) if BEGINS in line]
    yield from (lines[first:end] for first, end in pairwise([*starts, len(lines)]))


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""
