"""How long does ``cxv track`` take? ``python -m benchmarks.tracking_rebuild 1000``.

Its runs are made up: chains of two phases, each of 100 epochs, with the predictions of 10,000
images. Each chain is a run of MLflow, and so is its first phase. The store is made first, and not
counted.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.made_up_runs import STUDY, make_up, settings
from cxv.jobs.track import show
from cxv.tracking.store import Store, tracking_uri


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
