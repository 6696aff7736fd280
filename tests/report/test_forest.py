"""The forest plot has the differences of an ablation, and the intervals that claims have."""

from dataclasses import replace
from pathlib import Path
from statistics import fmean

import numpy as np
import plotted
import pytest
import samples
from judged import differing
from numpy.typing import NDArray
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.config.vocabulary import NO_MEANS
from cxv.paper.load_claims import load_tolerances
from cxv.report.figures.drawing import house_style
from cxv.report.figures.forest import forest_figure, forest_lines
from cxv.report.sections.differences import ALPHA, LEVEL
from cxv.report.sections.pooled import pooled_differences
from cxv.results.records import Records
from cxv.results.seed_variances import SeedVariances
from cxv.statistics import crossed

VARIANTS = ("gelu", "base")


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path, plotted.GRID)


def answers(model: str, seed: int, variant: str) -> NDArray[np.bool_]:
    name = plotted.RUN.format(model=model, seed=seed, variant=variant)
    with np.load(samples.RUNS / name / "predictions.npz") as file:
        right: NDArray[np.bool_] = file["predicted"] == file["label"]
    return right


def test_the_forest_has_the_mean_of_paired_differences_and_its_interval(params: Params) -> None:
    table = samples.made(params)
    lines = forest_lines(differing(table, "variant"))
    with house_style():
        [axes] = forest_figure(lines).axes
    gains = [
        100 * (plotted.top1("cnv", seed, "gelu") - plotted.top1("cnv", seed)) for seed in (0, 1, 2)
    ]
    name = "gelu-CNV-5/4"
    [(mean, _)] = plotted.drawn(axes, "mean")[name]
    assert mean == pytest.approx(fmean(gains))
    right = [{seed: answers("cnv", seed, variant) for seed in range(3)} for variant in VARIANTS]
    found = crossed(*right)
    assert found
    runs = {run.spec.id: run for run in table.runs}
    ours, theirs = (
        runs[plotted.RUN.format(model="cnv", seed=0, variant=variant)] for variant in VARIANTS
    )
    estimate = replace(found, prior=SeedVariances(table.runs).of_pair(ours, theirs))
    assert estimate.prior
    assert [x for x, _ in plotted.drawn(axes, "interval")[name]] == pytest.approx(
        estimate.interval(0.05)
    )
    assert [x for x, _ in plotted.drawn(axes, "seeds")[name]] == pytest.approx(gains)
    assert set(plotted.drawn(axes, "mean")) == {name, "gelu-cpv_small"}


def test_over_models_each_counts_once(params: Params) -> None:
    table = samples.made(params)
    found = differing(table, "variant")
    pooled = pooled_differences(found, Records(NO_MEANS, table.runs, table.profiles), "variant")
    with house_style():
        [axes] = forest_figure(forest_lines(found, pooled)).axes
    means = {
        model: fmean(
            100 * (plotted.top1(model, seed, "gelu") - plotted.top1(model, seed))
            for seed in range(3)
        )
        for model in ("cnv", "cpv_small")
    }
    name = "gelu-over models"
    [(mean, _)] = plotted.drawn(axes, "mean")[name]
    assert mean == pytest.approx(fmean(means.values()))
    assert [x for x, _ in plotted.drawn(axes, "seeds")[name]] == pytest.approx([*means.values()])
    assert name not in plotted.drawn(axes, "interval")  # it takes three models


def test_two_seeds_give_a_mean_without_an_interval_and_none_a_reason(params: Params) -> None:
    ended = {plotted.RUN.format(model="cpv_small", seed=seed, variant="gelu") for seed in (0, 1, 2)}
    missing = {plotted.RUN.format(model="cnv", seed=2, variant="gelu")}
    table = samples.made(params, missing=missing, diverged=ended)
    with house_style():
        [axes] = forest_figure(forest_lines(differing(table, "variant"))).axes
    assert set(plotted.drawn(axes, "mean")) == {"gelu-CNV-5/4"}
    assert plotted.drawn(axes, "interval") == {}
    assert "cpv_small: diverged" in {text.get_text() for text in axes.texts}


def test_the_level_is_that_of_the_verdicts() -> None:
    tolerances = load_tolerances(ROOT / "data/paper/tolerances.yaml")
    assert tolerances.alpha == ALPHA
    assert LEVEL == "95 %"
