"""Which failed jobs are started again, judged by what their attempts have left in their logs.

Snakemake counts attempts. But one that trained some epochs before a time limit or a preemption
ended it is no failure, and a wrong checksum is no better the second time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from snakemake.jobs import GroupJob, Job

from cxv.errors import Stopped
from cxv.records.job_log import ADVANCED, KEPT, attempts, ending, last_attempt, lines_of

_before: dict[str, int] = {}  # by log: lines of former commands


def judge_by_logs() -> None:
    """Let Snakemake ask here how often a job may be started again."""
    Job.restart_times = property(_restarts)
    GroupJob.restart_times = property(_restarts_of_group)


def note_former_attempts(jobs: Iterable[Any]) -> None:
    """Keep how far the logs of jobs go before this command starts any."""
    _before.update((path, len(lines_of(KEPT / path))) for job in jobs for path in job.log)


def may_resume(made: Sequence[Sequence[str]], silent: int, tries: int) -> bool:
    """Whether a job that has failed may be started again.

    Args:
        made: the lines that each attempt of this command has left, the last one last.
        silent: further attempts, which left none: they were refused before they began.
        tries: attempts allowed after the first that came to nothing, one after the other.
    """
    return _futile(made) + silent <= tries


def failures(log: str) -> int:
    """Return how many attempts of this command came to nothing since the last that advanced."""
    return _futile(attempts(_lines(log)))


def _futile(made: Iterable[Sequence[str]]) -> int:
    futile = 0
    for lines in made:
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
    made = attempts(_lines_of(job))
    silent = max(0, job.attempt - len(made))
    return job.attempt if may_resume(made, silent, job.rule.restart_times) else 0


def _is_hopeless(job: Any) -> bool:
    """Whether its last attempt, of this command, ended by what the same again cannot mend."""
    return ending(last_attempt(_lines_of(job))) in {"refused", "bug"}


def _lines_of(job: Any) -> list[str]:
    return [line for path in job.log for line in _lines(path)]


def _lines(path: str) -> list[str]:
    return lines_of(KEPT / path)[_before.get(path, 0) :]
