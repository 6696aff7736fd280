"""Measure one network."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.config.spec import Profile
from cxv.jobs.networks import architecture
from cxv.jobs.record_writing import leave_record, unchanged
from cxv.records.job import Job
from cxv.records.run import ProfileRecord


def job(settings: Profile) -> Job[Profile, ProfileRecord]:
    """Return the job that measures a network."""
    entries = ("cxv.profiling:profile", "cxv.training.setup:build", *architecture(settings))
    return Job(settings, Path("profiles", settings.id, "profile.json"), ProfileRecord, entries)


def jobs(params: Params, study: str, _: object = None) -> dict[str, Job[Profile, ProfileRecord]]:
    """Return the jobs of every network that a study trains or measures, by id."""
    return {id: job(settings) for id, settings in params.profiles(study).items()}


def profile(spec: str, manifest: Path, out: Path, code: str | None = None) -> None:
    """Measure one network."""
    from cxv import profiling
    from cxv.data.manifest import Manifest
    from cxv.gpus import devices
    from cxv.training.setup import build

    settings = Profile.model_validate_json(spec)
    code = unchanged(settings.id, code, job(settings).code)
    facts = Manifest.load(manifest)
    with devices.training_device(None) as device:
        leave_record(
            job(settings),
            code,
            out,
            lambda: {
                "measured": profiling.profile(
                    build(settings, facts),
                    image_size=facts.shape[-1],
                    batch=settings.batch,
                    device=device.type,
                )
            },
            device,
        )
