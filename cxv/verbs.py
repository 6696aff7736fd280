"""One verb for each rule of the workflow; each imports what it needs when it runs."""

import os
from pathlib import Path

from cxv.errors import UserError


def fetch(
    spec: str, images: Path, manifest: Path, downloads: Path = Path("data/downloads")
) -> None:
    """Make the tensors and the manifest of a dataset."""
    from cxv.data.sources import fetch
    from cxv.spec import Dataset

    mirror = os.environ.get("CXV_MIRROR")
    fetch(
        Dataset.model_validate_json(spec),
        images=images,
        manifest=manifest,
        downloads=downloads,
        mirror=Path(mirror) if mirror else None,
    )


def train(
    spec: str,
    images: Path,
    manifest: Path,
    metrics: Path,
    history: Path,
    timing: Path,
    predictions: Path,
    checkpoint: Path,
    parent: Path | None = None,
    weights: Path | None = None,
    profile: Path | None = None,
    experiment: str = "by hand",
    code: str | None = None,
    unfinished: Path = Path(".cxv/unfinished"),
    checkpoint_seconds: float = 300.0,
) -> None:
    """Train one link of a chain of phases; with its network's profile, on a shared GPU.

    Put down by a signal, it leaves the exit code 75, and the same command goes on.
    """
    from cxv import fingerprint, jobs
    from cxv.devices import memory_told, training_device
    from cxv.needs import training_need
    from cxv.spec import Run

    run = Run.model_validate_json(spec)
    code = _planned(run.id, code, fingerprint.of_run(run))
    before = None
    if run.parent:
        if not (parent and weights):
            raise UserError(f"{run.id} continues {run.parent.id}: give its --parent and --weights")
        before = jobs.load_before(run.parent, parent, weights)
    need_bytes = training_need(run, profile, manifest) if profile else None
    with training_device(need_bytes) as device, memory_told(run, device, need_bytes):
        jobs.train(
            run,
            images=images,
            manifest=manifest,
            before=before,
            out=jobs.Outputs(metrics, history, timing, predictions, checkpoint),
            experiment=experiment,
            code=code,
            device=device,
            unfinished=jobs.Unfinished(unfinished, checkpoint_seconds),
        )


def profile(spec: str, manifest: Path, out: Path, code: str | None = None) -> None:
    """Measure one model."""
    from cxv import fingerprint, jobs
    from cxv.devices import training_device
    from cxv.spec import Profile

    settings = Profile.model_validate_json(spec)
    code = _planned(settings.id, code, fingerprint.of_profile(settings))
    with training_device(None) as device:
        jobs.profile(settings, manifest=manifest, out=out, code=code, device=device)


def forensics(spec: str, out: Path, code: str | None = None) -> None:
    """Search for the networks that have the printed costs of a row of Table 1."""
    from cxv import fingerprint, jobs
    from cxv.spec import Forensics

    settings = Forensics.model_validate_json(spec)
    code = _planned(settings.id, code, fingerprint.of_forensics(settings))
    jobs.forensics(settings, out=out, code=code)


def outline(spec: str, out: Path, code: str | None = None) -> None:
    """Take the outline of a network, from which its figure is drawn."""
    from cxv import fingerprint
    from cxv.files import write
    from cxv.outlining import record_outline
    from cxv.spec import Sketch

    sketch = Sketch.model_validate_json(spec)
    code = _planned(sketch.id, code, fingerprint.of_outline(sketch))
    write(out, record_outline(sketch, code).model_dump_json(indent=1) + "\n")


def counts(spec: str, out: Path, code: str | None = None) -> None:
    """Count the networks of Table 1."""
    from cxv import fingerprint
    from cxv.counting import record_counts
    from cxv.files import write
    from cxv.spec import Counts

    settings = Counts.model_validate_json(spec)
    code = _planned("Table 1", code, fingerprint.of_counts(settings))
    write(out, record_counts(settings, code).model_dump_json(indent=1) + "\n")


def examples(spec: str, images: Path, manifest: Path, out: Path, code: str | None = None) -> None:
    """Augment a few images for a report to show."""
    from cxv import fingerprint, jobs
    from cxv.spec import Examples

    settings = Examples.model_validate_json(spec)
    code = _planned(settings.id, code, fingerprint.of_examples(settings))
    jobs.examples(settings, images=images, manifest=manifest, out=out, code=code)


def table(spec: str, runs: Path, profiles: Path, cells: Path, listing: Path, metrics: Path) -> None:
    """Gather the records of a study into its table."""
    from cxv.grid import Params
    from cxv.report.exports import write_table
    from cxv.report.tables import study_table

    params = Params.model_validate_json(spec)
    gathered = study_table(params, params.study, runs, profiles)
    write_table(gathered, cells=cells, runs=listing, metrics=metrics)


def report(
    spec: str,
    runs: Path,
    profiles: Path,
    forensics: Path,
    outlines: Path,
    examples: Path,
    counts: Path,
    out: Path,
    paper: Path = Path("data/paper"),
) -> None:
    """Write the report of a study, in all its forms, into a folder."""
    from cxv.claims.load import load_paper
    from cxv.evidence import find_counts, find_examples, find_forensics, find_outlines
    from cxv.forensics import searches
    from cxv.grid import Params
    from cxv.report.contents import Aside, gather
    from cxv.report.rendering import write_report

    params = Params.model_validate_json(spec)
    study, known = params.study, searches(paper / "table1.csv")
    aside = Aside(
        counts=find_counts(counts),
        searches=find_forensics(params.rows(study), known, forensics),
        outlines=find_outlines(params, study, outlines),
        examples=find_examples(params, study, examples),
    )
    write_report(gather(params, study, runs, profiles, aside, load_paper(paper)), out)


def _planned(name: str, planned: str | None, found: str) -> str:
    """Refuse to compute under a fingerprint that the code on disk no longer has."""
    if planned not in {None, found}:
        raise UserError(f"{name}: the code changed after this was planned ({planned} -> {found})")
    return found
