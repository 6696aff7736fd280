"""Realistic records, histories, predictions and profiles for a grid, without training."""

import math
import random
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np

from cxv import fingerprint
from cxv.files import replacing, write
from cxv.grid import Params
from cxv.history import TimedEpoch, save_history
from cxv.params import load
from cxv.phases import Memory
from cxv.records import (
    Measured,
    OptimizerName,
    Outcome,
    PeakMemory,
    Precision,
    ProfileRecord,
    RunRecord,
    Stamp,
    Switch,
)
from cxv.report.tables import Table, study_table
from cxv.spec import Profile, Run

RUNS, PROFILES = Path("results/runs"), Path("results/profiles")

TEST_IMAGES, CLASSES = 360, 10
KEPT: dict[Memory, int] = {"paper": 1200, "fused": 900, "lean": 300}
GRID = """
study: small
seeds: [0, 1]
profile_batch: 8
training:
  select_on: test
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
    """Write the four files of one run: record, history, predictions, checkpoint."""
    folder = runs / run.id
    draws = random.Random(run.id)
    history = _history(run, draws, diverged=diverged)
    best = max(history, key=lambda epoch: epoch.top1)
    labels, predicted, probability = _predictions(draws, best.top1 if top1 is None else top1)
    reached = float((labels == predicted).mean())
    record = RunRecord(
        spec=run,
        status="diverged" if diverged else "finished",
        outcome=Outcome(
            top1=None if diverged else reached,
            loss=None if diverged else float(-np.log(probability).mean()),
            selected_top1=reached,
            last_top1=history[-1].top1,
            best_epoch=best.epoch,
            epochs=len(history),
            ended_by="diverged" if diverged else "max_epochs",
            switch=Switch(epoch=7, before=0.5, jump=-0.0125, gain=0.025) if run.parent else None,
            test_images=TEST_IMAGES,
        ),
        data_sha256=_sha(run.dataset.name),
        parent_sha256=_sha(run.parent.id) if run.parent else None,
        checkpoint_sha256=_sha(run.id),
        stamp=stamp(fingerprint.of_run(run), seconds=1.7 * len(history)),
    )
    save_history(folder / "history.csv", folder / "timing.csv", history)
    with replacing(folder / "predictions.npz") as file:
        np.savez_compressed(file, predicted=predicted, probability=probability, label=labels)
    write(folder / "checkpoint.pt", run.id)
    write(folder / "metrics.json", record.model_dump_json(indent=1) + "\n")
    return record


def save_profile(profiles: Path, profile: Profile) -> ProfileRecord:
    """Write one measurement."""
    draws = random.Random(profile.id)
    params = draws.randrange(20_000, 90_000)
    record = ProfileRecord(
        spec=profile,
        measured=Measured(
            params=params,
            params_paper=params - 120,
            macs_paper=params * 47,
            macs_fvcore=params * 61,
            macs_products=params * 60,
            uncounted={"paper": {"aten::matmul": 8}, "fvcore": {"aten::softmax": 4}},
            peak_memory=tuple(
                _peak_memory(params, *how)
                for how in product(*map(get_args, (Memory, Precision, OptimizerName)))
            ),
            predicted_context_bytes=400_000_000,
            batch=profile.batch,
            inference_images_per_second=draws.uniform(900, 4000),
            training_images_per_second=draws.uniform(200, 800),
            training_images_per_second_lean=draws.uniform(150, 600),
            timed_batch=2,
            device="cpu",
        ),
        stamp=stamp(fingerprint.of_profile(profile), seconds=3.2),
    )
    write(profiles / profile.id / "profile.json", record.model_dump_json(indent=1) + "\n")
    return record


def _peak_memory(
    params: int, memory: Memory, precision: Precision, optimizer: OptimizerName
) -> PeakMemory:
    moments, width = (2 if optimizer == "AdamW" else 1), (4 if precision == "float32" else 2)
    parts = {
        "predicted_weight_bytes": 4 * params,
        "predicted_optimizer_bytes": 4 * params * moments,
        "predicted_gradient_bytes": 0,
        "predicted_activation_bytes": KEPT[memory] * params * width,
        "predicted_temporary_bytes": 70 * params * width,
    }
    return PeakMemory(
        memory=memory,
        precision=precision,
        optimizer=optimizer,
        predicted_peak_bytes=sum(parts.values()),
        predicted_saved_bytes=parts["predicted_activation_bytes"],
        predicted_scoring_bytes=200 * params * width,
        **parts,
    )


def _history(run: Run, draws: random.Random, *, diverged: bool) -> list[TimedEpoch]:
    """Draw a curve that rises towards a ceiling, from where the link before left off."""
    length = draws.randint(run.phase.max_epochs // 2 + 1, run.phase.max_epochs)
    start = 1 + 2 * (len(run.phases) - 1)
    ceiling = 0.9 + 0.02 * len(run.phases) + draws.uniform(-0.01, 0.01)
    last = math.nan if diverged else 0.05
    return [
        TimedEpoch(
            epoch=epoch,
            time=1.7e9 + epoch,
            loss=last if epoch == length else 2.3 * math.exp(-0.45 * (start + epoch)) + 0.04,
            top1=ceiling * (1 - math.exp(-0.6 * (start + epoch))) + draws.uniform(-0.01, 0.01),
            lr=run.phase.optimizer.lr,
            images_per_second=840.0,
        )
        for epoch in range(1, length + 1)
    ]


def _predictions(draws: random.Random, top1: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels = np.arange(TEST_IMAGES, dtype=np.int16) % CLASSES
    wrong = draws.sample(range(TEST_IMAGES), TEST_IMAGES - round(top1 * TEST_IMAGES))
    predicted = labels.copy()
    predicted[wrong] = (labels[wrong] + 1) % CLASSES
    probability = np.where(labels == predicted, 0.92, 0.06).astype(np.float32)
    return labels, predicted, probability


def stamp(code: str, *, seconds: float) -> Stamp:
    """Return where and with what a made-up number was made."""
    return Stamp(
        commit="0f3c9e6d1b7a4c2e8f5a6b7c8d9e0f1a2b3c4d5e",
        dirty=False,
        code=code,
        packages={"torch": "2.14.1", "numpy": "2.4.6"},
        device="cpu",
        precision="float32",
        undetermined=(),
        cpu_threads=1,
        seconds=seconds,
        peak_bytes=None,
    )


def _sha(text: str) -> str:
    return sha256(text.encode()).hexdigest()
