"""What only networks can tell of settings: which cannot take one image, and which rows they are."""

from pathlib import Path

import pytest
import samples
from changed_grid import DIGITS, fault_keys, grid
from papers import PAPER

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.config.spec import Dataset
from cxv.jobs import config_search
from cxv.jobs.check_networks import side_of

MICRO = ("memory: fused", "memory: fused\n  micro_batch: 1")
SMALL = ("batch: 64", "batch: 1")


ONE = "comes down to one image of 8 pixels with resnet18/base"


@pytest.mark.parametrize(
    ("change", "key"), [(MICRO, "training.micro_batch"), (SMALL, "phases.adamw.batch")]
)
def test_the_setting_that_leaves_one_image_is_named(
    tmp_path: Path, change: tuple[str, str], key: str
) -> None:
    """A map of 8 pixels is one of a single pixel in the last stage of ResNet-18."""
    assert fault_keys(grid(tmp_path, change)) == [f"{key}: {ONE}"]
    assert fault_keys(grid(tmp_path)) == []


@pytest.mark.parametrize("model", ["{}", "{set: {width: 8}}"])
def test_one_image_of_32_pixels_is_enough(tmp_path: Path, model: str) -> None:
    larger = (DIGITS, "digits: {source: cifar10}")
    assert fault_keys(grid(tmp_path, MICRO, larger, ("resnet18: {}", f"resnet18: {model}"))) == []


def test_a_stage_more_makes_one_image_of_32_pixels_too_few(tmp_path: Path) -> None:
    deep = ("resnet18: {}", "resnet18: {set: {width: 8, blocks: [1, 1, 1, 1, 1, 1]}}")
    found = fault_keys(grid(tmp_path, MICRO, (DIGITS, "digits: {source: cifar10}"), deep))
    assert found == [f"training.micro_batch: {ONE.replace('8', '32', 1)}"]


@pytest.mark.parametrize(("train", "refused"), [(1, True), (2, False)])
def test_one_image_of_a_class_cannot_be_held_out(tmp_path: Path, train: int, refused: bool) -> None:
    part = (DIGITS, f"digits: {{source: digits, per_class: {{train: {train}, test: 1}}}}")
    found = fault_keys(grid(tmp_path, part))
    assert found == ["datasets.digits.per_class.train: one image of a class"] * refused
    assert fault_keys(grid(tmp_path, part, ("select_on: validation", "select_on: test"))) == []


def test_the_side_of_own_images_is_the_one_that_settings_give() -> None:
    own = Dataset(name="own", source="image_folder", path="photos", image_size=48)
    assert side_of(own) == 48
    assert side_of(Dataset(name="own", source="image_folder", path="photos")) is None
    assert side_of(Dataset(name="tiny", source="tiny_imagenet")) == 64


def searched(params: Params) -> list[str]:
    return [*config_search.jobs(params, "small", PAPER.description)]


def test_rows_of_table_1_are_networks_as_they_are_and_nothing_else(tmp_path: Path) -> None:
    assert searched(samples.grid(tmp_path)) == ["cnv"]  # resnet18 sees digits alone
    text = samples.GRID.replace(
        "[digits], models: [cpv_small, resnet18]", "[cifar10], models: [resnet18]"
    )
    assert searched(samples.grid(tmp_path, text)) == ["resnet18", "cnv"]
    edited = (
        "      - {datasets: [cifar10], models: [cnv], recipes: [posttrain]",
        "      - {datasets: [cifar10], models: [cnv], variants: [gelu], recipes: [posttrain]",
    )
    assert searched(samples.grid(tmp_path, text.replace(*edited))) == ["resnet18"]
    assert config_search.jobs(samples.grid(tmp_path, text), "small", None) == {}


def test_a_run_is_shown_under_the_first_study_that_asks_for_it(tmp_path: Path) -> None:
    more = """
  other:
    title: More seeds
    runs: [{datasets: [cifar10], models: [cnv], recipes: [posttrain], seeds: [2, 3]}]
"""
    path = tmp_path / "params.yaml"
    path.write_text(samples.GRID + more)
    homes = load(path).experiments()
    chain = "cifar10/cnv/base/s{}/adamw_ra/adamw/sgd"
    assert homes[chain.format(2)] == "small"
    assert homes[chain.format(3)] == "other"
    params = load(path)
    assert set(homes) == {*params.runs("small"), *params.runs("other")}


def test_a_study_alone_has_its_recipes_and_no_other(tmp_path: Path) -> None:
    assert set(samples.grid(tmp_path).only("small").recipes) == {"adamw", "dualopt", "posttrain"}
    assert set(grid(tmp_path).only("small").recipes) == {"adamw"}
