"""Which test images a run answers rightly, read from the predictions that it left."""

import numpy as np
from jaxtyping import Bool, Shaped

from cxv.records.predictions import Predictions
from cxv.records.run import PREDICTIONS
from cxv.records.seal import AlteredError
from cxv.results.lookup import RunLookup, top1

Answers = Bool[np.ndarray, " images"]


def read_answers(run: RunLookup) -> Answers | None:
    """Return them; None of a run without a top-1, or whose file is gone since it was looked up."""
    if top1(run) is None:
        return None
    try:
        found = Predictions.load(run.path.with_name(PREDICTIONS))
    except AlteredError:
        return None
    right: Answers = found.predicted == found.label
    return right


def mean_answers(every: list[Answers]) -> Shaped[np.ndarray, " images"]:
    """Return, image by image, the share of some runs that answer rightly; of one, its own."""
    mean: Shaped[np.ndarray, " images"] = every[0] if len(every) == 1 else np.mean(every, axis=0)
    return mean
