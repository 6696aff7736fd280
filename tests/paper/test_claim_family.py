"""All claims that runs decide are one family: by hand, how many of their words may be wrong."""

from dataclasses import replace

import pytest

from cxv.paper.claim_family import ClaimResult, family, one_family
from cxv.paper.verdict_rules import Word

ALPHA = 0.05


def result(p: float | None, word: Word = "reproduced", of: str = "") -> ClaimResult:
    """A claim with this p-value, on comparisons of its own or on those that are named."""
    hypothesis = frozenset({("top1", "points", of or f"pair {p}", "above 0")})
    return ClaimResult(word=word, reason="+1", tests=(), hypothesis=hypothesis, p=p)


def test_five_claims_by_hand() -> None:
    """Benjamini and Hochberg: p x 5 / rank, from the largest down the least so far.

    0.005 x 5 / 1 = 0.025; 0.012 x 5 / 2 = 0.03; 0.03 x 5 / 3 = 0.05, 0.039 x 5 / 4 = 0.04875,
    so that both have 0.04875; 1 x 5 / 5 = 1.
    """
    alone = {
        "a": result(0.03),
        "b": result(0.005, "not_reproduced"),
        "c": result(1.0, "inconclusive"),
        "d": result(0.039),
        "e": result(0.012),
    }
    found = one_family(alone, ALPHA)
    assert list(found) == list(alone)
    assert [x.p for x in found.values()] == [
        pytest.approx(0.04875), pytest.approx(0.025), 1.0, pytest.approx(0.04875),
        pytest.approx(0.03),
    ]  # fmt: skip
    assert {id: x.word for id, x in found.items()} == {id: x.word for id, x in alone.items()}
    held = one_family(alone | {"d": result(0.041)}, ALPHA)  # 0.05125, and a's 0.05 is no less
    assert [id for id, x in held.items() if x.word == "inconclusive"] == ["a", "c", "d"]
    assert held["d"].reason == "+1; among all claims p = 0.051"
    assert held["a"].reason == "+1; among all claims p = 0.05"
    assert held["b"].reason == "+1"
    said = family(held.values(), ALPHA)
    assert (said.tested, said.decided, said.expected_false) == (5, 2, pytest.approx(0.1))


def test_claims_of_the_very_same_comparisons_count_once() -> None:
    """0.04 x 2 / 2 = 0.04 as one hypothesis and another, 0.04 x 4 / 2 = 0.08 were they four."""
    twice = {"a": result(0.04, of="x"), "b": result(0.04, of="x"), "c": result(0.9, "inconclusive")}
    found = one_family(twice, ALPHA)
    assert [x.word for x in found.values()] == ["inconclusive", "inconclusive", "inconclusive"]
    assert found["a"].p == found["b"].p == pytest.approx(0.08)  # of two hypotheses
    alone = one_family({"a": twice["a"], "b": twice["b"]}, ALPHA)
    assert [(x.word, x.p) for x in alone.values()] == [("reproduced", pytest.approx(0.04))] * 2
    said = family(alone.values(), ALPHA)
    assert (said.tested, said.decided, said.expected_false) == (1, 1, pytest.approx(0.05))


@pytest.mark.parametrize("order", [1, -1])
def test_a_claim_that_is_open_for_another_reason_does_not_weigh_on_the_same_comparisons(
    order: int,
) -> None:
    """One claim has a cost or a pair besides, which leaves it open: its p is 1 by the word."""
    both = [("a", result(0.01, of="x")), ("b", result(1.0, "inconclusive", of="x"))][::order]
    found = one_family(dict(both), ALPHA)
    assert (found["a"].word, found["a"].p) == ("reproduced", pytest.approx(0.01))
    assert (found["b"].word, found["b"].reason) == ("inconclusive", "+1")


@pytest.mark.parametrize(
    ("place", "other"), [*enumerate(["jump_first_epoch", "%", "pair y", "above 1"])]
)
def test_comparisons_differ_by_what_is_read_its_unit_the_sides_and_the_bound(
    place: int, other: str
) -> None:
    one = result(0.04, of="x")
    [key] = one.hypothesis
    changed = frozenset({(*key[:place], other, *key[place + 1 :])})
    two = {"a": one, "b": replace(one, hypothesis=changed, p=0.06, word="inconclusive")}
    assert one_family(two, ALPHA)["a"].p == pytest.approx(0.06)  # 0.04 x 2 / 1, and 0.06 x 2 / 2


def test_what_chance_has_no_part_in_is_no_member() -> None:
    counted = result(None, "not_reproduced")
    found = one_family({"a": counted, "b": result(0.04)}, ALPHA)
    assert (found["a"], found["b"].p) == (counted, pytest.approx(0.04))
    said = family(found.values(), ALPHA)
    assert (said.tested, said.decided) == (1, 1)
    assert one_family({"a": counted}, ALPHA) == {"a": counted}
    assert family([counted], ALPHA).expected_false == 0


@pytest.mark.parametrize("word", ["fitted", "not_run", "under_test", "not_testable"])
def test_other_words_stay_as_they_are(word: Word) -> None:
    found = one_family({"a": result(1.0, word), "b": result(0.01)}, ALPHA)
    assert (found["a"].word, found["b"].word) == (word, "reproduced")


def test_a_p_value_of_alpha_is_no_finding() -> None:
    """A finding needs p < alpha, as an interval that touches the bound leaves nothing out."""
    assert one_family({"a": result(ALPHA)}, ALPHA)["a"].word == "inconclusive"
