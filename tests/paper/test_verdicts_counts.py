"""Rules for what is counted or measured once: counts round to the print, peaks are near it."""

import pytest
from shared_fixtures import ROOT

from cxv.paper.load_claims import load_tolerances
from cxv.paper.verdict_rules import memory, static

TOLERANCES = load_tolerances(ROOT / "data/paper/tolerances.yaml")
GPUS = ("P100", "T4")
T4 = "Tesla T4"


@pytest.mark.parametrize(
    ("printed", "word", "estimate"),
    [
        ("1.34", "reproduced", 1.344),
        ("1.3", "reproduced", 1.344),
        ("4.03", "reproduced", 4.031),
        ("1.35", "not_reproduced", 1.344),  # 0.006 off: a count has no tolerance
        ("1.33", "not_reproduced", 1.344),
    ],
)
def test_a_count_rounds_to_the_printed_digits(printed: str, word: str, estimate: float) -> None:
    counts = {"thop": 1_344_000_000, "products": 4_031_000_000}
    verdict = static(counts, printed, 1e9)
    assert (verdict.word, verdict.estimate) == (word, estimate)
    assert "thop 1.344, products 4.031" in verdict.reason


@pytest.mark.parametrize(
    ("count", "printed", "word"),
    [
        (1_345_000, "1.35", "reproduced"),  # half of the last digit rounds either way
        (1_355_000, "1.35", "reproduced"),
        (1_344_999, "1.35", "not_reproduced"),
        (1_355_001, "1.35", "not_reproduced"),
        (12_000_000, "12", "reproduced"),
        (12_499_999, "12", "reproduced"),
        (12_500_001, "12", "not_reproduced"),
    ],
)
def test_the_last_digit_tells_how_far_a_count_may_be(count: int, printed: str, word: str) -> None:
    verdict = static({"params": count}, printed, 1e6)
    assert verdict.word == word
    assert verdict.reason == f"params {count / 1e6:.4g}; printed {printed}"


@pytest.mark.parametrize(
    ("counts", "word", "met"),
    [
        ({"thop": 1_346_000, "products": 1_354_000}, "reproduced", "thop, products"),
        ({"thop": 1_290_000, "products": 1_354_000}, "reproduced", "products"),
        ({"thop": 2_000_000, "products": 3_000_000}, "not_reproduced", "none"),
    ],
)
def test_the_conventions_that_meet_a_printed_count_are_named(
    counts: dict[str, int], word: str, met: str
) -> None:
    verdict = static(counts, "1.35", 1e6)
    assert verdict.word == word
    assert verdict.reason.endswith(f"; printed 1.35, met by {met}")


@pytest.mark.parametrize(
    ("peak_gb", "printed_gb", "word"),
    [
        (0.89, 0.6, "reproduced"),  # 0.3 GB are more than 15 %
        (0.91, 0.6, "not_reproduced"),
        (12.6, 14.7, "reproduced"),  # 15 % are more than 0.3 GB
        (12.4, 14.7, "not_reproduced"),
    ],
)
def test_a_peak_of_memory(peak_gb: float, printed_gb: float, word: str) -> None:
    for device in (T4, "Tesla P100-PCIE-16GB"):
        assert memory(peak_gb, device, printed_gb, TOLERANCES, GPUS).word == word


@pytest.mark.parametrize("peak_gb", [0.9, 0.3])
def test_a_peak_that_is_off_by_the_whole_tolerance_is_near(peak_gb: float) -> None:
    """0.3 GB of 0.6: in binary fractions 0.9 is further off than that."""
    verdict = memory(peak_gb, T4, 0.6, TOLERANCES, GPUS)
    assert (verdict.word, verdict.estimate) == ("reproduced", peak_gb)
    assert verdict.reason == f"{peak_gb:.2f} GB on Tesla T4, printed 0.6 ± 0.3"


@pytest.mark.parametrize("device", ["NVIDIA H100 80GB HBM3", "NVIDIA T400", "predicted"])
def test_a_peak_elsewhere_is_shown_and_not_judged(device: str) -> None:
    verdict = memory(1.8, device, 1.8, TOLERANCES, GPUS)
    assert (verdict.word, verdict.estimate) == ("not_run", 1.8)
    assert verdict.missing == ("a measurement on P100 or T4",)
    assert device in verdict.reason
