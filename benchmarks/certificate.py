"""Kill trainings at random moments, resume them, and compare what is left to the last byte.

Each training is the real command in a process of its own. It is killed by SIGKILL or SIGTERM after
a random part of the time that an unharmed one takes, started again, and so on until it ends; a
sixth of the kills falls into the writing of a state. Its history, answers, predictions and weights
must be those of the training that nobody killed.

    python -W ignore -m benchmarks.certificate --kills 36
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

from cxv.config.load import load
from cxv.config.spec import Dataset, PerClass, Run
from cxv.data.sources import fetch
from cxv.training.checkpointing import read_state

MODELS = ("resnet18_small", "cnv_small", "cpv_small")
DATASET = Dataset(name="digits", source="digits", per_class=PerClass(train=60, test=30))
SAME = ("history.csv", "answers.npz", "predictions.npz", "checkpoint.pt")
MADE = ("metrics.json", "timing.csv", *SAME)
MOST_KILLS = 3
"""Of one training, before it is left to end."""


@dataclass(frozen=True)
class Bench:
    """The folders and files of a certificate, and what starts its commands."""

    root: Path
    images: Path
    manifest: Path
    python: str = sys.executable
    process: type[subprocess.Popen[bytes]] = subprocess.Popen

    def command(self, run: Run, folder: Path) -> list[str]:
        """Return the command of the workflow for one link."""
        here, before = folder / run.id, folder / run.parent.id if run.parent else None
        given = ["--parent", f"{before}/metrics.json", "--weights", f"{before}/checkpoint.pt"]
        out = [word for name in MADE for word in (f"--{name.split('.')[0]}", f"{here / name}")]
        data = ["--images", str(self.images), "--manifest", str(self.manifest)]
        kept = ["--unfinished", str(folder / "unfinished"), "--checkpoint-seconds", "0.05"]
        words = [run.canonical(), *data, *out, *kept, *(given if before else [])]
        return [self.python, "-m", "cxv", "train", *words]

    def train(self, run: Run, folder: Path) -> float:
        """Train a link unharmed; return its seconds."""
        began = time.monotonic()
        command, own = self.command(run, folder), store_in(folder)
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env=own)
        return time.monotonic() - began

    def kill(self, run: Run, folder: Path, number: int, after_seconds: float | None) -> str | None:
        """Start a link and kill it; return when it was hit, or None if it had ended before.

        Args:
            run: the link.
            folder: of its outputs.
            number: of the signal.
            after_seconds: when; None: as soon as a state is being written.
        """
        states = folder / "unfinished" / run.id
        command, own = self.command(run, folder), store_in(folder)
        with self.process(command, stderr=subprocess.DEVNULL, env=own) as process:
            deadline = time.monotonic() + (after_seconds or 60)
            while process.poll() is None and time.monotonic() < deadline:
                if after_seconds is None and list(states.glob(".*.pt.*")):
                    break
                time.sleep(0.0005 if after_seconds is None else 0.005)
            if process.poll() is not None:
                return None
            writing = bool(list(states.glob(".*.pt.*")))
            process.send_signal(number)
            code = process.wait()
        if code == 0:
            return None
        return f"{progress(states, run)}{', writing its state' if writing else ''}"


def store_in(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing is taken from what other folders have computed."""
    return os.environ | {"CXV_STORE": str(folder / "store")}


def prepared(root: Path, dataset: Dataset = DATASET) -> Bench:
    """Fetch the scans into a folder."""
    images, manifest = root / "images.pt", root / "manifest.json"
    fetch(dataset, images=images, manifest=manifest, downloads=root, mirror=None)
    return Bench(root, images, manifest)


def progress(states: Path, run: Run) -> str:
    """Return how far the last state of a link had come."""
    kept = [read_state(state)["learner"] for state in states.glob("*.pt")]
    if not kept:
        return "before its first save"
    steps = -(-10 * run.dataset.per_class.train // run.phase.batch)  # type: ignore[union-attr]
    if kept[0]["batch"] == 0:
        return "between epochs"
    return "within an epoch" if kept[0]["batch"] < steps else "scoring"


def links(models: Iterable[str], dataset: Dataset = DATASET) -> Iterator[Run]:
    """Yield the links of the models' chains: RandAugment under AdamW, then clean under SGD."""
    small = load(Path("params.yaml")).runs("small")
    posttrain = small["digits/cpv_small/base/s0/adamw_demo_ra/sgd_demo_ra/adamw_demo/sgd_demo"]
    for name in models:
        model = small[f"digits/{name}/base/s0/adamw_demo"].model
        end = posttrain.model_copy(update={"model": model, "dataset": dataset})
        yield from end.model_copy(update={"phases": end.phases[:1] + end.phases[3:]}).chain


def certify(
    bench: Bench, runs: Sequence[Run], kills: int, seed: int
) -> tuple[Counter[str], int, int]:
    """Return how often what was hit, the links compared, and how many of them differed."""
    draws, hit = np.random.default_rng(seed), Counter[str]()
    seconds = {run.id: bench.train(run, bench.root / "whole") for run in runs}
    compared = differed = rounds = 0
    while hit.total() < kills:
        rounds += 1
        folder = bench.root / f"killed{rounds}"
        for run, number in zip(runs, cycle((signal.SIGKILL, signal.SIGTERM)), strict=False):
            for _ in range(draws.integers(1, MOST_KILLS + 1)):
                writing = draws.random() < 1 / 6
                wait = None if writing else draws.uniform(0.5, 1.0) * seconds[run.id]
                sent = signal.SIGKILL if writing else number
                when = bench.kill(run, folder, sent, wait)
                if when is None:
                    break
                hit[f"{sent.name} {when}, {run.phase.name}"] += 1
            else:
                bench.train(run, folder)
            compared += 1
            differed += not same(bench.root / "whole" / run.id, folder / run.id)
    return hit, compared, differed


def same(left: Path, right: Path) -> bool:
    """Tell whether two links left the same bytes."""
    return all((left / name).read_bytes() == (right / name).read_bytes() for name in SAME)


def main() -> None:
    """Print what was hit and what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=36)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    with tempfile.TemporaryDirectory() as root:
        runs = list(links(MODELS))
        hit, compared, differed = certify(prepared(Path(root)), runs, options.kills, options.seed)
    for what, count in sorted(hit.items()):
        print(f"{count:4}  {what}")
    print(f"{hit.total()} kills; of {compared} links that were killed, {differed} differ")
    sys.exit(differed > 0)


if __name__ == "__main__":
    main()
