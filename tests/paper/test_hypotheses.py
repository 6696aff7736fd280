"""One decision for every claim: wholly inside, wholly outside, or open; width decides nothing."""

import math
from dataclasses import replace
from itertools import product

import pytest
from scipy import stats

from cxv.paper.verdict_rules import Claimed, Verdict, compare, compare_exactly
from cxv.statistics import Estimate, Interval, Prior, mean_over_seeds, paired

ALPHA = 0.05
T = float(stats.t.isf(ALPHA / 2, 2))  # reach of three seeds, in standard errors
ABOVE, BELOW, WITHIN = Claimed(0.0, math.inf), Claimed(-math.inf, -4.0), Claimed(-1.0, 1.0)
THREE_SEEDS = Estimate(2.0, 0.01, 0.0, 3)
"""Its interval reaches 4.30 x 0.1 to each side."""


def difference(low: float, high: float) -> Estimate:
    """An estimate of three seeds with this interval."""
    return Estimate((low + high) / 2, ((high - low) / 2 / T) ** 2, 0.0, 3)


def judged(low: float, high: float, claimed: Claimed) -> Verdict:
    return compare(difference(low, high), claimed, ALPHA)


@pytest.mark.parametrize(
    ("claimed", "kind", "words"),
    [
        (Claimed(0.0, math.inf), "superiority", "above 0"),
        (Claimed(1.0, math.inf), "superiority", "above 1"),
        (Claimed(-0.5, math.inf), "non-inferiority", "above -0.5"),
        (Claimed(-math.inf, -4.0), "superiority", "below -4"),
        (Claimed(-math.inf, 0.0), "superiority", "below 0"),
        (Claimed(-math.inf, 0.5), "non-inferiority", "below 0.5"),
        (Claimed(-1.0, 1.0), "equivalence", "from -1 to 1"),
    ],
)
def test_what_a_hypothesis_is_called(claimed: Claimed, kind: str, words: str) -> None:
    assert (claimed.kind, claimed.words) == (kind, words)


@pytest.mark.parametrize(
    ("claimed", "low", "high", "word"),
    [
        (ABOVE, 0.1, 0.9, "reproduced"),
        (ABOVE, -0.9, -0.1, "not_reproduced"),
        (ABOVE, -0.1, 0.9, "inconclusive"),
        (BELOW, -6.0, -4.1, "reproduced"),
        (BELOW, -3.9, 3.0, "not_reproduced"),
        (BELOW, -4.1, -3.9, "inconclusive"),
        (WITHIN, -0.9, 0.9, "reproduced"),
        (WITHIN, 1.1, 9.0, "not_reproduced"),
        (WITHIN, -9.0, -1.1, "not_reproduced"),
        (WITHIN, 0.9, 1.1, "inconclusive"),
        (WITHIN, -9.0, 9.0, "inconclusive"),
    ],
)
def test_an_interval_decides_by_where_it_lies(
    claimed: Claimed, low: float, high: float, word: str
) -> None:
    verdict = judged(low, high, claimed)
    assert verdict.word == word
    assert (verdict.low, verdict.high) == pytest.approx((low, high))
    assert verdict.p is not None
    assert (verdict.p < ALPHA) == (word != "inconclusive")
    assert word != "inconclusive" or verdict.p == 1


@pytest.mark.parametrize("claimed", [ABOVE, WITHIN, Claimed(-math.inf, 1.0)])
def test_an_interval_that_touches_an_end_leaves_it_open(claimed: Claimed) -> None:
    for end in filter(math.isfinite, (claimed.low, claimed.high)):
        for touching in (Interval(end, end + 0.5), Interval(end - 0.5, end)):
            assert claimed.word(touching) == "inconclusive"


CENTRES = [-9.0, -5.0, -4.0, -1.5, -1.0, -0.3, 0.0, 0.3, 1.0, 2.0, 6.0]
REACHES = [0.0, 0.1, 0.29, 0.31, 0.6, 1.0, 1.4, 3.0, 8.0, 1e6]
CLAIMS = [ABOVE, BELOW, WITHIN, Claimed(-math.inf, 0.5), Claimed(-2.0, math.inf), Claimed(1.5, 2.5)]


@pytest.mark.parametrize("claimed", CLAIMS)
def test_imprecision_never_helps(claimed: Claimed) -> None:
    """A wider interval around the same estimate decides the same, or nothing more."""
    for centre in CENTRES:
        words = [claimed.word(Interval(centre - reach, centre + reach)) for reach in REACHES]
        opened = words.index("inconclusive")
        assert words[opened:] == ["inconclusive"] * (len(words) - opened)
        assert len(set(words[:opened])) <= 1


@pytest.mark.parametrize("claimed", CLAIMS)
def test_no_source_of_imprecision_helps(claimed: Claimed) -> None:
    """Neither farther seeds nor fewer images, nor choices, nor another alpha turn a word."""
    for centre, sd in product(CENTRES, (0.02, 0.2, 2.0)):
        own = Estimate(centre, sd**2, 0.01, 3)
        before = compare(own, claimed, ALPHA)
        for wider in (
            compare(replace(own, seed_variance=4 * sd**2), claimed, ALPHA),
            compare(replace(own, image_variance=0.04), claimed, ALPHA),
            compare(replace(own, least_variance=9 * sd**2 + 0.01), claimed, ALPHA),
            compare(own, claimed, ALPHA / 10),
            compare(own, claimed, ALPHA, choices=6),
        ):
            assert wider.word in {before.word, "inconclusive"}
            assert wider.p is not None
            assert before.p is not None
            assert before.p <= wider.p <= 1 or wider.p == pytest.approx(before.p)


def test_two_seeds_decide_nothing_however_far() -> None:
    for claimed in (ABOVE, WITHIN):
        verdict = compare(Estimate(50.0, 1e-6, 0.0, 2), claimed, ALPHA)
        assert (verdict.word, verdict.low, verdict.high, verdict.p) == (
            "inconclusive", None, None, None,
        )  # fmt: skip
        assert verdict.reason == "2 of at least 3 seeds"
    assert compare(mean_over_seeds({4: 1.0}), ABOVE, ALPHA).sd is None


@pytest.mark.parametrize(("left", "right"), [(90.4, 80.2), (90.4, 90.4), (3.0, 1.0)])
@pytest.mark.parametrize("claimed", [ABOVE, WITHIN, BELOW])
def test_seeds_that_tie_are_no_certainty(left: float, right: float, claimed: Claimed) -> None:
    """Not even where binary fractions give equal differences a variance: 0.1 + 10.1 - 0.1."""
    tops = ({seed: x + seed for seed in range(3)} for x in (left, right))
    verdict = compare(paired(*tops), claimed, ALPHA)
    assert (verdict.word, verdict.low, verdict.high, verdict.p) == (
        "inconclusive", None, None, None,
    )  # fmt: skip
    assert verdict.reason.startswith(f"all 3 seeds give {left - right:.3g}: nothing tells")
    other = Estimate(left - right, 0.0, 0.0, 3, prior=Prior(0.25, 4.0, 10.0, 9))
    assert compare(other, claimed, ALPHA).low is not None  # other pairs do


def test_the_p_value_is_the_alpha_at_which_the_word_would_change() -> None:
    """Of a mean of 2 and a standard error of 0.1, on two degrees of freedom."""
    for claimed, from_the_mean in (
        (ABOVE, 2.0),
        (Claimed(-math.inf, 1.5), 0.5),
        (Claimed(1.4, 2.5), 0.6),  # reproduced: the nearer end is where it opens
        (Claimed(-1.0, 1.0), 1.0),  # not reproduced: the only end that matters
        (Claimed(2.6, 9.0), 0.6),
    ):
        verdict = compare(THREE_SEEDS, claimed, ALPHA)
        nearer = 0.5 if claimed == Claimed(1.4, 2.5) else from_the_mean
        assert verdict.word != "inconclusive"
        assert verdict.p == pytest.approx(2 * stats.t.sf(nearer / 0.1, 2))
        assert compare(THREE_SEEDS, claimed, 0.99 * verdict.p).word == "inconclusive"
        assert compare(THREE_SEEDS, claimed, 1.01 * verdict.p).word == verdict.word


def test_the_best_of_several_is_corrected_for_the_choices() -> None:
    """A p of 0.02 decides alone, and not as the best of three; the interval is wider with it."""
    error = 2.0 / float(stats.t.isf(0.01, 2))
    estimate = Estimate(2.0, error**2, 0.0, 3)
    alone, of_two, of_three = (
        compare(estimate, ABOVE, ALPHA, choices=choices) for choices in (1, 2, 3)
    )
    assert [x.word for x in (alone, of_two, of_three)] == [
        "reproduced", "reproduced", "inconclusive",
    ]  # fmt: skip
    assert (alone.p, of_two.p, of_three.p) == (pytest.approx(0.02), pytest.approx(0.04), 1.0)
    assert of_two.low is not None
    assert 2.0 - of_two.low == pytest.approx(error * stats.t.isf(0.0125, 2))
    assert compare(Estimate(0.1, 1.0, 0.0, 3), ABOVE, ALPHA, choices=9).p == 1.0


def test_a_verdict_shows_its_numbers() -> None:
    verdict = compare(THREE_SEEDS, Claimed(-math.inf, 3.0), ALPHA)
    assert (verdict.estimate, verdict.mean, verdict.n) == (2.0, 2.0, 3)
    assert verdict.sd == pytest.approx(0.1 * math.sqrt(3))
    assert verdict.reason == "+2.00 in [+1.57, +2.43], claimed below 3"


@pytest.mark.parametrize(
    ("low", "high", "claimed", "word"),
    [
        (1.5, 1.5, Claimed(1.5, 3.0), "reproduced"),  # ends of an equivalence belong to it
        (3.0, 3.0, Claimed(1.5, 3.0), "reproduced"),
        (1.49, 1.49, Claimed(1.5, 3.0), "not_reproduced"),
        (3.01, 3.01, Claimed(1.5, 3.0), "not_reproduced"),
        (0.0, 0.0, ABOVE, "not_reproduced"),  # equal is not more
        (1e-9, 1e-9, ABOVE, "reproduced"),
        (-4.0, -4.0, BELOW, "not_reproduced"),
        (1.5, 3.0, Claimed(1.5, 3.0), "reproduced"),  # over what is unknown
        (1.4, 2.0, Claimed(1.5, 3.0), "inconclusive"),
        (1.2, 1.4, Claimed(1.5, 3.0), "not_reproduced"),
        (0.0, 1.0, ABOVE, "inconclusive"),
        (-1.0, 0.0, ABOVE, "not_reproduced"),
        (0.45, 0.55, Claimed(-math.inf, 0.5), "inconclusive"),
        (0.50, 0.55, Claimed(-math.inf, 0.5), "not_reproduced"),
    ],
)
def test_what_has_no_chance_in_it_is_judged_exactly(
    low: float, high: float, claimed: Claimed, word: str
) -> None:
    verdict = compare_exactly(low, high, claimed, "counted")
    assert (verdict.word, verdict.reason, verdict.p) == (word, "counted", None)
    assert verdict.estimate == (low + high) / 2
    assert (verdict.low, verdict.high) == ((None, None) if low == high else (low, high))
