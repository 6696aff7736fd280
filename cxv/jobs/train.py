"""Train one link of a chain of phases."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cxv.augment.entries import ENTRIES, MIX
from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.errors import UserError
from cxv.jobs.networks import architecture
from cxv.jobs.record_writing import make_once, unchanged
from cxv.records.identity import TrainingIdentity
from cxv.records.job import Job
from cxv.records.run import FILES, RECORD, RunRecord
from cxv.records.seal import RecordError
from cxv.records.store import store_near

if TYPE_CHECKING:
    import torch


def job(run: Run) -> Job[Run, RunRecord]:
    """Return the job that trains a run."""
    augmentations = {step.name for phase in run.phases for step in phase.augment}
    entries = (
        "cxv.training.trainer:train_phase",
        "cxv.training.trainer:Learner",
        "cxv.training.determinism:make_deterministic",
        "cxv.training.setup:network",
        "cxv.training.setup:prepare_training",
        "cxv.training.setup:outcome",
        *(ENTRIES[name] for name in sorted(augmentations)),
        *([MIX] if any(phase.mix for phase in run.phases) else []),
        *architecture(run),
    )
    return Job(run, Path("runs", run.id, RECORD), RunRecord, entries)


def jobs(params: Params, study: str, _: object = None) -> dict[str, Job[Run, RunRecord]]:
    """Return the jobs of every link that a study needs, by id."""
    return {id: job(run) for id, run in params.runs(study).items()}


def train(
    spec: str,
    images: Path,
    manifest: Path,
    metrics: Path,
    history: Path,
    timing: Path,
    answers: Path,
    predictions: Path,
    checkpoint: Path,
    parent: Path | None = None,
    weights: Path | None = None,
    profile: Path | None = None,
    experiment: str = "by hand",
    code: str | None = None,
    autocast_cuda: str | None = None,
    autocast_cpu: str | None = None,
    unfinished: Path = Path(".cxv/unfinished"),
    checkpoint_seconds: float = 300.0,
) -> None:
    """Train one phase, unless the store has it; with its network's profile, on a shared GPU.

    On SIGTERM, SIGINT, SIGUSR1 or SIGHUP: save, exit 75; rerun to resume.
    """
    run = _with_precision(Run.model_validate_json(spec), autocast_cuda, autocast_cpu)
    code = unchanged(run.id, code, job(run).code)
    if run.parent and not (parent and weights):
        raise UserError(f"{run.id} continues {run.parent.id}: give its --parent and --weights")
    start = RunRecord.load(parent, run.parent) if run.parent and parent else None
    identity = _identity(run, _precision_here(run), code, manifest, start)

    def make(folder: Path) -> None:
        unchanged(run.id, code, job(run).code_on_disk)
        from cxv.training import run as training

        before = (
            training.load_before(run.parent, parent, weights)
            if run.parent and parent and weights
            else None
        )
        with _device(run, profile, manifest) as device:
            training.train(
                run,
                images=images,
                manifest=manifest,
                before=before,
                out=training.Outputs(folder / RECORD, *(folder / name for name in FILES)),
                shown=training.Shown(experiment, metrics, parent),
                code=code,
                device=device,
                unfinished=training.Unfinished(unfinished, checkpoint_seconds),
            )

    paths = (history, timing, answers, predictions, checkpoint, metrics)
    make_once(job(run), identity, dict(zip((*FILES, RECORD), paths, strict=True)), make)
    identity.state_in(unfinished).unlink(missing_ok=True)


def kept(job: Job[Run, RunRecord], results: Path, data: Path) -> RunRecord | None:
    """Return the record that the store has of a run, with all of its files unaltered.

    Args:
        job: that trains the run.
        results: the folder of all records.
        data: the folder of the datasets' manifests.
    """
    run = job.settings
    try:
        start = _record_of(run.parent, results, data) if run.parent else None
        manifest = data / run.dataset.name / "manifest.json"
        for precision in _precisions(run):
            identity = _identity(run, precision, job.code, manifest, start)
            shelf = store_near(results).shelf(run.id, identity)
            if shelf.holds({*FILES, RECORD}):
                return RunRecord.load(shelf.folder / RECORD, run)
    except (OSError, UserError):  # what it starts from is nowhere
        return None
    return None


def _record_of(run: Run, results: Path, data: Path) -> RunRecord:
    """Return the record of a link, from the store if the one in the results was altered."""
    try:
        return RunRecord.load(results / "runs" / run.id / RECORD, run)
    except RecordError:
        if found := kept(job(run), results, data):
            return found
        raise


def _with_precision(run: Run, cuda: str | None, cpu: str | None) -> Run:
    """Return a run with the types for AMP that the command line gives."""
    asked = {"autocast_cuda": cuda, "autocast_cpu": cpu}
    given = {name: value for name, value in asked.items() if value}
    return run.model_copy(update={"training": run.training.model_copy(update=given)})


def _precision_here(run: Run) -> str:
    """Return what AMP computes in on the device that this process would get."""
    import torch

    from cxv.training.precision import precision

    return precision(run, torch.device("cuda" if torch.cuda.is_available() else "cpu"))


def _precisions(run: Run) -> dict[str, None]:
    """Return what AMP may compute in, whatever the device."""
    cuda, cpu = run.training.autocast_cuda, run.training.autocast_cpu
    on_gpu = ("bfloat16", "float16") if cuda in {None, "auto"} else (str(cuda),)
    return dict.fromkeys((cpu or "float32", *on_gpu))


def _identity(
    run: Run, precision: str, code: str, manifest: Path, start: RunRecord | None
) -> TrainingIdentity:
    """Return all that decides what a link computes."""
    return TrainingIdentity(
        run=run.on_any_device,
        precision=precision,
        code=code,
        data_sha256=Manifest.load(manifest).sha256,
        parent_sha256=start.checkpoint_sha256 if start else None,
    )


@contextmanager
def _device(run: Run, profile: Path | None, manifest: Path) -> Iterator["torch.device"]:
    """Give a whole device, or the room on one that the profile predicts."""
    from cxv.gpus import devices
    from cxv.gpus.memory_estimate import training_need

    need_bytes = training_need(run, profile, manifest) if profile else None
    with (
        devices.training_device(need_bytes) as device,
        devices.explain_out_of_memory(run, device, need_bytes),
    ):
        yield device
