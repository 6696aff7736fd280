"""Each top-1 has an interval, and says over what it was sampled."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import samples
from look_up import study_table
from resealed import show_every_image_twice

from cxv.config.vocabulary import NO_MEANS
from cxv.results.accuracies import AccuracyInterval, accuracy_interval
from cxv.results.lookup import RunLookup
from cxv.results.records import Records

ALPHA = 0.05
IMAGES = 360
ONE, THREE = "seeds: [0]", "seeds: [0, 1, 2]"


def row(folder: Path, seeds: str) -> tuple[Records, dict[int, RunLookup]]:
    """Return the records of a study, and one of its rows."""
    text = samples.GRID.replace("seeds: [0, 1]", seeds)
    samples.make(samples.grid(folder, text), "small", Path("results"))
    table = study_table(samples.grid(folder, text), "small", samples.RUNS, samples.PROFILES)
    records = Records(NO_MEANS, table.runs, table.profiles)
    return records, {run.spec.seed: run for run in table.rows[0].seeds}


def found(records: Records, runs: dict[int, RunLookup]) -> AccuracyInterval:
    interval = accuracy_interval(records, runs, ALPHA)
    assert interval is not None
    return interval


def top1s(records: Records, runs: dict[int, RunLookup]) -> list[float]:
    answers = [records.answers(run) for run in runs.values()]
    return [float(x.mean()) for x in answers if x is not None]


def test_one_seed_has_the_score_interval_of_its_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wilson 1927, by its formula."""
    monkeypatch.chdir(tmp_path)
    records, runs = row(tmp_path, ONE)
    [p] = top1s(records, runs)
    z = 1.959964
    centre = (p + z**2 / (2 * IMAGES)) / (1 + z**2 / IMAGES)
    reach = z * (p * (1 - p) / IMAGES + z**2 / (4 * IMAGES**2)) ** 0.5 / (1 + z**2 / IMAGES)
    one = found(records, runs)
    assert (one.low, one.high) == pytest.approx((100 * (centre - reach), 100 * (centre + reach)))
    assert one.over == "test images alone"


def test_two_seeds_are_sampled_over_images_alone_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    records, runs = row(tmp_path, "seeds: [0, 1]")
    two = found(records, runs)
    assert two.over == "test images alone"
    assert two.low < 100 * np.mean(top1s(records, runs)) < two.high


def test_three_seeds_are_sampled_with_the_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least as wide as over the images of these very seeds."""
    monkeypatch.chdir(tmp_path)
    records, runs = row(tmp_path, THREE)
    three = found(records, runs)
    assert three.over == "seeds and test images"
    answers = np.array([records.answers(run) for run in runs.values()], dtype=float)
    of_images = answers.mean(0)
    error = 100 * (of_images.var(ddof=1) / IMAGES) ** 0.5
    assert three.high - three.low >= 2 * 1.959964 * error - 1e-9
    assert (three.low + three.high) / 2 == pytest.approx(100 * of_images.mean())


def test_no_interval_leaves_what_a_share_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Top-1 of 99.7, 100 and 98 %: Student's t of three seeds would reach beyond 100."""
    monkeypatch.chdir(tmp_path)
    _, runs = row(tmp_path, THREE)
    changed = {}
    for (seed, run), top1 in zip(runs.items(), (0.997, 1.0, 0.98), strict=True):
        changed[seed] = replace(run, record=samples.save_run(samples.RUNS, run.spec, top1=top1))
    near = found(Records(NO_MEANS, changed.values(), ()), changed)
    assert near.low < 99
    assert near.high == 100


def test_runs_without_a_top1_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = samples.GRID.replace("seeds: [0, 1]", THREE)
    table = study_table(samples.grid(tmp_path, text), "small", samples.RUNS, samples.PROFILES)
    runs = {run.spec.seed: run for run in table.rows[0].seeds}
    assert accuracy_interval(Records(NO_MEANS, table.runs, ()), runs, ALPHA) is None


def test_seeds_of_which_one_was_tested_on_other_images_are_sampled_without_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _, runs = row(tmp_path, "seeds: [0, 1, 2, 3]")
    show_every_image_twice(runs[1].path.parent)
    alone = found(Records(NO_MEANS, runs.values(), ()), runs)
    assert alone.over == "seeds alone, as the test images differ"


def test_the_deviation_between_seeds_borrows_from_the_other_pairs_of_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alone, three seeds say little of their deviation; with a prior, the interval is another."""
    monkeypatch.chdir(tmp_path)
    records, runs = row(tmp_path, THREE)
    assert records.seed_variances.of_cell("digits") is not None
    alone = Records(NO_MEANS, runs.values(), ())
    assert alone.seed_variances.of_cell("digits") is None
    lone, pooled = found(alone, runs), found(records, runs)
    assert lone.over == pooled.over
    assert abs((lone.high - lone.low) - (pooled.high - pooled.low)) > 0.1
