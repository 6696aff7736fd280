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
TRACEBACK = "Traceback (most recent call last):"
BUGS = frozenset(
    {
        *("AssertionError", "AttributeError", "ImportError", "IndexError", "KeyError"),
        *("ModuleNotFoundError", "NameError", "NotImplementedError", "SyntaxError", "TypeError"),
        *("UnboundLocalError", "ValueError", "ZeroDivisionError"),
    }
)
"""Exceptions that the same code raises again; RuntimeError is not: so torch tells of a device."""

_before: dict[str, int] = {}  # by log: lines of former commands


def judge_by_logs() -> None:
    """Let Snakemake ask here how often a job may be started again."""
    Job.restart_times = property(_restarts)
    GroupJob.restart_times = property(_restarts_of_group)


def note_former_attempts(jobs: Iterable[Any]) -> None:
    """Keep how far the logs of jobs go before this command starts any."""
    _before.update((path, len(_all_lines(path))) for job in jobs for path in job.log)


def may_resume(attempts: list[list[str]], silent: int, tries: int) -> bool:
    """Whether a job that has failed may be started again.

    Args:
        attempts: the lines that each attempt of this command has left, the last one last.
        silent: further attempts, which left none: they were refused, or their job writes no line.
        tries: attempts allowed after the first that came to nothing, one after the other.
    """
    return _futile(attempts) + silent <= tries


def failures(log: str) -> int:
    """Return how many attempts of this command came to nothing since the last that advanced."""
    return _futile(_attempts(_lines(log)))


def _futile(attempts: Iterable[list[str]]) -> int:
    futile = 0
    for lines in attempts:
        advanced = any(ADVANCED in line for line in lines) and Stopped.SAYS in lines[-1]
        futile = 0 if advanced else futile + 1
    return futile


def _restarts_of_group(group: Any) -> int:
    """Jobs that one job of the cluster runs: those that wait for a hopeless one will not begin."""
    return 0 if any(map(_is_hopeless, group.jobs)) else max(map(_restarts, group.jobs))


def _restarts(job: Any) -> int:
    """Return a number above the starts that Snakemake has counted, or 0."""
    if _is_hopeless(job):
        return 0
    attempts = _attempts(_lines_of(job))
    silent = max(0, job.attempt - len(attempts))
    return job.attempt if may_resume(attempts, silent, job.rule.restart_times) else 0


def _is_hopeless(job: Any) -> bool:
    """Whether its last attempt, of this command, ended by what the same again cannot mend.

    That is an error that a user has to mend, whose message may have several lines, or a bug: the
    same code fails the same way. Other tracebacks, of a GPU, a disk or a lack of memory, may not
    come again.
    """
    lines = _lines_of(job)
    last = max((number for number, line in enumerate(lines) if BEGINS in line), default=0)
    return any(line.startswith(UserError.SAYS) for line in lines[last:]) or _is_bug(lines[last:])


def _is_bug(lines: list[str]) -> bool:
    """Whether the last exception that a traceback of Python shows is of a kind that bugs raise."""
    last = max(
        (number for number, line in enumerate(lines) if line == TRACEBACK), default=len(lines)
    )
    raised = (line for line in lines[last + 1 :] if line and not line[0].isspace())
    return next(raised, "").partition(":")[0] in BUGS


def _lines_of(job: Any) -> list[str]:
    return [line for path in job.log for line in _lines(path)]


def _attempts(lines: list[str]) -> list[list[str]]:
    starts = [number for number, line in enumerate(lines) if BEGINS in line]
    return [lines[first:end] for first, end in pairwise([*starts, len(lines)])]


def _lines(path: str) -> list[str]:
    return _all_lines(path)[_before.get(path, 0) :]


def _all_lines(path: str) -> list[str]:
    kept = KEPT / path
    return kept.read_text(errors="replace").rstrip().splitlines() if kept.exists() else []
