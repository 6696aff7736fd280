"""Augment a few images for a report to show."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxv.augment.entries import ENTRIES
from cxv.config.grid import Params
from cxv.config.spec import Examples
from cxv.jobs.record_writing import leave_record, unchanged
from cxv.records.examples import ExamplesRecord
from cxv.records.job import Job


def job(settings: Examples) -> Job[Examples, ExamplesRecord]:
    """Return the job that augments images."""
    names = sorted({step.name for steps in settings.augment for step in steps})
    common = ("cxv.data.examples:make_examples", "cxv.data.examples:strip")
    entries = (*common, *(ENTRIES[name] for name in names))
    return Job(settings, Path("examples", f"{settings.id}.json"), ExamplesRecord, entries)


def jobs(params: Params, study: str, _: object = None) -> dict[str, Job[Examples, ExamplesRecord]]:
    """Return the jobs of what a study's augmentations are shown on, by id."""
    return {id: job(settings) for id, settings in params.examples(study).items()}


def examples(spec: str, images: Path, manifest: Path, out: Path, code: str | None = None) -> None:
    """Augment a few images for a report to show."""
    from cxv.data.manifest import Manifest

    settings = Examples.model_validate_json(spec)
    code = unchanged(settings.id, code, job(settings).code)

    def compute(_: object) -> Mapping[str, Any]:
        from cxv.data.examples import record_fields

        return record_fields(settings, images, manifest)

    leave_record(job(settings), code, out, compute, data_sha256=Manifest.load(manifest).sha256)
