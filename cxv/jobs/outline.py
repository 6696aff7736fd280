"""Take the outline of a network, from which its figure is drawn."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.config.spec import Sketch
from cxv.jobs.leaving import leave_record
from cxv.jobs.networks import architecture
from cxv.records.job import Job
from cxv.records.model_summary import OutlineRecord


def job(settings: Sketch) -> Job[Sketch, OutlineRecord]:
    """Return the job that takes an outline."""
    entries = (
        "cxv.profiling.model_summary:take_outline",
        "cxv.profiling.model_summary:build",
        *architecture(settings),
    )
    return Job(settings, Path("outlines", f"{settings.id}.json"), OutlineRecord, entries)


def jobs(
    params: Params, study: str, _: Path | None = None
) -> dict[str, Job[Sketch, OutlineRecord]]:
    """Return the jobs of the networks that a study trains and the paper draws, by id."""
    return {id: job(settings) for id, settings in params.sketches(study).items()}


def outline(spec: str, out: Path, code: str | None = None) -> None:
    """Take the outline of a network, from which its figure is drawn."""
    from cxv.profiling.model_summary import build, take_outline

    settings = Sketch.model_validate_json(spec)
    leave_record(
        job(settings),
        code,
        out,
        lambda: {"outline": take_outline(build(settings), settings.image_size)},
    )
