"""Trainings of a second: specifications cut short, and where their files go."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxv.config.phases import Phase, Training
from cxv.config.spec import Run
from cxv.jobs.train import FILES
from cxv.records.run import RunRecord
from cxv.tracking.live import Live
from cxv.training import run as training_run

Train = Callable[..., RunRecord]


class Silent(Live):
    """Tracks nothing."""

    def __enter__(self) -> "Silent":
        return self

    def __exit__(self, *_: object) -> None: ...


def outputs(folder: Path) -> training_run.Outputs:
    return training_run.Outputs(folder / "metrics.json", *(folder / name for name in FILES))


def first(run: Run, **changes: Any) -> Run:
    """Return the first link of a run, its phase changed."""
    return run.model_copy(update={"phases": (phase(run.phases[0], **changes),)})


def phase(phase: Phase, **changes: Any) -> Phase:
    fields = phase.model_dump(mode="json")
    fields["optimizer"] |= changes.pop("optimizer", {})
    return Phase.model_validate_json(json.dumps(fields | changes))


def training(run: Run, **changes: Any) -> Run:
    fields = run.training.model_dump() | changes
    return run.model_copy(update={"training": Training(**fields)})


def small(run: Run) -> Run:
    """Return the run with a network that learns little and fast."""
    settings = {"dim": 8, "depth": 1, "mixer": {"heads": 1, "head_dim": 4}}
    return run.model_copy(update={"model": run.model.model_copy(update={"set": settings})})


def repeated(folder: Path, run: Run) -> list[bytes]:
    """Return the outputs that a second training repeats to the last bit."""
    files = outputs(folder / run.id)
    same = (files.history, files.answers, files.predictions, files.checkpoint)
    return [path.read_bytes() for path in same]


class Command:
    """The arguments of one training, whose dataset has ``images`` and a ``manifest``."""

    def __init__(self, run: Run, data: Any, folder: Path) -> None:
        self.run, self.folder, self.files = run, folder, outputs(folder / run.id)
        names = ("metrics", "history", "timing", "answers", "predictions", "checkpoint")
        paths: dict[str, Path] = {name: getattr(self.files, name) for name in names}
        paths |= {"images": data.images, "manifest": data.manifest, "unfinished": folder / "states"}
        options = [text for name, path in paths.items() for text in (f"--{name}", str(path))]
        self.arguments = ["train", run.canonical(), *options]

    def repeated(self) -> list[bytes]:
        return repeated(self.folder, self.run)

    def record(self) -> RunRecord:
        return RunRecord.load(self.files.metrics, self.run)
