"""How long does ``cxv track`` take? ``python -m benchmarks.tracking_rebuild 1000``.

It makes records up: chains of two phases of 100 epochs each, with the predictions of 10,000 images.
Each chain is a run of MLflow, and so is its first phase. The store is made first, and not counted.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.config.spec import Run
from cxv.jobs.track import show
from cxv.records.atomic_files import write
from cxv.records.history import TimedEpoch, save_history
from cxv.records.run import Outcome, RunRecord, Stamp
from cxv.tracking.store import Store, tracking_uri

EPOCHS, IMAGES, CLASSES, PHASES = 100, 10_000, 10, 2
STUDY = "table3"
SECONDS = 10.0  # an epoch
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


def make_up(run: Run, runs: Path, random: np.random.Generator) -> None:
    """Leave the files of a link."""
    folder, began = runs / run.id, 1.7e9 + SECONDS * EPOCHS * len(run.phases)
    epochs = [
        TimedEpoch(
            epoch=n,
            time=began + SECONDS * n,
            loss=float(random.random()),
            top1=float(random.random()),
            lr=0.001,
            images_per_second=1000.0,
        )
        for n in range(1, EPOCHS + 1)
    ]
    save_history(folder / "history.csv", folder / "timing.csv", epochs)
    label = np.arange(IMAGES) % CLASSES
    predicted = np.where(random.random(IMAGES) < TOP1, label, random.integers(0, CLASSES, IMAGES))
    np.savez_compressed(folder / "predictions.npz", label=label, predicted=predicted)
    write(folder / "metrics.json", record(run).model_dump_json())


def record(run: Run) -> RunRecord:
    """Return a record that says nothing true."""
    return RunRecord(
        spec=run,
        status="finished",
        outcome=Outcome(
            top1=TOP1, loss=0.3, selected_top1=TOP1, last_top1=TOP1,
            best_epoch=EPOCHS, epochs=EPOCHS, ended_by="max_epochs", switch=None,
            test_images=IMAGES,
        ),
        data_sha256="0" * 64,
        parent_sha256=None,
        checkpoint_sha256=run.digest,
        stamp=Stamp(
            commit=None, dirty=False, code="", packages={}, device="cpu", precision="float32",
            undetermined=(), cpu_threads=1, seconds=SECONDS * EPOCHS, peak_bytes=None,
        ),
    )  # fmt: skip


def seconds(action: Callable[[], object]) -> str:
    """Return what an action takes, by the clock and of the CPU."""
    began, worked = time.perf_counter(), time.process_time()
    action()
    wall, cpu = time.perf_counter() - began, time.process_time() - worked
    return f"{wall:6.1f} s, {cpu:6.1f} s of a CPU"


def main() -> None:
    """Print what the first and the second ``cxv track`` of made-up records take."""
    params = settings(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    with tempfile.TemporaryDirectory() as name:
        folder, random = Path(name), np.random.default_rng(0)
        links = params.runs(STUDY).values()
        for run in links:
            make_up(run, folder / "results" / "runs", random)
        print(f"{len(links)} records, {len(params.final_runs(STUDY))} runs of MLflow")
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/mlflow.db"
        Store(tracking_uri())

        def rebuild() -> None:
            show(params, folder / "results", folder / "data")

        for what in ("a lost store", "nothing to do"):
            print(f"{what:14} {seconds(rebuild)}")


if __name__ == "__main__":
    main()
