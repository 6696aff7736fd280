"""How numbers and names read in a report."""

from pathlib import Path

import pytest
import samples

from cxv.report.wording import between, duration, mlflow_search, settings, signed
from cxv.statistics import Interval


def test_an_interval_is_shown_in_points_or_not_at_all() -> None:
    assert between(Interval(-0.125, 1.5)) == "[\N{MINUS SIGN}0.12, +1.50]"
    assert between(None) == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(41.2, "41 s"), (119.0, "119 s"), (750.0, "12 min"), (9000.0, "2.5 h")]
)
def test_durations_are_rounded_to_a_readable_unit(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_differences_carry_their_sign_in_points() -> None:
    assert signed(0.0125) == "+1.25"
    assert signed(-0.0125) == "\N{MINUS SIGN}1.25"


def test_the_search_in_mlflow_names_the_run(tmp_path: Path) -> None:
    [run, *_] = samples.grid(tmp_path).runs("small").values()
    assert mlflow_search(run).startswith("http://127.0.0.1:5000/#/experiments?searchFilter=tags.")
    assert "%27digits/cpv_small/base/s0/adamw%27" in mlflow_search(run)


def test_a_phase_is_told_with_all_its_settings(tmp_path: Path) -> None:
    text = samples.GRID.replace(
        "  sgd: {optimizer: {name: SGD, lr: 0.001, momentum: 0.9}, batch: 64,",
        "  sgd: {optimizer: {name: SGD, lr: 0.001, momentum: 0.9}, mix: {cutmix: 1.0},"
        " label_smoothing: 0.1, schedule: {name: SequentialLR, milestones: [2], schedulers:"
        " [{name: LinearLR, start_factor: 0.1}, {name: StepLR, step_size: 3}]}, batch: 64,",
    )
    assert text != samples.GRID
    assert settings(samples.grid(tmp_path, text).phases["sgd"]) == (
        "SGD: lr 0.001, momentum 0.9, dampening 0.0, weight decay 0.0; mix: cutmix 1.0;"
        " SequentialLR: schedulers (LinearLR: start factor 0.1, end factor 1.0, total iters 5;"
        " StepLR: step size 3, gamma 0.1), milestones [2]; label smoothing 0.1;"
        " batch 64, at most 5 epochs, patience 3"
    )
