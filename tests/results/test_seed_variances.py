"""What pairs of a study say together of how far seeds are apart, by hand."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from judged import Top1, grid, make

from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.results.records import Records
from cxv.statistics import Prior

IMAGES = 360
STEP = 100 / IMAGES  # one image, percentage points


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


def right(correct: dict[str, Sequence[int]]) -> Top1:
    """Return a top-1 of so many images by network and seed; 288 of all others."""

    def top1(run: Run) -> float:
        network = f"{run.model.name}/{run.variant.name}"
        return correct.get(network, (288, 288, 288))[run.seed] / IMAGES

    return top1


def prior(records: Records, one: str, other: str) -> Prior | None:
    runs = [records.runs[f"cifar10/{name}"] for name in (one, other)]
    return records.seed_variances.of_pair(*runs)


END = "s0/adamw/sgd"


def test_seeds_that_tie_everywhere_differ_by_rounding_alone(params: Params, tmp_path: Path) -> None:
    """A top-1 is rounded to images: either side has a variance of step² / 12 by that alone."""
    records = make(params, tmp_path)
    found = prior(records, f"cnv/base/{END}", f"resnet18/base/{END}")
    assert found
    assert found.variance == pytest.approx(2 * STEP**2 / 12)
    assert found.freedom == float("inf")


def test_pairs_are_those_of_a_dataset_whose_chains_share_no_weights(
    params: Params, tmp_path: Path
) -> None:
    """Four networks by AdamW and by DualOpT: 28 pairs; four continue from the same weights.

    Four are too few to learn from; the others lend a quarter of their 24 x 2 degrees of freedom.
    """
    records = make(params, tmp_path)
    apart = prior(records, f"cnv/base/{END}", f"cnv/gelu/{END}")
    assert apart
    assert (apart.pairs, apart.lent) == (24, pytest.approx(0.15 * 24 * 2))
    assert prior(records, f"cnv/base/{END}", "cnv/base/s0/adamw") is None
    one = records.seed_variances.of_cell("cifar10")
    assert one
    assert (one.pairs, one.lent) == (8, pytest.approx(0.15 * 8 * 2))
    assert records.seed_variances.of_cell("digits") is None


def test_a_pair_needs_three_seeds_that_both_sides_have(params: Params, tmp_path: Path) -> None:
    """One CPV lacks a seed: seven pairs fewer, one of them of chains that share weights."""
    lost = {"cifar10/cpv/base/s1/adamw/sgd"}
    for records in (
        make(params, tmp_path, missing=lost),
        make(params, tmp_path / "b", diverged=lost),
    ):
        apart = prior(records, f"cnv/base/{END}", f"resnet18/base/{END}")
        assert apart
        assert apart.pairs == 24 - 6


def test_differences_that_vary_unalike_are_weighed(params: Params, tmp_path: Path) -> None:
    """Both links of CNV and of its GELU vary by 2, 0, -2 images, all else not at all.

    Of 24 pairs 16 have a variance of 4 steps², the others none, which counts as that of rounding.
    Their logarithms vary by more, 2.34, than those of so few seeds do by chance, 1.64.
    """
    varied = {"cnv/base": (290, 288, 286), "cnv/gelu": (290, 288, 286)}
    records = make(params, tmp_path, right(varied))
    found = prior(records, f"cnv/base/{END}", f"resnet18/base/{END}")
    assert found
    assert found.variance > 2 * STEP**2 / 12
    assert 0 < found.freedom < float("inf")


def test_equal_variances_are_averaged(params: Params, tmp_path: Path) -> None:
    """All eight vary by 0, 1 and 2 images, whose variance is 1."""
    varied = {
        "cnv/base": (288, 289, 290), "cnv/gelu": (288, 289, 290),
        "cpv/base": (289, 290, 288), "resnet18/base": (290, 288, 289),
    }  # fmt: skip
    records = make(params, tmp_path, right(varied))
    one = records.seed_variances.of_cell("cifar10")
    assert one
    assert (one.variance, one.freedom) == (pytest.approx(STEP**2), float("inf"))
