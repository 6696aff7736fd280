"""Each rule except R-dir, on records: costs need no run, curves are read as the tolerances say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from judged import PAPER, better, by_model, found, grid, judge, make, side
from profiled import save_profile

from cxv.config.grid import Params
from cxv.paper.verdict_rules import Word
from cxv.records.history import Epoch, TimedEpoch, save_history
from cxv.records.run import ProfileRecord
from cxv.results.curves import COMPARED, READERS
from cxv.results.records import Records

HOW = PAPER.tolerances.curve
STATIC = {"rule": "R-static", "dataset": "cifar10", "variants": ["base"]}


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
        path.write_text(edited.model_dump_json())
    return found(params, root)


def costs(rule: str, **more: Any) -> dict[str, Any]:
    return {"rule": rule, "left": side("cnv"), "right": side("cpv"), **more}


MEMORY: list[tuple[dict[str, Any], float, Word]] = [
    (costs("R-mem", direction="below"), 1.0, "reproduced"),
    (costs("R-mem", direction="above"), 1.0, "contradicted"),
    (costs("R-mem", direction="above"), 3.0, "reproduced"),
    # with 0.4 GB of context on both sides: 1.4 / 2.4
    (costs("R-ratio", column="predicted_peak_bytes", at_most=0.59), 1.0, "reproduced"),
    (costs("R-ratio", column="predicted_peak_bytes", at_most=0.58), 1.0, "not_reproduced"),
    (costs("R-ratio", column="predicted_peak_bytes", at_least=100.0), 1.0, "not_reproduced"),
    (costs("R-ratio", column="predicted_peak_bytes", value=0.5, tolerance="vilt_half"), 1.0,
     "reproduced"),
    (costs("R-num", column="predicted_peak_bytes", by="relative", direction="below", value=-0.4,
           tolerance="no_padding_memory"), 1.0, "reproduced"),
    (costs("R-num", column="predicted_peak_bytes", by="relative", direction="below", value=-0.3,
           tolerance="no_padding_memory"), 1.0, "not_reproduced"),
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
    ("params_modules", "word"), [(1_346_000, "reproduced"), (1_351_000, "not_reproduced")]
)
def test_counts_are_held_against_table_1(
    params: Params, tmp_path: Path, params_modules: int, word: Word
) -> None:
    test = STATIC | {"models": ["cnv"], "columns": ["params_m"]}
    outcome = judge(profiles(params, tmp_path, cnv={"params_modules": params_modules}), test)
    assert (outcome.word, outcome.tests[0].pairs[0].what) == (word, "CNV-5/4")
    assert "printed 1.3" in outcome.reason


def test_a_missing_profile_is_named(params: Params, tmp_path: Path) -> None:
    records = make(params, tmp_path, missing={"cifar10/cpv/base"})
    outcome = judge(records, costs("R-mem", direction="below"))
    assert outcome.word == "not_run"
    assert outcome.reason == "1 of 2 profiles; missing: cifar10/cpv/base (not run)"
    alien = judge(records, STATIC | {"models": ["vit"], "columns": ["macs_g"]})
    assert "cifar10/vit/base (nothing here asks for it)" in alien.reason


@pytest.mark.parametrize(
    ("percent", "gain", "par", "number"),
    [
        (80.0, "reproduced", "reproduced", "not_reproduced"),
        (70.0, "reproduced", "contradicted", "contradicted"),
        (90.0, "contradicted", "contradicted", "not_reproduced"),
        (82.0, "contradicted", "contradicted", "reproduced"),
    ],
)
def test_margins_and_claimed_sizes(
    params: Params, tmp_path: Path, percent: float, gain: Word, par: Word, number: Word
) -> None:
    records = make(params, tmp_path, by_model(cnv=percent))
    sides = {"left": side("cnv"), "right": side("resnet18")}
    for direction, word in (("no_gain", gain), ("on_par", par)):
        assert judge(records, {"rule": "R-null", "direction": direction, **sides}).word == word
    sized = {"rule": "R-num", "direction": "above", "value": 2.0, "tolerance": "gelu", **sides}
    assert judge(records, sized).word == number


def curve(*top1: float, loss: float = 0.1) -> tuple[Epoch, ...]:
    return tuple(Epoch(epoch=i, loss=loss, top1=x, lr=0.001) for i, x in enumerate(top1, 1))


FIRST = curve(0.5, 0.8, 0.7, 0.79)
SECOND = curve(0.78, 0.82, 0.9, 0.9, 0.9, 0.95)


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("jump_first_epoch", -2.0),  # against the 0.8 of the weights handed on, not the last 0.79
        ("jump_within_window", 10.0),  # the sixth epoch is outside
        ("share_of_epochs", 1.5),
        ("epochs_to_final", 3.0),  # sixth of its phase, against second
    ],
)
def test_what_two_phases_tell(kind: Any, read: float) -> None:
    assert READERS[kind](FIRST, SECOND, HOW) == pytest.approx(read)


def test_close_to_the_end_is_the_end() -> None:
    assert READERS["epochs_to_final"](curve(0.8), curve(0.5, 0.8991, 0.9), HOW) == 2.0
    assert READERS["epochs_to_final"](curve(0.8), curve(0.5, 0.8989, 0.9), HOW) == 3.0


def test_what_two_chains_tell() -> None:
    other = [curve(0.6, 0.7, 0.9)]
    assert COMPARED["epochs_to_target"]([FIRST, SECOND], other) == 7 - 3  # to 0.9
    assert COMPARED["epochs_to_target"]([curve(0.7)], other) == 1 - 2  # to 0.7
    left, right = [FIRST, curve(0.8, loss=0.5)], [curve(0.9, loss=0.2)]
    assert COMPARED["final_train_loss"](left, right) == pytest.approx(0.3)


def write_curve(root: Path, seed: int, links: str, epochs: Sequence[Epoch]) -> None:
    folder = root / f"runs/cifar10/cnv/base/s{seed}/{links}"
    timed = [TimedEpoch(**x.model_dump(), time=1.0, images_per_second=1.0) for x in epochs]
    save_history(folder / "history.csv", folder / "timing.csv", timed)


def test_curves_are_judged_over_seeds(params: Params, tmp_path: Path) -> None:
    make(params, tmp_path)
    for seed in range(3):
        write_curve(tmp_path, seed, "adamw", curve(0.5, 0.8))
        write_curve(tmp_path, seed, "adamw/sgd", curve(0.85 + seed / 1000))
    jump = {"rule": "R-curve", "curve": "jump_first_epoch", "left": side("cnv")}
    for direction, word in (("above", "reproduced"), ("below", "contradicted")):
        outcome = judge(found(params, tmp_path), jump | {"direction": direction})
        [pair] = outcome.tests[0].pairs
        assert (outcome.word, pair.unit) == (word, "points")
        assert pair.verdict.mean == pytest.approx(5.1)
        assert len(pair.sources) == 6  # the links before are read too
    (tmp_path / "runs/cifar10/cnv/base/s1/adamw/history.csv").unlink()
    outcome = judge(found(params, tmp_path), jump | {"direction": "above"})
    assert (outcome.word, outcome.tests[0].pairs[0].verdict.n) == ("inconclusive", 2)
    for path in tmp_path.glob("runs/**/history.csv"):
        path.unlink()
    outcome = judge(found(params, tmp_path), jump | {"direction": "above"})
    assert outcome.word == "not_run"
    assert outcome.reason == "cnv, cifar10: missing: learning curves"


@pytest.mark.parametrize(
    ("left", "right", "word"),
    [(2, 0, "reproduced"), (1, 0, "not_reproduced"), (3, 3, "not_reproduced")],
)
def test_the_left_does_not_converge_and_the_right_does(
    params: Params, tmp_path: Path, left: int, right: int, word: Word
) -> None:
    final_runs = [(name, n) for name, n in (("cnv/gelu", left), ("cnv/base", right))]
    diverged = {f"cifar10/{name}/s{seed}/adamw/sgd" for name, n in final_runs for seed in range(n)}
    records = make(params, tmp_path, diverged=diverged)
    test = {"rule": "R-conv", "left": side("cnv", variants=["gelu"]), "right": side("cnv")}
    outcome = judge(records, test | {"same": ["dataset", "model"]})
    assert outcome.word == word
    assert len(outcome.sources) == 6


def test_what_runs_cannot_tell_says_who_does(params: Params, tmp_path: Path) -> None:
    records = found(params, tmp_path)
    shown = judge(records, {"rule": "R-struct", "shown_by": ["D1"], "refuted_by": ["D2"]})
    assert (shown.word, shown.reason) == ("under_test", "shown by D1; shown false by D2")
    none = judge(records, {"rule": "R-none", "untestable": "it is a matter of taste"})
    assert (none.word, none.reason) == ("not_testable", "it is a matter of taste")
    both = judge(records, {"rule": "R-struct", "shown_by": ["D1"]}, better("cnv"))
    assert both.word == "not_run"
    assert both.reason.startswith("0 of 6 runs; not run: ")
