"""Edit records as a careful forger does: their seals are made again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cxv.records.atomic_files import sha256_of
from cxv.records.predictions import Predictions
from cxv.records.run import FILES, RECORD
from cxv.records.seal import SEAL, sealed


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
