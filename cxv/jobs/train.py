"""Train one link of a chain of phases."""

from pathlib import Path

from cxv.augment.entries import ENTRIES, MIX
from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.errors import UserError
from cxv.jobs.networks import architecture
from cxv.jobs.record_writing import unchanged
from cxv.records.job import Job
from cxv.records.run import RunRecord

FILES = ("history.csv", "timing.csv", "answers.npz", "predictions.npz", "checkpoint.pt")
"""Files that a training writes next to its record."""


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
    return Job(run, Path("runs", run.id, "metrics.json"), RunRecord, entries)


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
    unfinished: Path = Path(".cxv/unfinished"),
    checkpoint_seconds: float = 300.0,
) -> None:
    """Train one phase; with its network's profile, on a shared GPU.

    On SIGTERM, SIGINT or SIGUSR1: save, exit 75; rerun to resume.
    """
    from cxv.gpus import devices
    from cxv.gpus.memory_estimate import training_need
    from cxv.training import run as training

    run = Run.model_validate_json(spec)
    code = unchanged(run.id, code, job(run).code)
    before = None
    if run.parent:
        if not (parent and weights):
            raise UserError(f"{run.id} continues {run.parent.id}: give its --parent and --weights")
        before = training.load_before(run.parent, parent, weights)
    need_bytes = training_need(run, profile, manifest) if profile else None
    with (
        devices.training_device(need_bytes) as device,
        devices.explain_out_of_memory(run, device, need_bytes),
    ):
        training.train(
            run,
            images=images,
            manifest=manifest,
            before=before,
            out=training.Outputs(metrics, history, timing, answers, predictions, checkpoint),
            experiment=experiment,
            code=code,
            device=device,
            unfinished=training.Unfinished(unfinished, checkpoint_seconds),
        )
