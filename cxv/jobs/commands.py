"""One verb for each rule of the workflow; each imports what it needs when it runs."""

import os
from pathlib import Path

from cxv.errors import UserError


def fetch(
    spec: str, images: Path, manifest: Path, downloads: Path = Path("data/downloads")
) -> None:
    """Make the tensors and the manifest of a dataset."""
    from cxv.config.spec import Dataset
    from cxv.data.sources import fetch

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
    from cxv.config.spec import Run
    from cxv.gpus.devices import memory_told, training_device
    from cxv.gpus.memory_estimate import training_need
    from cxv.jobs import compute
    from cxv.records import code_hash

    run = Run.model_validate_json(spec)
    code = _planned(run.id, code, code_hash.of_run(run))
    before = None
    if run.parent:
        if not (parent and weights):
            raise UserError(f"{run.id} continues {run.parent.id}: give its --parent and --weights")
        before = compute.load_before(run.parent, parent, weights)
    need_bytes = training_need(run, profile, manifest) if profile else None
    with training_device(need_bytes) as device, memory_told(run, device, need_bytes):
        compute.train(
            run,
            images=images,
            manifest=manifest,
            before=before,
            out=compute.Outputs(metrics, history, timing, predictions, checkpoint),
            experiment=experiment,
            code=code,
            device=device,
            unfinished=compute.Unfinished(unfinished, checkpoint_seconds),
        )


def profile(spec: str, manifest: Path, out: Path, code: str | None = None) -> None:
    """Measure one model."""
    from cxv.config.spec import Profile
    from cxv.gpus.devices import training_device
    from cxv.jobs import compute
    from cxv.records import code_hash

    settings = Profile.model_validate_json(spec)
    code = _planned(settings.id, code, code_hash.of_profile(settings))
    with training_device(None) as device:
        compute.profile(settings, manifest=manifest, out=out, code=code, device=device)


def forensics(spec: str, out: Path, code: str | None = None) -> None:
    """Search for the networks that have the printed costs of a row of Table 1."""
    from cxv.config.spec import Forensics
    from cxv.jobs import compute
    from cxv.records import code_hash

    settings = Forensics.model_validate_json(spec)
    code = _planned(settings.id, code, code_hash.of_forensics(settings))
    compute.forensics(settings, out=out, code=code)


def outline(spec: str, out: Path, code: str | None = None) -> None:
    """Take the outline of a network, from which its figure is drawn."""
    from cxv.config.spec import Sketch
    from cxv.profiling.model_summary import record_outline
    from cxv.records import code_hash
    from cxv.records.atomic_files import write

    sketch = Sketch.model_validate_json(spec)
    code = _planned(sketch.id, code, code_hash.of_outline(sketch))
    write(out, record_outline(sketch, code).model_dump_json(indent=1) + "\n")


def counts(spec: str, out: Path, code: str | None = None) -> None:
    """Count the networks of Table 1."""
    from cxv.config.spec import Counts
    from cxv.profiling.counting import record_counts
    from cxv.records import code_hash
    from cxv.records.atomic_files import write

    settings = Counts.model_validate_json(spec)
    code = _planned("Table 1", code, code_hash.of_counts(settings))
    write(out, record_counts(settings, code).model_dump_json(indent=1) + "\n")


def examples(spec: str, images: Path, manifest: Path, out: Path, code: str | None = None) -> None:
    """Augment a few images for a report to show."""
    from cxv.config.spec import Examples
    from cxv.jobs import compute
    from cxv.records import code_hash

    settings = Examples.model_validate_json(spec)
    code = _planned(settings.id, code, code_hash.of_examples(settings))
    compute.examples(settings, images=images, manifest=manifest, out=out, code=code)


def table(spec: str, runs: Path, profiles: Path, cells: Path, listing: Path, metrics: Path) -> None:
    """Gather the records of a study into its table."""
    from cxv.config.grid import Params
    from cxv.report.exports import write_table
    from cxv.results.table import study_table

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
    from cxv.config.grid import Params
    from cxv.paper.load_claims import load_paper
    from cxv.paper.open_settings import searches
    from cxv.report.contents import Aside, gather
    from cxv.report.rendering import write_report
    from cxv.results.lookup import find_counts, find_examples, find_forensics, find_outlines

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
