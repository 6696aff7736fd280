"""Bounds belong to what they bound; the reason of a verdict; what stands for lost seeds."""

import math

import pytest
from shared_fixtures import ROOT

from cxv.paper.load_claims import load_tolerances
from cxv.paper.verdict_rules import (
    Verdict,
    accuracy,
    convergence,
    direction,
    less_memory,
    memory,
    number,
    ratio,
    static,
    within_family,
)
from cxv.statistics import Estimate

TOLERANCES = load_tolerances(ROOT / "data/paper/tolerances.yaml")
T4 = "Tesla T4"


@pytest.mark.parametrize(
    ("left", "word", "reason"),
    [
        (1.5, "reproduced", "1.5, claimed 1.5 to 3"),
        (3.0, "reproduced", "3, claimed 1.5 to 3"),
        (1.49, "not_reproduced", "1.49, claimed 1.5 to 3"),
        (3.01, "not_reproduced", "3.01, claimed 1.5 to 3"),
    ],
)
def test_both_ends_of_a_claimed_ratio_belong_to_it(left: float, word: str, reason: str) -> None:
    verdict = ratio(left, 1.0, 1.5, 3.0)
    assert (verdict.word, verdict.reason) == (word, reason)


def test_a_ratio_that_is_open_on_one_side_is_named_by_the_other() -> None:
    assert ratio(8.0, 2.0, 3.5).reason == "4, claimed 3.5 or more"
    assert ratio(8.0, 2.0, 0.0, 0.55).reason == "4, claimed 0.55 or less"


@pytest.mark.parametrize(
    ("counts", "printed", "reason"),
    [
        ({"params": 1_300_000}, "1.35", "params 1.3; printed 1.35 ± 0.05"),  # exactly as far
        (
            {"thop": 1_340_000, "products": 1_360_000},
            "1.35",
            "thop 1.34, products 1.36; printed 1.35 ± 0.05, met by thop, products",
        ),
        (
            {"thop": 1_290_000, "products": 1_360_000},
            "1.35",
            "thop 1.29, products 1.36; printed 1.35 ± 0.05, met by products",
        ),
    ],
)
def test_the_conventions_that_meet_a_printed_count_are_named(
    counts: dict[str, int], printed: str, reason: str
) -> None:
    verdict = static(counts, printed, 1e6, 0.05)
    assert (verdict.word, verdict.reason) == ("reproduced", reason)


def test_that_no_convention_meets_a_printed_count_is_said() -> None:
    verdict = static({"thop": 2_000_000, "products": 3_000_000}, "1.35", 1e6, 0.05)
    assert verdict.word == "not_reproduced"
    assert verdict.reason.endswith("± 0.05, met by none")


@pytest.mark.parametrize("peak_gb", [0.9, 0.3])
def test_a_peak_that_is_off_by_the_whole_tolerance_is_near(peak_gb: float) -> None:
    """0.3 GB of 0.6: in binary fractions 0.9 is further off than that."""
    verdict = memory(peak_gb, T4, 0.6, TOLERANCES, ("P100", "T4"))
    assert (verdict.word, verdict.estimate) == ("reproduced", peak_gb)
    assert verdict.reason == f"{peak_gb:.2f} GB on Tesla T4, printed 0.6 ± 0.3"


def test_the_largest_of_the_left_is_held_against_the_least_of_the_right() -> None:
    """By their peaks: by name it would be b against a."""
    verdict = less_memory({"a": 2.0, "b": 1.0}, {"a": 9.0, "b": 1.5}, "predicted")
    assert verdict.reason == "a 2.00, b 1.50 GB, predicted"
    assert (verdict.word, verdict.estimate) == ("contradicted", 0.5)
    assert less_memory({"a": 2.0}, {}, T4).missing == ("right",)


@pytest.mark.parametrize(
    ("top1_pp", "estimate", "reason"),
    [
        ({0: None, 1: 90.0, 2: 89.0, 3: 91.0}, 90.0, "not all of the first three seeds"),
        ({0: None, 1: None, 2: None, 3: 90.5, 4: 91.0, 5: 90.9}, 91.0, "not all of the first"),
        ({0: None, 1: 90.0, 2: 91.0}, 91.0, "2 of at least 3 seeds"),
        ({0: None, 1: None, 2: None, 3: 91.0}, 91.0, "1 of at least 3 seeds"),
    ],
)
def test_lost_seeds_leave_the_best_of_the_first_three_that_are_there(
    top1_pp: dict[int, float | None], estimate: float, reason: str
) -> None:
    verdict = accuracy(top1_pp, 91.0, "cifar10", TOLERANCES, best_of=3)
    assert (verdict.word, verdict.estimate) == ("inconclusive", estimate)
    assert verdict.reason.startswith(reason)


@pytest.mark.parametrize(
    ("top1_pp", "word"),
    [
        # The best is 2.18 off; the interval, 91.8 to 94.3, meets the upper part of 90.42 to 92.42.
        ([92.6, 93.0, 93.6], "inconclusive"),
        ([93.6, 93.7, 93.65], "not_reproduced"),
    ],
)
def test_a_better_accuracy_is_another_when_its_interval_leaves_the_band(
    top1_pp: list[float], word: str
) -> None:
    verdict = accuracy(dict(enumerate(top1_pp)), 91.42, "cifar10", TOLERANCES, best_of=3)
    assert verdict.word == word


@pytest.mark.parametrize(("off_pp", "word"), [(2.9, "inconclusive"), (3.1, "not_reproduced")])
def test_twice_the_tolerance_is_that_of_the_dataset(off_pp: float, word: str) -> None:
    """1.5 points on CIFAR-100; seeds so alike that the interval is all but a point."""
    top1_pp = {seed: 70.0 - off_pp - 0.001 * seed for seed in range(3)}
    assert accuracy(top1_pp, 70.0, "cifar100", TOLERANCES, best_of=3).word == word


THREE_SEEDS = Estimate(2.0, 0.01, 0.0, 3)
"""Its interval reaches 4.30 x 0.1 to each side."""


def test_the_estimate_of_a_difference_is_its_mean() -> None:
    verdict = direction(THREE_SEEDS, "greater", TOLERANCES)
    assert (verdict.estimate, verdict.mean, verdict.n) == (2.0, 2.0, 3)
    assert verdict.sd == pytest.approx(0.1 * math.sqrt(3))


@pytest.mark.parametrize(
    ("claimed", "reason"),
    [
        (2.0, "+2.00 in [+1.57, +2.43]; claimed 2 ± 1"),
        (9.0, "+2.00 in [+1.57, +2.43]; claimed 9 ± 1, which it leaves out"),
    ],
)
def test_a_number_names_what_was_claimed(claimed: float, reason: str) -> None:
    assert number(THREE_SEEDS, "greater", claimed, 1.0, TOLERANCES).reason == reason


def test_a_loss_at_the_threshold_has_converged() -> None:
    threshold = 0.9 * math.log(10)
    verdict = convergence({0: threshold, 1: threshold, 2: 2.2}, 10, TOLERANCES)
    assert (verdict.word, verdict.estimate) == ("not_reproduced", 1.0)


def test_a_p_value_of_alpha_is_no_finding() -> None:
    """A finding needs p < alpha, as an interval that touches the bound leaves nothing out."""
    verdict = Verdict(word="reproduced", reason="+1", p=TOLERANCES.alpha)
    (held,) = within_family([verdict], TOLERANCES)
    assert (held.word, held.reason) == ("inconclusive", "+1; in its family p = 0.05")
