"""What can be trained and is surely not meant is named by ``cxv check``."""

from pathlib import Path

import pytest
from changed_grid import DIGITS, grid

from cxv.config.load import placed
from cxv.jobs.odd_settings import odd_settings

STEP = "    batch: 64\n    patience: 3\n    max_epochs: 8"


def warnings(root: Path, *changes: tuple[str, str]) -> list[str]:
    found = odd_settings(grid(root, *changes))
    return [line.partition(": ")[2] for line in placed(root / "params.yaml", found)]


def with_line(line: str) -> tuple[str, str]:
    return STEP, f"    {line}\n{STEP}"


def test_the_samples_are_not_odd(tmp_path: Path) -> None:
    assert warnings(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("batch: 64", "batch: 5000"), "batch: 5000 images, and an epoch of digits has 1295: it"),
        (("cpu_threads: 1", "cpu_threads: 1000"), "training.cpu_threads: 1000 threads take turns"),
        (("fraction: 0.1", "fraction: 0.9"), "training.validation_fraction: 0.9 of the images are"),
        (("lr: 0.001", "lr: 100.0"), "phases.adamw.optimizer.lr: a learning rate of 100.0 is abo"),
        (("weight_decay: 0.01", "maximize: true"), "phases.adamw.optimizer.maximize: the loss is"),
        (
            ("weight_decay: 0.01", "weight_decay: 1000"),
            "phases.adamw.optimizer.weight_decay: 1000.0",
        ),
        (("momentum: 0.9", "momentum: 1.5"), "phases.sgd.optimizer.momentum: 1.5: from 1 on, step"),
        (with_line("tolerance: 2"), "phases.adamw.tolerance: no gain of top-1 is above 2.0: none"),
        (with_line("augment: [{name: cutout, side: 9}]"), "augment.0.side: a square of 9 pixels"),
        (with_line("augment: [{name: crop, padding: 8}]"), "augment.0.padding: a crop moved by 8"),
        (
            with_line("augment: [{name: erasing, scale: [0.001, 0.01]}]"),
            "augment.0.scale: 0.01 of an image is not one pixel: nothing is done",
        ),
        (
            with_line("schedule: {name: CosineAnnealingLR, T_max: 3}"),
            "phases.adamw.schedule.T_max: 3 is below max_epochs, 8: the rate rises again",
        ),
        (
            with_line("schedule: {name: CosineAnnealingLR, T_max: 8, eta_min: 1}"),
            "phases.adamw.schedule.eta_min: 1.0 is above optimizer.lr, 0.001",
        ),
    ],
)
def test_an_odd_setting(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    [line] = {line for line in warnings(tmp_path, change) if said in line}
    assert line


def test_images_of_unknown_number_and_size_are_not_guessed(tmp_path: Path) -> None:
    own = (DIGITS, "digits: {source: image_folder, path: photos}")
    hidden = with_line("augment: [{name: cutout, side: 900}]")
    [said] = warnings(tmp_path, own, hidden, ("batch: 64", "batch: 5000"))
    assert said.startswith("datasets.digits.path: photos: no such folder; a relative path starts")
