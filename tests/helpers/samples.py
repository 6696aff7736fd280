"""Realistic records, histories and predictions for a grid, without training.

No two quantities of a record that could be taken for each other are equal.
"""

import math
import random
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from look_up import study_table
from profiled import save_profile, stamp

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.config.spec import Run
from cxv.jobs.train import job as train_job
from cxv.records.answers import save_answers
from cxv.records.atomic_files import sha256_of, write
from cxv.records.history import Epoch, TimedEpoch, save_history
from cxv.records.predictions import Predictions
from cxv.records.run import FILES, Outcome, RunRecord, Switch
from cxv.results.table import Table

RUNS, PROFILES = Path("results/runs"), Path("results/profiles")

TEST_IMAGES, CLASSES = 360, 10
GRID = """
study: small
seeds: [0, 1]
profile_batch: 8
training:
  select_on: validation
  validation_fraction: 0.1
  autocast_cuda: float16
  autocast_cpu: float32
  cpu_threads: 1
  memory: fused
datasets: {digits: {source: digits}, cifar10: {source: cifar10}, cifar100: {source: cifar100}}
models: {resnet18: {}, cpv_small: {zoo: cpv, set: {dim: 32}}, cnv: {}}
variants: {gelu: {edits: [gelu_after_conv]}, base: {}}
phases:
  adamw: &adamw
    optimizer: {name: AdamW, lr: 0.001, betas: [0.9, 0.999], eps: 1.0e-8, weight_decay: 0.01}
    batch: 64
    patience: 3
    max_epochs: 8
  sgd: {optimizer: {name: SGD, lr: 0.001, momentum: 0.9}, batch: 64, patience: 3, max_epochs: 5}
  adamw_ra: {<<: *adamw, augment: [{name: randaugment, operations: 1, magnitude: 1}]}
recipes: {adamw: [adamw], dualopt: [adamw, sgd], posttrain: [adamw_ra, adamw, sgd]}
studies:
  small:
    title: A study of <small> things
    runs:
      - {datasets: [digits], models: [cpv_small, resnet18], recipes: [adamw, dualopt]}
      - {datasets: [digits], models: [cpv_small], variants: [gelu, base], recipes: [dualopt]}
      - {datasets: [cifar10], models: [cnv], recipes: [posttrain], seeds: [0, 1, 2]}
"""


def grid(root: Path, text: str = GRID) -> Params:
    """Read settings as a user would write them."""
    path = root / "params.yaml"
    path.write_text(text)
    return load(path)


@dataclass(frozen=True)
class Samples:
    """Folders of a study's made-up results."""

    runs: Path
    profiles: Path


def make(
    params: Params,
    study: str,
    root: Path,
    *,
    missing: Collection[str] = (),
    diverged: Collection[str] = (),
    top1: float | None = None,
) -> Samples:
    """Write every record of a study but the ``missing`` ids; ``top1`` stands in every run."""
    samples = Samples(root / "runs", root / "profiles")
    for run in params.runs(study).values():
        if run.id not in missing:
            save_run(samples.runs, run, diverged=run.id in diverged, top1=top1)
    for profile in params.profiles(study).values():
        if profile.id not in missing:
            save_profile(samples.profiles, profile)
    return samples


def made(params: Params, **changes: Any) -> Table:
    """Write the small study below the working folder; return its table."""
    make(params, "small", Path("results"), **changes)
    return study_table(params, "small", RUNS, PROFILES)


def save_run(
    runs: Path, run: Run, *, diverged: bool = False, top1: float | None = None
) -> RunRecord:
    """Write the files of one run: record, histories, answers, predictions, checkpoint."""
    folder = runs / run.id
    draws = random.Random(run.id)
    history = _history(run, draws, diverged=diverged)
    best = max(history, key=lambda epoch: epoch.top1)
    wanted = best.top1 - draws.uniform(0.01, 0.03) if top1 is None else top1
    found = _predictions(draws, wanted)
    save_history(folder / "history.csv", folder / "timing.csv", history)
    save_answers(folder / "answers.npz", _answers(run, history, best), TEST_IMAGES)
    found.save(folder / "predictions.npz")
    write(folder / "checkpoint.pt", run.id)
    full = len(history) == run.phase.max_epochs
    record = RunRecord(
        spec=run,
        status="diverged" if diverged else "finished",
        outcome=Outcome(
            top1=None if diverged else found.top1,
            loss=None if diverged else found.loss,
            selected_top1=best.top1,
            last_top1=history[-1].top1,
            best_epoch=best.epoch,
            epochs=len(history),
            ended_by="diverged" if diverged else "max_epochs" if full else "patience",
            switch=_switch(run.parent, history) if run.parent else None,
            test_images=TEST_IMAGES,
        ),
        data_sha256=_sha(run.dataset.name),
        parent_sha256=_sha(run.parent.id) if run.parent else None,
        sha256={name: sha256_of(folder / name) for name in FILES},
        stamp=stamp(train_job(run).code, seconds=1.7 * len(history)),
    )
    write(folder / "metrics.json", record.text())
    return record


def _switch(parent: Run, history: list[TimedEpoch]) -> Switch:
    """Return what a link did to the weights handed over, by the histories of both."""
    chain = [_history(link, random.Random(link.id)) for link in parent.chain]
    before = max(epoch.top1 for epoch in chain[-1])
    return Switch(
        epoch=sum(map(len, chain)),
        before=before,
        jump=history[0].top1 - before,
        gain=max(epoch.top1 for epoch in history) - before,
    )


def _length(run: Run) -> int:
    """Return the epochs of a link: neither they nor its best are as many as those before it."""
    earlier = sum(map(_length, run.parent.chain)) if run.parent else 0
    most = run.phase.max_epochs
    lengths = [
        epochs for epochs in range(most // 2 + 1, most + 1) if epochs - earlier not in {0, 1}
    ]
    return random.Random(run.id).choice(lengths)


def _history(run: Run, draws: random.Random, *, diverged: bool = False) -> list[TimedEpoch]:
    """Draw a curve of the selecting split: it rises towards a ceiling, and falls at its end."""
    length = _length(run)
    start = 1 + 2 * (len(run.phases) - 1)
    ceiling = 0.9 + 0.02 * len(run.phases) + draws.uniform(-0.01, 0.01)
    rise = [ceiling * (1 - math.exp(-0.6 * (start + epoch))) for epoch in range(1, length + 1)]
    fall = [2.3 * math.exp(-0.45 * (start + epoch)) + 0.04 for epoch in range(1, length + 1)]
    loss = [level * draws.uniform(1, 1.1) for level in fall]
    return [
        TimedEpoch(
            epoch=epoch,
            time=1.7e9 + epoch,
            loss=math.nan if diverged and epoch == length else loss[epoch - 1],
            top1=rise[epoch - 1] + draws.uniform(-0.01, 0.01) - (0.06 if epoch == length else 0),
            lr=run.phase.optimizer.lr,
            images_per_second=840.0 - epoch,
        )
        for epoch in range(1, length + 1)
    ]


def _answers(run: Run, history: list[TimedEpoch], best: Epoch) -> np.ndarray:
    """Draw which images each epoch has right: as many as its top-1 says, fewer than the best."""
    draws, found = random.Random(f"{run.id} answers"), np.zeros((len(history), TEST_IMAGES), bool)
    most = round(best.top1 * TEST_IMAGES)
    for row, epoch in zip(found, history, strict=True):
        few = most if epoch is best else min(most - 1, round(epoch.top1 * TEST_IMAGES))
        row[draws.sample(range(TEST_IMAGES), few)] = True
    return np.packbits(found, axis=1)


def _predictions(draws: random.Random, top1: float) -> Predictions:
    labels = np.arange(TEST_IMAGES, dtype=np.int16) % CLASSES
    wrong = draws.sample(range(TEST_IMAGES), TEST_IMAGES - round(top1 * TEST_IMAGES))
    predicted = labels.copy()
    predicted[wrong] = (labels[wrong] + 1) % CLASSES
    probability = np.where(labels == predicted, 0.92, 0.06)
    return Predictions(predicted, labels, np.log(probability).astype(np.float32))


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()
