"""Which test images a run answers rightly, read from the predictions that it left."""

import zipfile

import numpy as np
from jaxtyping import Bool, Shaped

from cxv.results.lookup import RunLookup, top1

Answers = Bool[np.ndarray, " images"]


def read_answers(run: RunLookup) -> Answers | None:
    """Return them, unless they do not give the top-1 of the record."""
    try:
        with np.load(run.path.with_name("predictions.npz")) as file:
            right: Answers = file["predicted"] == file["label"]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    scored = top1(run)
    own = scored is not None and abs(float(right.mean()) - scored) * len(right) < 1 / 2
    return right if own else None


def mean_answers(every: list[Answers]) -> Shaped[np.ndarray, " images"]:
    """Return, image by image, the share of some runs that answer rightly; of one, its own."""
    mean: Shaped[np.ndarray, " images"] = every[0] if len(every) == 1 else np.mean(every, axis=0)
    return mean
