"""Each rule on records: costs need no run, curves are read as the tolerances say."""

from pathlib import Path
from typing import Any

import pytest
from judged import better, found, grid, judge, make, side
from profiled import save_profile

from cxv.config.grid import Params
from cxv.paper.verdict_rules import Word
from cxv.records.costs import ProfileRecord
from cxv.results.records import Records

STATIC = {"rule": "as_printed", "dataset": "cifar10", "variants": ["base"]}


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


def profiles(params: Params, root: Path, **numbers: dict[str, int]) -> Records:
    """Write profiles alone, some of their numbers set by the model's name."""
    for profile in params.profiles("small").values():
        record = save_profile(root / "profiles", profile)
        wanted = numbers.get(profile.model.name, {})
        peak_bytes = wanted.pop("peak_bytes", None)
        measured = record.measured.model_copy(update=wanted)
        if peak_bytes:
            peaks = [
                x.model_copy(update={"predicted_peak_bytes": peak_bytes})
                for x in measured.peak_memory
            ]
            measured = measured.model_copy(update={"peak_memory": tuple(peaks)})
        edited = ProfileRecord(spec=record.spec, stamp=record.stamp, measured=measured)
        path = root / "profiles" / profile.id / "profile.json"
        path.write_text(edited.text())
    return found(params, root)


def cost(column: str, **more: Any) -> dict[str, Any]:
    sides = {"left": side("cnv"), "right": side("cpv")}
    return {"rule": "cost", "column": column, "why": "it says so", **sides, **more}


def peak(**more: Any) -> dict[str, Any]:
    return cost("predicted_peak_bytes", **more)


MEMORY: list[tuple[dict[str, Any], float, Word]] = [  # the right takes 2 GB
    (peak(below=0), 1.0, "reproduced"),
    (peak(above=0), 1.0, "not_reproduced"),
    (peak(above=0), 3.0, "reproduced"),
    (peak(below=-0.9), 1.0, "reproduced"),
    (peak(below=-1), 1.0, "not_reproduced"),  # a difference of 1 is not above 1
    (peak(below=0), 2.0, "not_reproduced"),
    # with 0 to 0.6 GB of context on both sides: 1 / 2 to 1.6 / 2.6 = 0.615
    (peak(by="ratio", below=0.62), 1.0, "reproduced"),
    (peak(by="ratio", below=0.6), 1.0, "inconclusive"),
    (peak(by="ratio", below=0.5), 1.0, "not_reproduced"),
    (peak(by="ratio", within=[0.5, 0.62]), 1.0, "reproduced"),
    (peak(by="ratio", above=100.0), 1.0, "not_reproduced"),
    (peak(by="percent", within=[-50, -38]), 1.0, "reproduced"),  # -50 to -38.5 %
    (peak(by="percent", within=[-50, -39]), 1.0, "inconclusive"),
    (peak(by="percent", within=[-20, 0]), 1.0, "not_reproduced"),
]  # fmt: skip


@pytest.mark.parametrize(("test", "peak_gb", "word"), MEMORY)
def test_claims_about_memory_are_judged_without_any_run(
    params: Params, tmp_path: Path, test: dict[str, Any], peak_gb: float, word: Word
) -> None:
    mine, theirs = {"peak_bytes": round(peak_gb * 1e9)}, {"peak_bytes": 2_000_000_000}
    outcome = judge(profiles(params, tmp_path, cnv=mine, cpv=theirs), test)
    assert outcome.word == word
    assert len(outcome.sources) == 2
    assert outcome.sources[0].startswith(f"{tmp_path}/profiles/cifar10/cnv/base/profile.json#")
    assert not list(tmp_path.glob("runs/**/*.json"))


@pytest.mark.parametrize(
    ("params_modules", "word"),
    [(1_250_000, "reproduced"), (1_350_000, "reproduced"), (1_350_001, "not_reproduced")],
)
def test_counts_are_held_against_table_1(
    params: Params, tmp_path: Path, params_modules: int, word: Word
) -> None:
    test = STATIC | {"models": ["cnv"], "columns": ["params_m"]}
    outcome = judge(profiles(params, tmp_path, cnv={"params_modules": params_modules}), test)
    assert (outcome.word, outcome.tests[0].pairs[0].what) == (word, "CNV-5/4")
    assert "printed 1.3" in outcome.reason


@pytest.mark.parametrize(
    ("column", "bound", "word", "unit"),
    [
        ("params_modules", {"by": "ratio", "within": [2, 3]}, "reproduced", "left / right"),
        ("params_modules", {"by": "ratio", "above": 2.5}, "not_reproduced", "left / right"),
        ("params_modules", {"above": 1.4}, "reproduced", "M"),
        ("params_modules", {"above": 1.5}, "not_reproduced", "M"),
        ("params_modules", {"by": "percent", "within": [149, 151]}, "reproduced", "% of right"),
        ("macs_thop", {"below": -0.9}, "reproduced", "G MACs"),
        ("macs_thop", {"below": -1.1}, "not_reproduced", "G MACs"),
    ],
)
def test_claims_about_counts_are_judged_exactly(
    params: Params, tmp_path: Path, column: str, bound: dict[str, Any], word: Word, unit: str
) -> None:
    """2.5 M against 1 M, and 2 G against 3 G."""
    mine = {"params_modules": 2_500_000, "macs_thop": 2_000_000_000}
    theirs = {"params_modules": 1_000_000, "macs_thop": 3_000_000_000}
    outcome = judge(profiles(params, tmp_path, cnv=mine, cpv=theirs), cost(column, **bound))
    [pair] = outcome.tests[0].pairs
    assert (outcome.word, outcome.p, pair.unit, pair.verdict.low) == (word, None, unit, None)
    assert outcome.rests_on == ("counts of untrained networks",)


def test_a_cost_of_several_networks_is_their_mean(params: Params, tmp_path: Path) -> None:
    """The mean of 1 and 3 M against 2.5 M; one that is lost leaves it out."""
    counts = {
        name: {"params_modules": round(1e6 * count)}
        for name, count in (("cnv", 1.0), ("cpv", 3.0), ("resnet18", 2.5))
    }
    test = cost("params_modules", below=0) | {
        "left": side("cnv", "cpv", take="mean"), "right": side("resnet18"),
    }  # fmt: skip
    [pair] = judge(profiles(params, tmp_path, **counts), test).tests[0].pairs
    assert pair.what == "mean of cnv, cpv against resnet18, cifar10"
    assert (pair.verdict.word, pair.verdict.estimate) == ("reproduced", pytest.approx(-0.5))
    (tmp_path / "profiles/cifar10/cpv/base/profile.json").unlink()
    lost = judge(found(params, tmp_path), test)
    assert (lost.word, lost.reason) == (
        "not_run", "2 of 3 profiles; missing: cifar10/cpv/base (not run)",
    )  # fmt: skip


def test_a_missing_profile_is_named(params: Params, tmp_path: Path) -> None:
    records = make(params, tmp_path, missing={"cifar10/cpv/base"})
    outcome = judge(records, peak(below=0))
    assert outcome.word == "not_run"
    assert outcome.reason == "1 of 2 profiles; missing: cifar10/cpv/base (not run)"
    alien = judge(records, STATIC | {"models": ["vit"], "columns": ["macs_g"]})
    assert "cifar10/vit/base (nothing here asks for it)" in alien.reason


def test_what_runs_cannot_tell_says_who_does(params: Params, tmp_path: Path) -> None:
    records = found(params, tmp_path)
    shown = judge(records, {"rule": "structure", "shown_by": ["D1"], "refuted_by": ["D2"]})
    assert (shown.word, shown.reason) == ("under_test", "shown by D1; shown false by D2")
    none = judge(records, {"rule": "untestable", "untestable": "it is a matter of taste"})
    assert (none.word, none.reason) == ("not_testable", "it is a matter of taste")
    both = judge(records, {"rule": "structure", "shown_by": ["D1"]}, better("cnv"))
    assert both.word == "not_run"
    assert both.reason.startswith("0 of 6 runs; not run: ")
