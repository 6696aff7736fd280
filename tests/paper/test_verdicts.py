"""Each rule gives the word that its text asks for, with numbers, and names what is missing."""

import hashlib
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from scipy import stats
from shared_fixtures import ROOT

from cxv.errors import UserError
from cxv.paper.load_claims import load_tolerances
from cxv.paper.verdict_rules import (
    Side,
    Verdict,
    accuracy,
    convergence,
    curve,
    direction,
    less_memory,
    memory,
    no_gain,
    not_run,
    not_testable,
    number,
    on_par,
    ratio,
    static,
    within_family,
)
from cxv.statistics import Estimate, mean_over_seeds

FILE = ROOT / "data/paper/tolerances.yaml"
TOLERANCES = load_tolerances(FILE)
T = stats.t.isf(0.025, 2)  # reach of three seeds, in standard errors


def difference(low: float, high: float) -> Estimate:
    """An estimate of three seeds with this interval."""
    return Estimate((low + high) / 2, ((high - low) / 2 / T) ** 2, 0.0, 3)


def test_tolerances_carry_the_checksum_of_their_file(tmp_path: Path) -> None:
    assert TOLERANCES.sha256 == hashlib.sha256(FILE.read_bytes()).hexdigest()
    path = tmp_path / "tolerances.yaml"
    path.write_text(FILE.read_text().replace("no_gain: 0.5", "no_gain: 0.7"))
    other = load_tolerances(path)
    assert other.null.no_gain == 0.7
    assert other.sha256 != TOLERANCES.sha256
    path.write_text(FILE.read_text() + f"sha256: {other.sha256}\n")
    with pytest.raises(UserError, match="sha256: no such key here"):
        load_tolerances(path)


def test_a_dataset_without_a_tolerance_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match=r"'mnist'; known: cifar10, cifar100, tiny_imagenet"):
        accuracy({0: 90.0, 1: 90.0, 2: 90.0}, 90.0, "mnist", TOLERANCES, best_of=3)


def test_a_verdict_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        not_testable("prior work").word = "reproduced"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("top1_pp", "printed_pp", "word"),
    [
        ([90.0, 91.42, 90.5], 91.0, "reproduced"),
        ([90.0, 90.42, 90.1], 91.42, "reproduced"),
        ([90.0, 90.41, 90.1], 91.42, "inconclusive"),
        ([89.41, 89.42, 89.4], 91.42, "inconclusive"),  # twice the tolerance is not more than twice
        ([89.3, 89.41, 89.35], 91.42, "not_reproduced"),
        ([93.4, 93.43, 93.5], 91.42, "not_reproduced"),  # better is not the same either
        ([84.0, 89.41, 87.0], 91.42, "inconclusive"),  # far, but the mean may be anywhere
        ([89.3, 89.4, 89.35, 91.4], 91.42, "inconclusive"),  # a fourth seed is not of the first
        ([91.4], 91.42, "inconclusive"),
        ([91.4, 91.42], 91.42, "inconclusive"),
    ],
)
def test_a_printed_accuracy(top1_pp: list[float], printed_pp: float, word: str) -> None:
    verdict = accuracy(dict(enumerate(top1_pp)), printed_pp, "cifar10", TOLERANCES, best_of=3)
    assert verdict.word == word
    assert verdict.n == len(top1_pp)
    assert verdict.mean == pytest.approx(sum(top1_pp) / len(top1_pp))


def test_a_whole_tolerance_is_within_it_where_binary_fractions_miss_it() -> None:
    assert 32.02 - 30.52 > 1.5
    top1_pp = {0: 30.52, 1: 30.52, 2: 30.52}
    assert accuracy(top1_pp, 32.02, "cifar100", TOLERANCES, best_of=3).word == "reproduced"


def test_an_accuracy_is_judged_by_the_best_and_shown_with_the_mean() -> None:
    verdict = accuracy(
        {0: 90.0, 1: 91.0, 2: 92.0, 3: 99.0}, 92.5, "cifar100", TOLERANCES, best_of=3
    )
    found = mean_over_seeds({0: 90.0, 1: 91.0, 2: 92.0, 3: 99.0})
    assert found is not None
    assert (verdict.estimate, verdict.mean, verdict.sd, verdict.n) == (92.0, 93.0, found.sd, 4)
    assert (verdict.low, verdict.high) == found.interval(0.05)
    assert "92.00, printed 92.5 ± 1.5 pp" in verdict.reason


@pytest.mark.parametrize(
    ("low", "high", "claimed", "word"),
    [
        (0.1, 0.9, "greater", "reproduced"),
        (0.1, 0.9, "less", "contradicted"),
        (-0.9, -0.1, "greater", "contradicted"),
        (-0.9, -0.1, "less", "reproduced"),
        (-0.1, 0.9, "greater", "inconclusive"),
        (-0.9, 0.1, "less", "inconclusive"),
        (0.0, 0.0, "greater", "inconclusive"),
        (0.0, 0.0, "less", "inconclusive"),
    ],
)
def test_a_direction(low: float, high: float, claimed: Side, word: str) -> None:
    verdict = direction(difference(low, high), claimed, TOLERANCES)
    assert verdict.word == word
    assert (verdict.low, verdict.high) == pytest.approx((low, high))
    assert verdict.p is not None
    assert (verdict.p < TOLERANCES.alpha) == (word != "inconclusive")


def test_two_seeds_show_no_direction_however_far() -> None:
    for rule in (
        direction(Estimate(50.0, 1e-6, 0.0, 2), "greater", TOLERANCES),
        number(Estimate(50.0, 1e-6, 0.0, 2), "greater", 50.0, 1.0, TOLERANCES),
        no_gain(Estimate(-50.0, 1e-6, 0.0, 2), 0.5, TOLERANCES),
        on_par(Estimate(0.0, 1e-6, 0.0, 2), 0.5, TOLERANCES),
        curve({0: 50.0, 1: 50.0}, "greater", 0.0, TOLERANCES),
    ):
        assert (rule.word, rule.low, rule.high, rule.p) == ("inconclusive", None, None, None)
        assert rule.reason == "2 of at least 3 seeds"
    one = mean_over_seeds({4: 1.0})
    assert direction(one, "greater", TOLERANCES).sd is None


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (1.0, 3.0, "reproduced"),
        (2.9, 4.0, "reproduced"),  # meets 2 ± 1 at its end
        (3.1, 4.0, "not_reproduced"),
        (0.1, 0.9, "not_reproduced"),
        (-1.0, 0.9, "not_reproduced"),  # of no certain direction, but surely not 2 ± 1
        (-1.0, 3.0, "inconclusive"),
        (-3.0, -1.0, "contradicted"),
    ],
)
def test_a_number(low: float, high: float, word: str) -> None:
    assert number(difference(low, high), "greater", 2.0, 1.0, TOLERANCES).word == word
    mirrored = number(difference(-high, -low), "less", -2.0, 1.0, TOLERANCES)
    assert mirrored.word == word


@pytest.mark.parametrize(
    ("low", "high", "gain", "par"),
    [
        (-0.4, 0.4, "reproduced", "reproduced"),
        (-9.0, -8.0, "reproduced", "contradicted"),
        (-0.6, 0.4, "reproduced", "inconclusive"),
        (0.4, 0.6, "inconclusive", "inconclusive"),
        (0.6, 0.9, "contradicted", "contradicted"),
        (0.0, 0.0, "reproduced", "reproduced"),
    ],
)
def test_no_gain_and_equality(low: float, high: float, gain: str, par: str) -> None:
    margin_pp = TOLERANCES.null.no_gain
    for rule, word in ((no_gain, gain), (on_par, par)):
        verdict = rule(difference(low, high), margin_pp, TOLERANCES)
        assert verdict.word == word
        assert verdict.p is not None
        assert (verdict.p < TOLERANCES.alpha) == (word != "inconclusive")


@pytest.mark.parametrize(
    ("readings", "word"),
    [
        ([0.30, 0.31, 0.32], "reproduced"),
        ([0.70, 0.71, 0.72], "contradicted"),
        ([0.30, 0.50, 0.60], "inconclusive"),
    ],
)
def test_a_reading_of_curves(readings: list[float], word: str) -> None:
    """Epochs of the second phase over those of the first: less than half?"""
    assert curve(dict(enumerate(readings)), "less", 0.5, TOLERANCES).word == word


@pytest.mark.parametrize(
    ("losses", "word"),
    [
        ([None, 2.2, 1.0], "reproduced"),
        ([float("nan"), None, 0.1], "reproduced"),
        ([2.07, 2.08, 2.2], "reproduced"),  # 0.9 ln 10 is 2.0723
        ([2.07, 2.07, 2.2], "not_reproduced"),
        ([None, 0.1, 0.1, None, None], "not_reproduced"),  # the first three count
        ([None, None], "inconclusive"),
    ],
)
def test_a_loss_that_does_not_converge(losses: list[float | None], word: str) -> None:
    verdict = convergence(dict(enumerate(losses)), 10, TOLERANCES)
    assert (verdict.word, verdict.n) == (word, min(3, len(losses)))


def test_what_has_not_been_run_is_named() -> None:
    missing: list[tuple[Verdict, tuple[str, ...]]] = [
        (accuracy({}, 91.42, "cifar10", TOLERANCES, best_of=3), ("runs on cifar10",)),
        (direction(None, "less", TOLERANCES), ("runs with a seed that both sides share",)),
        (curve({}, "less", 0.5, TOLERANCES), ("learning curves",)),
        (convergence({}, 10, TOLERANCES), ("runs",)),
        (ratio(None, 1.0, 0.0), ("left",)),
        (ratio(None, None, 0.0), ("left", "right")),
        (static({}, "1.3", 1e6, 0.05), ("a profile",)),
        (
            memory(None, "Tesla T4", 1.8, TOLERANCES, ("P100", "T4")),
            ("a measurement on P100 or T4",),
        ),
        (less_memory({}, {"vit": 1.0}, "T4"), ("left",)),
        (not_run("results/a.json"), ("results/a.json",)),
    ]
    for verdict, names in missing:
        assert (verdict.word, verdict.missing) == ("not_run", names)
        assert verdict.reason == f"missing: {', '.join(names)}"


def test_a_family_holds_its_members_to_one_alpha() -> None:
    """P-values 0.01, 0.03 and 0.04 of three become 0.03, 0.06 and 0.06."""
    alone = [
        direction(_with_p(0.03, sign=-1), "greater", TOLERANCES),
        not_run("a run"),
        direction(_with_p(0.01, sign=1), "greater", TOLERANCES),
        direction(_with_p(0.04, sign=1), "greater", TOLERANCES),
    ]
    assert [v.word for v in alone] == ["contradicted", "not_run", "reproduced", "reproduced"]
    family = within_family(alone, TOLERANCES)
    assert [v.word for v in family] == ["inconclusive", "not_run", "reproduced", "inconclusive"]
    assert [v.p for v in family if v.p] == pytest.approx([0.06, 0.03, 0.06])
    assert [v.low for v in family] == [v.low for v in alone]
    assert within_family(alone[2:3], TOLERANCES)[0].word == "reproduced"


def test_a_number_that_is_excluded_stays_so_in_a_family() -> None:
    excluded = number(difference(-1.0, 0.9), "greater", 2.0, 1.0, TOLERANCES)
    assert within_family([excluded] * 2, TOLERANCES)[0].word == "not_reproduced"


def _with_p(p: float, sign: int) -> Estimate:
    """An estimate of three seeds whose distance from 0 has this p-value."""
    return Estimate(sign * float(stats.t.isf(p / 2, 2)), 1.0, 0.0, 3)
