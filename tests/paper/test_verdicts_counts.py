"""Rules for what is counted or measured once: ratios, counts, memory."""

import pytest
from shared_fixtures import ROOT

from cxv.paper.load_claims import load_tolerances
from cxv.paper.verdict_rules import less_memory, memory, ratio, static

TOLERANCES = load_tolerances(ROOT / "data/paper/tolerances.yaml")
GPUS = ("P100", "T4")


@pytest.mark.parametrize(
    ("left", "right", "low", "high", "word"),
    [
        (14.7, 1.8, 100.0, None, "not_reproduced"),
        (3.5, 1.8, 1.64, 2.24, "reproduced"),
        (3.5, 1.0, 1.64, 2.24, "not_reproduced"),
        (2.6, 5.3, 0.0, 0.55, "reproduced"),
        (1.0, 2.0, 0.5, 0.5, "reproduced"),  # both ends are inside
    ],
)
def test_a_ratio(left: float, right: float, low: float, high: float | None, word: str) -> None:
    band = (low,) if high is None else (low, high)
    verdict = ratio(left, right, *band)
    assert (verdict.word, verdict.estimate) == (word, left / right)


@pytest.mark.parametrize(
    ("printed", "word", "estimate"),
    [
        ("1.34", "reproduced", 1.344),
        ("4.03", "reproduced", 4.031),
        ("1.35", "not_reproduced", 1.344),
    ],
)
def test_a_count_is_near_the_printed_number(printed: str, word: str, estimate: float) -> None:
    counts = {"thop": 1_344_000_000, "products": 4_031_000_000}
    verdict = static(counts, printed, 1e9, 0.005)
    assert (verdict.word, verdict.estimate) == (word, estimate)
    assert "thop 1.344, products 4.031" in verdict.reason


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
    for device in ("Tesla T4", "Tesla P100-PCIE-16GB"):
        assert memory(peak_gb, device, printed_gb, TOLERANCES, GPUS).word == word


@pytest.mark.parametrize("device", ["NVIDIA H100 80GB HBM3", "NVIDIA T400", "predicted"])
def test_a_peak_elsewhere_is_shown_and_not_judged(device: str) -> None:
    verdict = memory(1.8, device, 1.8, TOLERANCES, GPUS)
    assert (verdict.word, verdict.estimate) == ("not_run", 1.8)
    assert verdict.missing == ("a measurement on P100 or T4",)
    assert device in verdict.reason


def test_a_rank_of_memory_is_judged_on_any_device() -> None:
    right = {"vit": 14.7, "vilt": 2.6}
    less = less_memory({"wavemix": 0.4, "fnet": 2.3}, right, "predicted")
    assert (less.word, less.estimate) == ("reproduced", pytest.approx(-0.3))
    assert less.reason == "fnet 2.30, vilt 2.60 GB, predicted"
    assert less_memory({"fnet": 2.3, "convmixer": 3.5}, right, "T4").word == "contradicted"
    assert less_memory({"fnet": 2.6}, right, "T4").word == "contradicted"
