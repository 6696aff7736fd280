"""What `plan` prints of claims, and when `check` warns."""

import pytest
from judged import PAPER
from shared_fixtures import ROOT

from cxv.__main__ import main
from cxv.cli.prospects import table, warning
from cxv.paper.prospects import Prospect


def prospect(chance: float | None, **more: object) -> Prospect:
    usual = {"claim": "A-1", "pairs": 2, "lacking": 0, "curves": 0, "seeds": 3, "needed": 5}
    return Prospect(**{**usual, "chance": chance, "deviation": "assumed", **more})  # type: ignore[arg-type]


def test_a_claim_has_its_chance_the_seeds_that_would_do_and_what_was_assumed() -> None:
    unknown = {"pairs": 0, "needed": None, "curves": 1, "deviation": ""}
    lines = table(
        [
            prospect(0.414),
            prospect(0.03, claim="ABL-10", needed=None, deviation="pilot", lacking=1),
            prospect(None, claim="C-2", **unknown),
        ],
        PAPER.tolerances,
    ).splitlines()
    assert lines[:4] == [
        "claim   pairs  seeds  chance  seeds for 80 %  deviation",
        "A-1         2      3    41 %               5  assumed",
        "ABL-10      2      3     3 %   more than 200  pilot; 1 more pairs are not in this study",
        "C-2         -      -       -               -  curves: not known before a pilot",
    ]
    assert "between seeds 0.35, error from images 0.2" in lines[-1]


def test_a_warning_counts_the_claims_that_hardly_come_out() -> None:
    partly = prospect(0.0, lacking=1)  # another study has all of it
    assert warning("s", [prospect(0.5), prospect(None), partly]) == ""
    said = warning("s", [prospect(0.49), prospect(0.5), prospect(None), partly])
    assert said.startswith("  1 of 2 claims")
    assert said.endswith("python -m cxv plan s\n")


def test_check_points_at_the_plan_that_has_the_claims(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert main(["plan", "table1", "--results", "none"]) == 0
    planned = capsys.readouterr().out
    assert "\ntable1\nclaim" in planned
    assert main(["check", "--results", "none"]) == 0
    checked = capsys.readouterr().out
    assert "python -m cxv plan table1\n" in checked
    assert "python -m cxv plan table2\n" not in checked  # it has one claim whole, with 86 %
