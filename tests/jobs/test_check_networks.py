"""Networks are tried for the images and the steps of a study before anything starts."""

from pathlib import Path

import pytest
import samples
from changed_grid import DIGITS, fault_keys, grid

from cxv.config.grid import Params
from cxv.jobs.check import faults
from cxv.profiling import network_trial

NET = "resnet18: {}"


def said(params: Params) -> str:
    return "\n".join(f"{'.'.join(map(str, key))}: {fault}" for key, fault in faults(params))


def own(side: int) -> tuple[str, str]:
    return DIGITS, f"digits: {{source: image_folder, path: photos, image_size: {side}}}"


@pytest.mark.parametrize(("batch", "refused"), [(1436, True), (718, True), (1435, False)])
def test_a_last_batch_of_one_image_is_refused_with_one_that_works(
    tmp_path: Path, batch: int, refused: bool
) -> None:
    """1,437 of the digits train: 1436 + 1, 718 + 718 + 1, but 1435 + 2."""
    found = said(
        grid(
            tmp_path,
            ("batch: 64", f"batch: {batch}"),
            ("select_on: validation", "select_on: test"),
        )
    )
    assert bool(found) == refused
    if refused:
        assert found.startswith(
            "phases.adamw.batch: comes down to one image of 8 pixels, the last of 1437 by"
            f" {batch}, with resnet18/base: batch norms of this network see maps of one pixel"
        )
        assert found.endswith(f"; a batch of {batch - 1} would do")


def test_held_out_images_do_not_count(tmp_path: Path) -> None:
    """Of each class a tenth is held out: 14, 15, 14, 15, 14, 14, 14, 14, 14, 14; 1295 are left."""
    [found] = fault_keys(grid(tmp_path, ("batch: 64", "batch: 1294")))
    assert found.startswith("phases.adamw.batch: comes down to one image of 8 pixels, the last of")
    assert fault_keys(grid(tmp_path, ("batch: 64", "batch: 1436"))) == []


def test_a_network_without_such_a_norm_takes_one_image(tmp_path: Path) -> None:
    one = ("batch: 64", "batch: 1436"), ("select_on: validation", "select_on: test")
    text = samples.GRID.replace("models: [cpv_small, resnet18]", "models: [cpv_small]")
    for old, new in one:
        text = text.replace(old, new)
    assert fault_keys(samples.grid(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("model", "side", "expected"),
    [
        ("{zoo: vit, set: {dim: 32}}", 33, "image_size=33: patches of 2 pixels do not cover it"),
        ("{zoo: mlp_mixer}", 2000, "takes 8 TB for weights or more"),
        ("{zoo: cltv, set: {depth: 9000000}}", 8, "has more than 200 modules: set a lower"),
        ("{zoo: resnet18, set: {width: 9000000}}", 8, "PB for weights or more, where weight is"),
    ],
)
def test_a_network_that_cannot_be_made_is_refused_at_once(
    tmp_path: Path, model: str, side: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_trial, "MOST_MODULES", 200)  # to make 20,000 takes seconds
    [line] = said(grid(tmp_path, own(side), (NET, f"resnet18: {model}"))).splitlines()
    start = f"models.resnet18.set: with model resnet18 on images of {side} pixels: "
    assert line.startswith(start)
    assert expected in line


@pytest.mark.slow
def test_images_that_no_memory_holds_are_refused(tmp_path: Path) -> None:
    """64 of 100,000 pixels take 7.68 TB as they are: three channels of four bytes."""
    found = said(grid(tmp_path, own(100_000), (NET, "resnet18: {zoo: cltv, set: {dim: 32}}")))
    assert "models.resnet18.set" in found or "datasets.digits.image_size" in found
    assert "TB" in found
