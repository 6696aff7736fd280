"""Train one run: files in, a training, files out. Here alone the two meet."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.data.tensors import Split, load
from cxv.records.answers import save_answers
from cxv.records.atomic_files import sha256_of, write
from cxv.records.environment import describe_environment, stamp
from cxv.records.history import save_history
from cxv.records.identity import TrainingIdentity
from cxv.records.predictions import Predictions
from cxv.records.run import CHECKPOINT, RunRecord
from cxv.tracking.live import Live
from cxv.training.batch_limits import naming_the_size, refuse_one_image
from cxv.training.checkpointing import Checkpointer
from cxv.training.determinism import make_deterministic, undetermined
from cxv.training.evaluation import Scores, evaluate
from cxv.training.precision import precision
from cxv.training.progress import progress
from cxv.training.saved_weights import load_weights, save_weights
from cxv.training.setup import network, outcome, prepare_training
from cxv.training.trainer import Learner, TrainingSetup, TrainResult, Weights, train_phase

FINISHED = frozenset({"patience", "max_epochs", "max_seconds"})
"""Endings of a link that has a number to show."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outputs:
    """The six files that a run leaves behind."""

    metrics: Path
    history: Path
    timing: Path
    answers: Path
    predictions: Path
    checkpoint: Path

    @property
    def next_to_record(self) -> tuple[Path, ...]:
        """Those that the record seals."""
        return self.history, self.timing, self.answers, self.predictions, self.checkpoint


@dataclass(frozen=True, slots=True)
class Shown:
    """Where MLflow shows a run, the path of its record there, and that of the link before."""

    experiment: str
    record: Path
    parent: Path | None = None


@dataclass(frozen=True, slots=True)
class Parent:
    """The link before: where its successor starts."""

    weights: Weights
    record: RunRecord


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Where trainings under way are kept, and how often."""

    folder: Path
    every_seconds: float


def train(
    run: Run,
    *,
    images: Path,
    manifest: Path,
    before: Parent | None,
    out: Outputs,
    shown: Shown,
    code: str,
    device: torch.device,
    unfinished: Unfinished,
) -> RunRecord:
    """Train one link, or train it on; leave its record, histories, answers, predictions, weights.

    Its saved state stays: whoever has the files in a safe place removes it.

    Raises:
        Stopped: a signal came; the same call resumes.
        UserError: the network cannot be built for images of their size, or a step would come
            down to one image and it cannot take that.
    """
    make_deterministic(run.training.cpu_threads)
    facts = Manifest.load(manifest)
    parent = before.record.checkpoint_sha256 if before else None
    identity = TrainingIdentity(
        run=run.on_any_device,
        precision=precision(run, device),
        code=code,
        data_sha256=facts.sha256,
        parent_sha256=parent,
    )
    checkpointer = Checkpointer(
        unfinished.folder, identity, describe_environment(device), unfinished.every_seconds
    )
    with checkpointer.hear_signals(), undetermined() as operations:
        with naming_the_size(run, facts.shape[-1]):
            model = network(run, facts, before.weights if before else None).to(device)
        setup, test = prepare_training(run, load(images, facts.sha256), facts, device)
        refuse_one_image(run, model, len(setup.train), facts.shape[-1])
        learner = Learner(model, setup)
        resumed = checkpointer.restore(learner)
        with Live(
            run,
            shown.experiment,
            output=shown.record,
            data_sha256=facts.sha256,
            parent=shown.parent,
        ) as live:
            if resumed:
                log.info("resuming after epoch %d", len(learner.history))
                live.log(*learner.history)
            link = _link(learner, before, checkpointer, live)
            model.load_state_dict(link.weights)
            on_step = partial(checkpointer.on_step, learner)
            scores = evaluate(model, test, setup.prepare, setup.dtype, on_step)
            save_history(out.history, out.timing, link.history)
            save_answers(out.answers, link.answers.numpy(), len(setup.select))
            predictions(scores, test).save(out.predictions)
            save_weights(out.checkpoint, run, link.weights)
            doubts = (*operations, *checkpointer.environment_changes, *_limits(setup, link))
            made = stamp(code, device, precision(run, device), learner.seconds, doubts)
            record = RunRecord(
                **_result(link, scores, before),
                spec=run,
                data_sha256=facts.sha256,
                interruptions=checkpointer.interruptions,
                sha256={path.name: sha256_of(path) for path in out.next_to_record},
                stamp=made,
            )
            live.finish(record)
        write(out.metrics, record.text())
    return record


def _link(
    learner: Learner, before: Parent | None, checkpointer: Checkpointer, live: Live
) -> TrainResult:
    """Train, and say so; after a link that diverged there is nothing to go on from."""
    if before and before.record.status == "diverged":
        log.warning("the previous phase diverged: nothing to train")
        none = (before.weights, (), learner.answers, None)
        return TrainResult(*none, "nothing to go on from")
    with progress(learner.setup.phase, lambda: learner.seconds) as tell:
        return train_phase(
            learner,
            partial(checkpointer.on_step, learner),
            [lambda _: checkpointer.save(learner), tell, live.log],
        )


def _result(link: TrainResult, scores: Scores, before: Parent | None) -> dict[str, Any]:
    """Return what the record of a link says of it, apart from where and of what it was made."""
    return {
        "status": "finished" if link.ended_by in FINISHED else "diverged",
        "outcome": outcome(link, scores, before.record.outcome if before else None),
        "parent_sha256": before.record.checkpoint_sha256 if before else None,
        "micro_batch": link.micro_batch,
    }


def _limits(setup: TrainingSetup, link: TrainResult) -> Iterator[str]:
    """Yield what of the outcome was decided by the clock or by the memory there was."""
    if link.ended_by == "max_seconds":
        yield f"ended after {setup.phase.max_seconds} s"
    if setup.halves and link.micro_batch is not None:
        yield f"micro-batches of {link.micro_batch} as memory ended"


def load_before(parent: Run, metrics: Path, checkpoint: Path) -> Parent:
    """Return the weights of the link before.

    Raises:
        RecordError: the record is another run's, or one of the two was altered since.
    """
    record = RunRecord.load(metrics, parent)
    record.intact(checkpoint, CHECKPOINT)
    return Parent(load_weights(checkpoint, parent), record)


def predictions(scores: Scores, test: Split) -> Predictions:
    """Return what a network answers, as a file keeps it."""
    return Predictions(
        predicted=scores.predicted.numpy().astype(np.int16),
        label=test.labels.cpu().numpy().astype(np.int16),
        log_probability=scores.log_probability.numpy(),
    )
