"""The jobs that compute: files in, a computation, files out. The only place that joins the two."""

import hashlib
import logging
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cxv import profiling, zoo
from cxv.data.manifest import Manifest
from cxv.data.tensors import Split, hold_out, load, normalise
from cxv.files import replacing, write
from cxv.progress import progress
from cxv.records import Outcome, ProfileRecord, RecordError, RunRecord, save_history
from cxv.spec import Profile, Run
from cxv.stamp import stamp
from cxv.tracking import Live
from cxv.train import (
    Course,
    Link,
    Prepare,
    Scores,
    Weights,
    evaluate,
    make_deterministic,
    seed_for,
    train_link,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outputs:
    """The four files that a run leaves behind."""

    metrics: Path
    history: Path
    predictions: Path
    checkpoint: Path


@dataclass(frozen=True, slots=True)
class Before:
    """The link before: where its successor starts."""

    weights: Weights
    sha256: str
    diverged: bool


def train(
    run: Run,
    *,
    images: Path,
    manifest: Path,
    before: Before | None,
    out: Outputs,
    experiment: str,
    code: str,
) -> RunRecord:
    """Train one link; leave its record, history, predictions and weights."""
    started = time.perf_counter()
    make_deterministic(run.training.cpu_threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    facts = Manifest.load(manifest)
    torch.manual_seed(seed_for(run.seed, "init", 0))
    model = build(run, facts).to(device)
    if before:
        model.load_state_dict(before.weights)
    course, test = _course(run, images, facts, device)
    with Live(run, experiment, output=out.metrics, data_sha256=facts.sha256) as live:
        start = evaluate(model, course.select, course.prepare_clean, course.dtype).top1
        if before and before.diverged:
            log.warning("the link before has diverged: nothing to train")
            link = Link(before.weights, (), None, diverged=True)
        else:
            torch.manual_seed(seed_for(run.seed, "dropout", len(run.phases)))
            with progress(run.phase) as tell:
                link = train_link(model, course, [tell, live.log])
        model.load_state_dict(link.weights)
        scores = evaluate(model, test, course.prepare_clean, course.dtype)
        save_history(out.history, link.history)
        _save_predictions(out.predictions, scores, test)
        record = RunRecord(
            spec=run,
            status="diverged" if link.diverged else "finished",
            outcome=_outcome(link, start, scores),
            data_sha256=facts.sha256,
            parent_sha256=before.sha256 if before else None,
            checkpoint_sha256=_save_checkpoint(out.checkpoint, run, link.weights),
            stamp=stamp(
                code=code,
                device=device,
                precision=_precision(run, device),
                seconds=time.perf_counter() - started,
            ),
        )
        live.finish(record)
    write(out.metrics, record.model_dump_json(indent=1) + "\n")
    return record


def profile(spec: Profile, *, manifest: Path, out: Path, code: str) -> ProfileRecord:
    """Measure one model; leave its record."""
    started = time.perf_counter()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    facts = Manifest.load(manifest)
    measured = profiling.profile(
        build(spec, facts), image_size=facts.shape[-1], batch=spec.batch, device=device.type
    )
    record = ProfileRecord(
        spec=spec,
        measured=measured,
        stamp=stamp(
            code=code, device=device, precision="float32", seconds=time.perf_counter() - started
        ),
    )
    write(out, record.model_dump_json(indent=1) + "\n")
    return record


def build(spec: Run | Profile, facts: Manifest) -> nn.Module:
    """Return the network of a specification for the classes and size of a dataset's images."""
    description = zoo.describe(
        spec.model.zoo,
        settings=spec.model.set,
        edits=spec.variant.edits,
        variant_settings=spec.variant.set,
    )
    return description.build(classes=len(facts.classes), image_size=facts.shape[-1])


def load_before(parent: Run, metrics: Path, checkpoint: Path) -> Before:
    """Return the weights of the link before.

    Raises:
        RecordError: the record or the checkpoint is another run's, or was altered since.
    """
    record = RunRecord.load(metrics, parent)
    if (found := _sha256(checkpoint)) != record.checkpoint_sha256:
        raise RecordError(
            f"{checkpoint}: SHA-256 {found}, but {metrics} says {record.checkpoint_sha256}"
        )
    saved = torch.load(checkpoint, weights_only=True)
    return Before(saved["weights"], record.checkpoint_sha256, record.status == "diverged")


def _course(run: Run, images: Path, facts: Manifest, device: torch.device) -> tuple[Course, Split]:
    """Return what the link trains and is selected on, and the test split."""
    data = load(images)
    train, select = data.train, data.test
    if run.training.select_on == "validation":
        seed = seed_for(run.seed, "validation", 0)
        train, select = hold_out(train, run.training.validation_fraction, seed)
    clean = partial(
        normalise,
        mean=torch.tensor(facts.mean, device=device),
        std=torch.tensor(facts.std, device=device),
    )
    course = Course(
        phase=run.phase,
        train=train.to(device),
        select=select.to(device),
        prepare=_augmented(run, clean),
        prepare_clean=clean,
        dtype=getattr(torch, _precision(run, device)),
        order=torch.Generator().manual_seed(seed_for(run.seed, "order", len(run.phases))),
    )
    return course, data.test.to(device)


def _augmented(run: Run, clean: Prepare) -> Prepare:
    if not run.phase.randaugment:
        return clean
    from cxv.data.augment import rand_augment  # noqa: PLC0415 - torchvision: 1.3 s for those who need it

    generator = torch.Generator().manual_seed(seed_for(run.seed, "augment", len(run.phases)))
    settings = run.phase.randaugment.model_dump()
    return lambda images: clean(rand_augment(images, **settings, generator=generator))


def _precision(run: Run, device: torch.device) -> str:
    on_gpu = device.type == "cuda"
    return run.training.autocast_cuda if on_gpu else run.training.autocast_cpu


def _outcome(link: Link, start_top1: float, scores: Scores) -> Outcome:
    return Outcome(
        top1=None if link.diverged else scores.top1,
        loss=None if link.diverged else scores.loss,
        start_top1=start_top1,
        selected_top1=link.best.top1 if link.best else None,
        last_top1=link.history[-1].top1 if link.history else None,
        best_epoch=link.best.epoch if link.best else 0,
        epochs=len(link.history),
        test_images=len(scores.predicted),
    )


def _save_predictions(path: Path, scores: Scores, test: Split) -> None:
    with replacing(path) as file:
        np.savez_compressed(
            file,
            predicted=scores.predicted.numpy().astype(np.int16),
            probability=scores.probability.numpy(),  # of the true class
            label=test.labels.cpu().numpy().astype(np.int16),
        )


def _save_checkpoint(path: Path, run: Run, weights: Weights) -> str:
    """Write the weights with the specification they were trained under; return their SHA-256."""
    with replacing(path) as file:
        torch.save({"spec": run.canonical(), "weights": weights}, file)
    return _sha256(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
