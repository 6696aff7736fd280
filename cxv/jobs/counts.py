"""Count the networks of Table 1 as they are: no images are needed, and no training."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.config.spec import Counts
from cxv.jobs.record_writing import leave_record
from cxv.networks.registry import ZOO
from cxv.records.job import Job
from cxv.records.run import CountsRecord

ALL = Counts(rows=tuple(ZOO))


def job(settings: Counts = ALL) -> Job[Counts, CountsRecord]:
    """Return the job that counts networks."""
    entries = ("cxv.profiling.counting:count", *(ZOO[row].entry for row in settings.rows))
    return Job(settings, Path("counts.json"), CountsRecord, entries)


def jobs(_params: Params, _study: str, _paper: Path) -> dict[str, Job[Counts, CountsRecord]]:
    """Return the one job, whatever the study."""
    return {ALL.id: job()}


def counts(spec: str, out: Path, code: str | None = None) -> None:
    """Count parameters and MACs of Table 1's models."""
    from cxv.profiling.counting import count

    settings = Counts.model_validate_json(spec)
    leave_record(job(settings), code, out, lambda: {"counted": dict(count(settings))})
