"""Runs of CIFAR-10's size that nobody trained: 100 epochs and the answers to 10,000 images each."""

import json
from pathlib import Path

import numpy as np

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.config.spec import Run
from cxv.jobs.train import job
from cxv.records.answers import save_answers
from cxv.records.atomic_files import sha256_of, write
from cxv.records.history import TimedEpoch, save_history
from cxv.records.predictions import Predictions
from cxv.records.record import Stamp
from cxv.records.run import FILES, Outcome, RunRecord

STUDY = "table3"
EPOCHS, IMAGES, CLASSES, PHASES = 100, 10_000, 10, 2
SECONDS = 10.0  # an epoch
BEGAN = 1.7e9  # seconds, the epoch of Unix
TOP1 = 0.9


def settings(runs: int) -> Params:
    """Return the grid of one study: a network under two recipes, with as many seeds as it takes."""
    whole = load(Path("params.yaml")).model_dump(mode="json")
    block = {"datasets": ["cifar10"], "models": ["cpv"], "recipes": ["adamw", "dualopt"]}
    studies = {STUDY: {"title": "Made up", "runs": [block]}}
    seeds = list(range(runs // PHASES))
    return Params.model_validate_json(
        json.dumps(whole | {"study": STUDY, "studies": studies, "seeds": seeds})
    )


def make_up(run: Run, runs: Path, random: np.random.Generator) -> RunRecord:
    """Leave the files of a link, which say nothing true; return its record."""
    folder = runs / run.id
    answers = random.random((EPOCHS, IMAGES)) < np.linspace(TOP1 / 2, TOP1, EPOCHS)[:, None]
    top1, best = answers.mean(axis=1), int(answers.sum(axis=1).argmax())
    began = BEGAN + SECONDS * EPOCHS * len(run.phases)
    epochs = [
        TimedEpoch(
            epoch=n,
            time=began + SECONDS * n,
            loss=float(random.random()),
            top1=float(top1[n - 1]),
            lr=0.001,
            images_per_second=1000.0,
        )
        for n in range(1, EPOCHS + 1)
    ]
    save_history(folder / "history.csv", folder / "timing.csv", epochs)
    save_answers(folder / "answers.npz", np.packbits(answers, axis=1), IMAGES)
    label = np.arange(IMAGES, dtype=np.int16) % CLASSES
    predicted = np.where(answers[best], label, (label + 1) % CLASSES).astype(np.int16)
    found = Predictions(predicted, label, np.full(IMAGES, -0.3, np.float32))
    found.save(folder / "predictions.npz")
    write(folder / "checkpoint.pt", run.id)
    record = RunRecord(
        spec=run,
        status="finished",
        outcome=Outcome(
            top1=found.top1, loss=found.loss, selected_top1=epochs[best].top1,
            last_top1=epochs[-1].top1, best_epoch=best + 1, epochs=EPOCHS, ended_by="max_epochs",
            switch=None, test_images=IMAGES,
        ),
        data_sha256="0" * 64,
        parent_sha256=None,
        sha256={name: sha256_of(folder / name) for name in FILES},
        stamp=Stamp(
            commit=None, dirty=False, code=job(run).code, packages={}, device="cpu",
            precision="float32", undetermined=(), cpu_threads=1, seconds=SECONDS * EPOCHS,
            peak_bytes=None,
        ),
    )  # fmt: skip
    write(folder / "metrics.json", record.text())
    return record
