"""Words of pairs -> the word of a claim: it speaks of all its pairs, and one may err by chance."""

from collections.abc import Sequence
from typing import Any

import pytest
from judged import PAPER, better, claim, side

from cxv.config.vocabulary import NO_MEANS
from cxv.paper.claim_family import ClaimResult
from cxv.paper.claims_from_runs import combined, judge_comparisons
from cxv.paper.judging_context import JudgedPair, JudgingContext
from cxv.paper.verdict_rules import Verdict, Word
from cxv.results.records import Records

CONTEXT = JudgingContext(Records(NO_MEANS, (), ()), PAPER.printed, PAPER.tolerances)
COST: dict[str, Any] = {
    "rule": "cost", "column": "macs_thop", "below": 0, "why": "less",
    "left": side("cnv"), "right": side("cpv"),
}  # fmt: skip
CURVE: dict[str, Any] = {
    "rule": "curve", "curve": "jump_first_epoch", "above": 0, "why": "it jumps", "left": side("cnv")
}  # fmt: skip

Pairs = Sequence[JudgedPair]


def pair(word: Word, p: float | None, what: str = "", claimed: str = "above 0") -> JudgedPair:
    verdict = Verdict(word=word, reason="because", estimate=1.0, p=p)
    return JudgedPair(what=what or f"{word} {p}", unit="points", verdict=verdict, claimed=claimed)


def judged(*tests: tuple[dict[str, Any], Pairs]) -> ClaimResult:
    asked = claim(*(test for test, _ in tests)).tests
    return judge_comparisons(asked, [pairs for _, pairs in tests], CONTEXT)


def of_top1(*pairs: JudgedPair) -> tuple[dict[str, Any], Pairs]:
    return better("cnv"), pairs


@pytest.mark.parametrize(
    ("words", "word"),
    [
        (["reproduced", "reproduced"], "reproduced"),
        (["reproduced", "under_test"], "reproduced"),
        (["reproduced", "not_run"], "inconclusive"),
        (["reproduced", "inconclusive"], "inconclusive"),
        (["reproduced", "not_reproduced", "not_run"], "not_reproduced"),
        (["not_run", "not_run", "not_testable"], "not_run"),
        (["under_test", "not_testable"], "under_test"),
        (["not_testable"], "not_testable"),
        (["fitted", "fitted", "under_test"], "fitted"),
        (["fitted", "reproduced"], "reproduced"),
        (["fitted", "not_reproduced"], "not_reproduced"),
        (["fitted", "inconclusive"], "inconclusive"),
        (["fitted", "not_run"], "not_run"),
    ],
)
def test_how_verdicts_combine(words: list[Word], word: Word) -> None:
    assert combined(words) == combined(words[::-1]) == word


@pytest.mark.parametrize(
    ("p", "word"), [(0.02, "not_reproduced"), (0.025, "inconclusive"), (0.03, "inconclusive")]
)
def test_one_of_two_pairs_speaks_against_a_claim_after_bonferronis_correction(
    p: float, word: Word
) -> None:
    found = judged(of_top1(pair("reproduced", 0.001), pair("not_reproduced", p)))
    assert found.word == word
    said = found.tests[0].pairs[1].verdict
    assert said.word == word
    if word == "not_reproduced":
        assert (found.p, said.reason) == (pytest.approx(2 * p), "because")
    else:
        assert found.p == 1.0
        assert said.reason == f"because; among 2 comparisons p = {2 * p:.2g}"
        assert said.reason in found.reason


def test_the_comparisons_are_those_of_the_claim_however_many_tests_it_has() -> None:
    against, other = pair("not_reproduced", 0.03), pair("reproduced", 0.001)
    assert judged(of_top1(against)).word == "not_reproduced"
    assert judged(of_top1(against), of_top1(other)).word == "inconclusive"
    same = judged(of_top1(against), of_top1(against))  # one comparison, in two tests
    assert (same.word, same.p, len(same.hypothesis)) == ("not_reproduced", 0.03, 1)
    curve = judged(of_top1(against), (CURVE, [pair("reproduced", 0.001, against.what)]))
    assert (curve.word, len(curve.hypothesis)) == ("inconclusive", 2)  # of curves, not of top-1


def test_what_is_counted_refutes_without_a_p_value() -> None:
    """Nine comparisons of runs besides, which all hold, or are open."""
    counted = (COST, [pair("not_reproduced", None)])
    for word, p in (("reproduced", 0.001), ("inconclusive", 1.0)):
        pairs = [pair(word, p, f"pair {number}") for number in range(9)]  # type: ignore[arg-type]
        found = judged(of_top1(*pairs), counted)
        assert (found.word, found.p, len(found.hypothesis)) == ("not_reproduced", None, 9)
        assert found.rests_on == ("counts of untrained networks",)
    by_chance_too = judged(of_top1(pair("not_reproduced", 0.001)), counted)
    assert (by_chance_too.word, by_chance_too.p) == ("not_reproduced", None)


def test_that_all_hold_at_once_needs_no_correction() -> None:
    """Berger 1982: the claim's p-value is the largest of its pairs'."""
    found = judged(of_top1(*(pair("reproduced", 0.04 - number / 1000) for number in range(9))))
    assert (found.word, found.p) == ("reproduced", 0.04)
    one_open = judged(of_top1(pair("reproduced", 0.01), pair("inconclusive", 1.0)))
    assert (one_open.word, one_open.p) == ("inconclusive", 1.0)


def test_a_claim_that_only_counts_decide_has_no_p_value() -> None:
    found = judged((COST, [pair("reproduced", None)]))
    assert (found.word, found.p, found.hypothesis) == ("reproduced", None, frozenset())
    assert found.rests_on == ("counts of untrained networks",)


def test_a_setting_that_was_chosen_because_it_gives_the_print_confirms_nothing() -> None:
    fitted = COST | {"fitted": ["D2", "D15"]}
    found = judged((fitted, [pair("reproduced", None)]))
    assert (found.word, found.tests[0].word) == ("fitted", "fitted")
    assert found.reason == ("reproduced None: because; chosen because it gives the print (D2, D15)")
    both = judged((fitted, [pair("reproduced", None)]), of_top1(pair("reproduced", 0.01)))
    assert (both.word, both.rests_on) == ("reproduced", ("trained runs",))
    off = judged((fitted, [pair("not_reproduced", None)]))
    assert off.word == "not_reproduced"  # although it was chosen to give the print
    open_still = judged((fitted, [pair("inconclusive", None)]))
    assert open_still.word == "inconclusive"


def test_the_reason_counts_the_pairs_and_names_one_that_decides() -> None:
    pairs = [pair("reproduced", 0.001, "cnv"), pair("inconclusive", 1.0, "cpv")]
    found = judged(of_top1(*pairs, pair("not_run", None, "vit")))
    assert found.word == "inconclusive"
    judged_of = "2 of 3 pairs judged (1 reproduced, 1 inconclusive, 1 not run)"
    assert found.reason.startswith(f"{judged_of}; cpv: because")
