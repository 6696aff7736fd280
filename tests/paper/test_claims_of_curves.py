"""Claims about learning curves and convergence, on records of runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from judged import PAPER, found, grid, judge, make, side
from resealed import edit, reseal

from cxv.config.grid import Params
from cxv.paper.verdict_rules import Word
from cxv.records.history import Epoch, TimedEpoch, save_history
from cxv.results.curves import COMPARED, READERS

HOW = PAPER.tolerances.curves


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return grid(tmp_path)


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
    best = max(epochs, key=lambda epoch: epoch.top1)
    outcome = {"epochs": len(epochs), "best_epoch": best.epoch}
    outcome |= {"selected_top1": best.top1, "last_top1": epochs[-1].top1}
    edit(folder / "metrics.json", lambda fields: fields["outcome"].update(outcome))
    reseal(folder)


def test_curves_are_judged_over_seeds(params: Params, tmp_path: Path) -> None:
    make(params, tmp_path)
    for seed in range(3):
        write_curve(tmp_path, seed, "adamw", curve(0.5, 0.8))
        write_curve(tmp_path, seed, "adamw/sgd", curve(0.85 + seed / 1000))
    jump = {"rule": "curve", "curve": "jump_first_epoch", "left": side("cnv"), "why": "it jumps"}
    for bound, word in (
        ({"above": 0}, "reproduced"),
        ({"above": 5}, "inconclusive"),  # 5.1 points, known to a quarter of a point
        ({"below": 0}, "not_reproduced"),
        ({"within": [4, 6]}, "reproduced"),
    ):
        outcome = judge(found(params, tmp_path), jump | bound)
        [pair] = outcome.tests[0].pairs
        assert (outcome.word, pair.unit) == (word, "points")
        assert pair.verdict.mean == pytest.approx(5.1)
        assert len(pair.sources) == 6  # the links before are read too
    (tmp_path / "runs/cifar10/cnv/base/s1/adamw/history.csv").unlink()
    outcome = judge(found(params, tmp_path), jump | {"above": 0})
    assert (outcome.word, outcome.tests[0].pairs[0].verdict.n) == ("inconclusive", 2)


@pytest.mark.parametrize(
    ("left", "right", "word"),
    [
        (3, 0, "reproduced"),
        (2, 0, "inconclusive"),  # not all of its seeds
        (0, 0, "not_reproduced"),
        (3, 1, "inconclusive"),
        (3, 3, "not_reproduced"),
    ],
)
def test_the_left_does_not_converge_and_the_right_does(
    params: Params, tmp_path: Path, left: int, right: int, word: Word
) -> None:
    final_runs = [(name, n) for name, n in (("cnv/gelu", left), ("cnv/base", right))]
    diverged = {f"cifar10/{name}/s{seed}/adamw/sgd" for name, n in final_runs for seed in range(n)}
    records = make(params, tmp_path, diverged=diverged)
    test = {"rule": "no_convergence", "left": side("cnv", variants=["gelu"]), "right": side("cnv")}
    outcome = judge(records, test | {"same": ["dataset", "model"]})
    assert outcome.word == word
    assert len(outcome.sources) == 6
