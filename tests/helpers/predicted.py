"""Predictions of memory at full size, each made once for the tests that share it."""

from functools import cache

import pytest

from cxv import create_model
from cxv.networks import Memory
from cxv.profiling.memory import predicted_peaks
from cxv.records.costs import PeakMemory

predicts = pytest.mark.xdist_group("predicted memory")


@cache
def under_adamw(name: str, memory: Memory = "eager") -> PeakMemory:
    """Follow a step of a model on 32 images of 32 x 32 pixels, in float32 under AdamW."""
    adamw, _ = predicted_peaks(create_model(name), 32, 32, memory, "float32")
    assert adamw.optimizer == "AdamW"
    return adamw
