"""Measure one network."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from cxv.config.grid import Params
from cxv.config.spec import Profile
from cxv.jobs.networks import architecture
from cxv.jobs.record_writing import leave_record, unchanged
from cxv.records.costs import CostProfile, ProfileRecord
from cxv.records.job import Job

if TYPE_CHECKING:
    import torch


def job(settings: Profile) -> Job[Profile, ProfileRecord]:
    """Return the job that measures a network."""
    entries = ("cxv.profiling:profile", "cxv.training.setup:build", *architecture(settings))
    return Job(settings, Path("profiles", settings.id, "profile.json"), ProfileRecord, entries)


def jobs(params: Params, study: str, _: object = None) -> dict[str, Job[Profile, ProfileRecord]]:
    """Return the jobs of every network that a study trains or measures, by id."""
    return {id: job(settings) for id, settings in params.profiles(study).items()}


def profile(spec: str, manifest: Path, out: Path, code: str | None = None) -> None:
    """Measure one network."""
    from cxv.data.manifest import Manifest

    settings = Profile.model_validate_json(spec)
    code = unchanged(settings.id, code, job(settings).code)
    facts = Manifest.load(manifest)

    def whole_device() -> AbstractContextManager["torch.device"]:
        from cxv.gpus import devices

        return devices.training_device(None)

    def compute(device: "torch.device") -> dict[str, CostProfile]:
        from cxv import profiling
        from cxv.training.batch_limits import naming_the_size
        from cxv.training.setup import build

        side = facts.shape[-1]
        with naming_the_size(settings, side):
            model = build(settings, facts)
        return {
            "measured": profiling.profile(
                model, image_size=side, batch=settings.batch, device=device.type
            )
        }

    leave_record(job(settings), code, out, compute, data_sha256=facts.sha256, device=whole_device)
