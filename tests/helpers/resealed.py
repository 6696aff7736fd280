"""Edit records as a careful forger does: their seals are made again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cxv.config.spec import Run
from cxv.records.atomic_files import sha256_of
from cxv.records.predictions import Predictions
from cxv.records.run import FILES, RECORD, RunRecord
from cxv.records.seal import SEAL, sealed
from cxv.verification.weights import evaluated


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the values of a sealed file in place."""
    fields = json.loads(path.read_text())
    del fields[SEAL]
    change(fields)
    path.write_text(sealed(json.dumps(fields)))


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text in a sealed file."""
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    edit(path, lambda _: None)


def reseal(folder: Path) -> None:
    """Let the record of a run name its files as they are now; of a missing one, nobody's sum."""
    sums = {
        name: sha256_of(folder / name) if (folder / name).exists() else "none" for name in FILES
    }
    edit(folder / RECORD, lambda fields: fields.update(sha256=sums))


def show_every_image_twice(folder: Path) -> None:
    """Give a run twice the test images, and the same top-1 and loss."""
    found = Predictions.load(folder / "predictions.npz")
    twice = (np.tile(x, 2) for x in (found.predicted, found.label, found.log_probability))
    Predictions(*twice).save(folder / "predictions.npz")
    reseal(folder)
    images = 2 * len(found.label)
    edit(folder / RECORD, lambda fields: fields["outcome"].update(test_images=images))


def better_predictions(folder: Path) -> None:
    """Let every prediction be right, and the record say so."""
    found = Predictions.load(folder / "predictions.npz")
    better = Predictions(found.label, found.label, np.full_like(found.log_probability, -0.01))
    better.save(folder / "predictions.npz")
    reseal(folder)
    outcome = {"top1": 1.0, "loss": better.loss}
    edit(folder / "metrics.json", lambda fields: fields["outcome"].update(outcome))


def other_weights(folder: Path) -> None:
    """Scale the weights, and let predictions, record and seals be what these give."""
    path = folder / "checkpoint.pt"
    saved = torch.load(path, weights_only=True)
    saved["weights"] = {name: value * 1.5 for name, value in saved["weights"].items()}
    torch.save(saved, path)
    spec = Run.model_validate_json(saved["spec"])
    record = RunRecord.load(folder / "metrics.json", spec)
    project = folder.parents[len(Path(spec.id).parts) + 1]
    found = evaluated(record, path, project / "data/raw/digits", torch.device("cpu"))
    found.save(folder / "predictions.npz")
    reseal(folder)
    outcome = {"top1": found.top1, "loss": found.loss}
    edit(folder / "metrics.json", lambda fields: fields["outcome"].update(outcome))
