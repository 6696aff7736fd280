"""A speed in a table: as measured with its spread, or left out with the reason."""

from pathlib import Path

import pytest
from profiled import save_profile
from samples import GRID

from cxv.config.load import load
from cxv.records.costs import CostProfile
from cxv.records.run import Cell
from cxv.records.speed import Speed
from cxv.results.lookup import Gap
from cxv.results.speeds import MOST_SPREAD, SPEED, speed_cells


@pytest.fixture
def measured(tmp_path: Path) -> CostProfile:
    path = tmp_path / "params.yaml"
    path.write_text(GRID)
    return save_profile(tmp_path, next(iter(load(path).profiles("small").values()))).measured


def speed(lower: float, median: float, upper: float, timed: int = 30) -> Speed:
    return Speed(
        lower_images_per_second=lower,
        median_images_per_second=median,
        upper_images_per_second=upper,
        timed=timed,
    )


def cells(measured: CostProfile, inference: Speed) -> list[Cell | Gap]:
    found = speed_cells(measured.model_copy(update={"inference": inference}), "profile.json#abc")
    assert tuple(found) == SPEED
    return [found[key] for key in SPEED]


def test_a_steady_speed_is_shown_with_its_spread_and_both_quartiles(measured: CostProfile) -> None:
    middle, spread = cells(measured, speed(1800, 2000, 2100))
    assert isinstance(middle, Cell)
    assert isinstance(spread, Cell)
    assert (middle.value, middle.unit) == (2000, "images/s")
    assert spread.value == pytest.approx(300 / 2000)
    assert "30 timings; half at 1,800 to 2,100" in middle.rule


@pytest.mark.parametrize(("upper", "is_shown"), [(2300, True), (2302, False)])
def test_quartiles_too_far_apart_are_left_out(
    measured: CostProfile, upper: float, is_shown: bool
) -> None:
    """From 1,800 to 2,300 is a quarter of 2,000."""
    assert MOST_SPREAD == 0.25
    found = cells(measured, speed(1800, 2000, upper))
    assert all(isinstance(cell, Cell) == is_shown for cell in found)
    for cell in found:
        if isinstance(cell, Gap):
            assert cell.status == "not timed"
            assert "30 timings at 1,800 to 2,302 images/s" in cell.reason


def test_a_step_too_long_to_repeat_is_left_out_and_its_length_told(measured: CostProfile) -> None:
    for cell in cells(measured, speed(1.6, 1.6, 1.6, timed=1)):
        assert isinstance(cell, Gap)
        assert cell.reason == "a step of 2 images takes 1.2 s"  # 2 / 1.6
