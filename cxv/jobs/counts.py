"""Count the networks whose costs a paper prints: no images are needed, and no training."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.config.spec import Counts
from cxv.jobs.networks import architecture
from cxv.jobs.record_writing import leave_record
from cxv.paper.description import Description
from cxv.records.costs import Counted, CountsRecord
from cxv.records.job import Job


def job(settings: Counts) -> Job[Counts, CountsRecord]:
    """Return the job that counts networks."""
    code = dict.fromkeys(
        entry for network in settings.networks.values() for entry in architecture(network)
    )
    entries = ("cxv.profiling.counting:count", *code)
    return Job(settings, Path("counts", "networks.json"), CountsRecord, entries)


def jobs(
    params: Params, study: str, paper: Description | None
) -> dict[str, Job[Counts, CountsRecord]]:
    """Return the one job, of a study that has anything to do with the paper."""
    settings = paper.counts() if paper and paper.is_touched_by(params, study) else None
    return {settings.id: job(settings)} if settings else {}


def counts(spec: str, out: Path, code: str | None = None) -> None:
    """Count parameters and MACs, predict memory of the networks whose costs the paper prints."""
    settings = Counts.model_validate_json(spec)

    def compute(_: object) -> dict[str, dict[str, Counted]]:
        from cxv.profiling.counting import count

        return {"counted": dict(count(settings))}

    leave_record(job(settings), code, out, compute)
