"""Claims about memory hold over all that is unknown of a CUDA context, or are open.

Contexts take 0 to 0.6 GB on both sides (D21), and a ratio goes towards 1 with them.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from papers import SHIPPED

from cxv.config.vocabulary import NO_MEANS
from cxv.paper.claim_tests import CostTest, evidence
from cxv.paper.costs import compared
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.selection import pairs
from cxv.paper.verdict_rules import Word
from cxv.results.records import Records


class Peaks(Records):
    """Records of predicted peaks alone, 10⁹ bytes of each model."""

    def __init__(self, gb: Mapping[str, float]) -> None:
        super().__init__(NO_MEANS, (), ())
        self.gb = gb

    def counted(self, network: str) -> Any:
        """Return the peak of a network without its context, and a source."""
        peak = round(1e9 * self.gb[network.split("/")[1]])
        return SimpleNamespace(predicted_peak_bytes=peak), f"{network}#1"


def by_memory(id: str, gb: Mapping[str, float]) -> list[JudgedPair]:
    """Return what peaks say of a claim's first test of memory."""
    context = JudgingContext(Peaks(gb), SHIPPED.printed, SHIPPED.tolerances)
    tests = (test for test in SHIPPED.claims[id].tests if isinstance(test, CostTest))
    test = next(test for test in tests if evidence(test) == "predicted memory")
    return [compared(test, pair, context) for pair in pairs(test)]


def transformers(gb: float, cxv: float) -> dict[str, float]:
    return dict.fromkeys(("cct", "cvt"), gb) | dict.fromkeys(("cnv", "cltv", "cpv"), cxv)


def hybrids(vilt: float, others: float) -> dict[str, float]:
    return {"vilt": vilt, "vin": others, "vip": others}


CASES: list[tuple[str, dict[str, float], Word]] = [
    # "almost double": from 1.75 to 2
    ("RES-8", {"convmixer": 3.0, "cltv": 1.5}, "inconclusive"),  # 2 to 1.71
    ("RES-8", {"convmixer": 3.5, "cltv": 1.9}, "inconclusive"),  # 1.84 to 1.64
    ("RES-8", {"convmixer": 4.0, "cltv": 1.7}, "inconclusive"),  # 2.35 to 2, which is inside
    ("RES-8", {"convmixer": 19.0, "cltv": 10.0}, "reproduced"),  # 1.9 to 1.85
    ("RES-8", {"convmixer": 2.4, "cltv": 1.5}, "not_reproduced"),  # 1.6 to 1.43
    ("RES-8", {"convmixer": 6.0, "cltv": 2.0}, "not_reproduced"),  # 3 to 2.54
    # "twice": from 1.75 to 2.25
    ("RES-11", {"mlp_mixer": 1.45, "resnet34": 0.5}, "inconclusive"),  # 2.9 to 1.86
    ("RES-11", {"mlp_mixer": 1.0, "resnet34": 0.5}, "inconclusive"),  # 2 to 1.45
    ("RES-11", {"mlp_mixer": 11.0, "resnet34": 5.5}, "reproduced"),  # 2 to 1.9
    # "less than half"
    ("ABL-1", hybrids(2.0, 4.6), "inconclusive"),  # 0.435 to 0.5, which is not less
    ("ABL-1", hybrids(2.0, 5.6), "reproduced"),  # 0.357 to 0.419
    ("ABL-1", hybrids(2.3, 4.4), "not_reproduced"),  # 0.523 to 0.58
    # "one fourth": theirs is from 3.5 to 4.5 times as much
    ("CON-3", transformers(9.0, 2.1), "reproduced"),  # 4.29 to 3.56
    ("CON-3", transformers(9.0, 1.9), "inconclusive"),  # 4.74 to 3.84
    ("CON-3", transformers(9.0, 2.3), "inconclusive"),  # 3.91 to 3.31
    ("CON-3", transformers(9.0, 3.0), "not_reproduced"),  # 3 to 2.67
]


@pytest.mark.parametrize(("id", "gb", "word"), CASES)
def test_a_word_holds_whatever_the_context_takes(id: str, gb: dict[str, float], word: Word) -> None:
    assert SHIPPED.tolerances.context_gb == (0.0, 0.6)
    found = by_memory(id, gb)
    assert {one.verdict.word for one in found} == {word}
    assert {one.verdict.p for one in found} == {None}


PREDICTED = {
    "convmixer": 3.440, "cltv": 1.316, "mlp_mixer": 1.455, "resnet34": 0.557, "vilt": 2.188,
    "vin": 4.640, "vip": 4.448, "cct": 9.530, "cvt": 8.776, "cnv": 2.441, "cpv": 2.416,
}  # fmt: skip
"""Peaks of a step on 32 images, as `cxv.profiling.memory` predicts them; 10⁹ bytes."""


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("RES-8", {"convmixer against cltv": "not_reproduced"}),  # 2.61 to 2.11; at 0.8 GB in
        ("RES-11", {"mlp_mixer against resnet34": "inconclusive"}),  # 2.61 to 1.78
        (
            "ABL-1",  # 0.472 to 0.532, 0.492 to 0.552
            {"vilt against vin": "inconclusive", "vilt against vip": "inconclusive"},
        ),
        (
            "CON-3",
            {
                "cct against cnv": "inconclusive",  # 3.90 to 3.33
                "cct against cltv": "not_reproduced",  # 7.24 to 5.29: an eighth, not a fourth
                "cct against cpv": "inconclusive",  # 3.94 to 3.36
                "cvt against cnv": "inconclusive",  # 3.60 to 3.08
                "cvt against cltv": "not_reproduced",  # 6.67 to 4.89
                "cvt against cpv": "inconclusive",  # 3.63 to 3.11
            },
        ),
    ],
)
def test_what_our_predictions_say(id: str, words: dict[str, Word]) -> None:
    found = {one.what: one.verdict.word for one in by_memory(id, PREDICTED)}
    assert found == {f"{what}, cifar10": word for what, word in words.items()}


def test_the_range_is_shown() -> None:
    [one] = by_memory("RES-8", {"convmixer": 3.0, "cltv": 1.5})
    assert (one.verdict.low, one.verdict.high) == (pytest.approx(3.6 / 2.1), 2.0)
    assert one.verdict.reason == (
        "3 against 1.5 GB: 1.71 to 2 over contexts of 0 to 0.6 GB, claimed from 1.75 to 2"
    )
    assert one.sources == ("cifar10/convmixer/base#1", "cifar10/cltv/base#1")


def test_in_a_difference_contexts_cancel() -> None:
    """CON-6: less than the other hybrids, by no stated amount."""
    less, equal = (by_memory("CON-6", hybrids(vilt, 4.0)) for vilt in (3.9, 4.0))
    assert [(one.verdict.word, one.verdict.low) for one in less] == [("reproduced", None)] * 2
    assert [one.verdict.estimate for one in less] == [pytest.approx(-0.1)] * 2
    assert {one.verdict.word for one in equal} == {"not_reproduced"}
