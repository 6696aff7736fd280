"""Our counts against the digits that the paper prints in Table 1."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from cxv import create_model, list_models
from cxv.profiling import count_macs, count_paper_params
from cxv.profiling.memory import CUDA_CONTEXT_BYTES, predicted_peaks
from cxv.zoo import ZOO

TABLE = (Path(__file__).parents[1] / "data/paper/table1.csv").read_text()
PRINTED = {row["model"]: row for row in csv.DictReader(TABLE.splitlines())}
ELSEWHERE = {
    "wavemix": "1.29",  # printed 2.59: twice as much, D17
    "vip": "1.30",  # printed 1.31, 0.4 % more
    "vilt": "1.31",  # printed 0.33: its maps were 16 x 16, D18
    "cvt": "1.33",  # printed 1.32, 0.7 % less
}
"""Billions of MACs where they differ from the print; the other eleven agree to its last digit."""


def macs(name: str, image_size: int = 32) -> str:
    """Return MACs by the paper's rules, as the paper prints them: billions, two decimals."""
    model = create_model(name).eval()
    count, _ = count_macs(model, torch.zeros(1, 3, image_size, image_size), "paper")
    return f"{count / 1e9:.2f}"


def test_the_table_and_the_zoo_have_the_same_rows_in_the_same_order() -> None:
    assert list(PRINTED) == list(list_models())
    assert [row["title"] for row in PRINTED.values()] == [row.title for row in ZOO.values()]


@pytest.mark.parametrize("name", PRINTED)
def test_parameters_agree_with_the_print_to_its_last_digit(name: str) -> None:
    with torch.device("meta"):
        model = create_model(name)
    assert f"{count_paper_params(model) / 1e6:.1f}" == PRINTED[name]["params_m"]


@pytest.mark.parametrize("name", PRINTED)
def test_macs_agree_with_the_print_or_are_named(name: str) -> None:
    assert macs(name) == ELSEWHERE.get(name, PRINTED[name]["macs_g"])


def test_vilt_prints_the_macs_of_quarter_maps() -> None:
    assert macs("vilt", image_size=16) == PRINTED["vilt"]["macs_g"]


FARTHER = {"mlp_mixer": 1.85, "vip": 4.85, "cct": 9.93}
"""Predicted GB of the rows that lie neither within 15 % of the print nor within 0.3 GB of it."""


@cache
def predicted_gb(name: str) -> float:
    """Return D21's prediction: a step on 32 images in float32 under AdamW, and a CUDA context."""
    adamw, _ = predicted_peaks(create_model(name), 32, 32, "paper", "float32")
    assert adamw.optimizer == "AdamW"
    return (adamw.predicted_peak_bytes + CUDA_CONTEXT_BYTES) / 1e9


@pytest.mark.parametrize("name", PRINTED)
def test_predicted_memory_is_near_the_print_or_named(name: str) -> None:
    printed, predicted = float(PRINTED[name]["gpu_gb"]), predicted_gb(name)
    near = abs(predicted - printed) <= max(0.15 * printed, 0.3)
    assert near == (name not in FARTHER)
    if not near:
        assert predicted == pytest.approx(FARTHER[name], abs=0.05)


def test_predicted_memory_ranks_the_models_as_the_print_does() -> None:
    printed = [float(row["gpu_gb"]) for row in PRINTED.values()]
    predicted = [predicted_gb(name) for name in PRINTED]
    ranks = [np.argsort(np.argsort(values)) for values in (printed, predicted)]  # no two are equal
    assert np.corrcoef(*ranks)[0, 1] > 0.98
