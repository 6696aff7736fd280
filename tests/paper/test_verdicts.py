"""What all rules of verdicts share: tolerances, words, and the name of what is missing."""

import hashlib
import math
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from shared_fixtures import ROOT

from cxv.errors import UserError
from cxv.paper.load_claims import load_tolerances
from cxv.paper.verdict_rules import (
    Claimed,
    Verdict,
    accuracy,
    compare,
    convergence,
    memory,
    not_run,
    not_testable,
    static,
)

FILE = ROOT / "data/paper/tolerances.yaml"
TOLERANCES = load_tolerances(FILE)


def test_tolerances_carry_the_checksum_of_their_file(tmp_path: Path) -> None:
    assert TOLERANCES.sha256 == hashlib.sha256(FILE.read_bytes()).hexdigest()
    path = tmp_path / "tolerances.yaml"
    path.write_text(FILE.read_text().replace("cifar10: 1.0", "cifar10: 2.0"))
    other = load_tolerances(path)
    assert (TOLERANCES.around("cifar10"), other.around("cifar10")) == (1.0, 2.0)
    assert other.sha256 != TOLERANCES.sha256
    path.write_text(FILE.read_text() + f"sha256: {other.sha256}\n")
    with pytest.raises(UserError, match="sha256: no such key here"):
        load_tolerances(path)


@pytest.mark.parametrize("text", ["[0.6, 0.0]", "[-0.1, 0.6]"])
def test_a_cuda_context_takes_from_the_least_to_the_most(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tolerances.yaml"
    path.write_text(FILE.read_text().replace("[0.0, 0.6]", text))
    with pytest.raises(UserError, match="context_gb needs the least, then the most, from 0 on"):
        load_tolerances(path)


def test_a_verdict_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        not_testable("prior work").word = "reproduced"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("losses", "word"),
    [
        ([None, 2.2, float("nan")], "reproduced"),
        ([2.08, 2.08, 2.2], "reproduced"),  # 0.9 ln 10 is 2.0723
        ([2.07, 2.07, 0.1], "not_reproduced"),
        ([2.07, 2.07, 2.2], "inconclusive"),  # some seeds do, some do not
        ([None, None, None, 0.1], "inconclusive"),  # every seed counts, not the first three alone
        ([None, None], "inconclusive"),
        ([0.1, 0.1], "inconclusive"),
    ],
)
def test_a_loss_that_does_not_converge(losses: list[float | None], word: str) -> None:
    verdict = convergence(dict(enumerate(losses)), 10, TOLERANCES)
    assert (verdict.word, verdict.n) == (word, len(losses))
    assert (verdict.low, verdict.high, verdict.p) == (None, None, None)


def test_a_loss_at_the_threshold_has_converged() -> None:
    threshold = 0.9 * math.log(10)
    verdict = convergence({0: threshold, 1: threshold, 2: 0.1}, 10, TOLERANCES)
    assert (verdict.word, verdict.estimate) == ("not_reproduced", 0.0)
    assert verdict.reason == "0 of 3 seeds diverged or ended above 2.07 nats"


def test_what_has_not_been_run_is_named() -> None:
    missing: list[tuple[Verdict, tuple[str, ...]]] = [
        (accuracy({}, None, 91.42, "cifar10", TOLERANCES, best_of=3), ("runs on cifar10",)),
        (compare(None, Claimed(0, 1), 0.05), ("runs with a seed that both sides share",)),
        (convergence({}, 10, TOLERANCES), ("runs",)),
        (static({}, "1.3", 1e6), ("a profile",)),
        (
            memory(None, "Tesla T4", 1.8, TOLERANCES, ("P100", "T4")),
            ("a measurement on P100 or T4",),
        ),
        (not_run("results/a.json"), ("results/a.json",)),
    ]
    for verdict, names in missing:
        assert (verdict.word, verdict.missing) == ("not_run", names)
        assert verdict.reason == f"missing: {', '.join(names)}"
