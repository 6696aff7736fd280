"""A report says what a recipe adds over models: which, on which data, how surely, how far apart."""

from collections.abc import Collection
from math import sqrt
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
import samples
from look_up import study_table
from resealed import show_every_image_twice
from scipy import stats

from cxv.config.grid import Params
from cxv.report.contents import ReportData
from cxv.report.rendering import render_html, render_latex, render_markdown
from cxv.report.sections.pooled import PooledDifference

MODELS = ("resnet18", "cnv", "cpv_small")
STUDY = """
studies:
  small:
    title: Three models on two datasets
    runs:
      - {datasets: [cifar10, cifar100], models: [resnet18, cnv, cpv_small],
         recipes: [adamw, dualopt]}
"""
LOST = {f"cifar100/cnv/base/s{seed}/adamw/sgd" for seed in range(3)}
PART = "cifar100: {source: cifar10, per_class: {train: 9}}"


@pytest.fixture
def text(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.chdir(tmp_path)
    settings = samples.GRID.partition("studies:")[0] + STUDY.lstrip()
    return settings.replace("seeds: [0, 1]", "seeds: [0, 1, 2]")


def reported(params: Params, diverged: Collection[str] = ()) -> ReportData:
    return ReportData.of(samples.made(params, diverged=diverged))


def answers(dataset: str, model: str, recipe: str) -> np.ndarray:
    """Return whether each image was answered rightly, by seed and image."""
    found = []
    for seed in range(3):
        path = samples.RUNS / f"{dataset}/{model}/base/s{seed}/{recipe}/predictions.npz"
        with np.load(path) as file:
            found.append(file["predicted"] == file["label"])
    return np.array(found, float)


def by_image(dataset: str, model: str) -> np.ndarray:
    """Return what SGD after AdamW adds to each image, mean over seeds, percentage points."""
    gains = answers(dataset, model, "adamw/sgd") - answers(dataset, model, "adamw")
    return 100 * gains.mean(0)


def test_the_mean_of_models_and_its_interval_are_those_of_their_predictions(text: str) -> None:
    """Models share what any two of them agree on between images: the mean covariance."""
    line = reported(samples.grid(Path.cwd(), text)).pooled["recipe"][0]
    d = np.array([by_image("cifar10", model) for model in MODELS])
    means = d.mean(1)
    covariances = np.cov(d)[np.triu_indices(3, 1)] / d.shape[1]
    by_models = stats.t.isf(0.025, 2) ** 2 * means.var(ddof=1) / 3
    by_images = stats.norm.isf(0.025) ** 2 * max(0, covariances.mean())
    reach = sqrt(by_models + by_images)
    assert (line.datasets, line.who) == (("cifar10",), "all 3 models")
    assert line.effects == pytest.approx(tuple(means))
    assert line.found.mean == pytest.approx(means.mean())
    assert line.interval == pytest.approx((means.mean() - reach, means.mean() + reach), rel=1e-4)


def test_over_datasets_of_other_images_there_is_a_line_and_none_over_parts(text: str) -> None:
    apart = reported(samples.grid(Path.cwd(), text)).pooled["recipe"]
    assert [line.data for line in apart] == ["cifar10", "cifar100", "all 2 datasets"]
    every = [fmean(by_image(data, model)) for model in MODELS for data in ("cifar10", "cifar100")]
    assert apart[-1].found.mean == pytest.approx(fmean(every))
    part = text.replace("cifar100: {source: cifar100}", PART)
    lines = reported(samples.grid(Path.cwd(), part)).pooled["recipe"]
    assert [line.data for line in lines] == ["cifar10", "cifar100"]


def test_a_model_that_diverged_is_left_out_and_named(text: str) -> None:
    found = reported(samples.grid(Path.cwd(), text), diverged=LOST).pooled["recipe"]
    _, lost, over = found
    for line in (lost, over):
        assert (line.who, line.found.models) == ("2 of 3 models", 2)
        assert line.note == "without CNV-5/4 (diverged)"
        assert line.interval is None


def test_a_model_that_one_dataset_lacks_is_left_out_of_the_line_over_both(text: str) -> None:
    less = text.replace("datasets: [cifar10, cifar100], models: [resnet18, cnv, cpv_small],", (
        "datasets: [cifar10], models: [resnet18, cnv, cpv_small], recipes: [adamw, dualopt]}"
        "\n      - {datasets: [cifar100], models: [resnet18, cpv_small],"
    ))  # fmt: skip
    over = reported(samples.grid(Path.cwd(), less)).pooled["recipe"][-1]
    assert over.note == "without CNV-5/4 (not on cifar100)"


def test_where_test_images_differ_it_is_said_that_they_are_left_out(text: str) -> None:
    params = samples.grid(Path.cwd(), text)
    samples.made(params)
    show_every_image_twice(samples.RUNS / "cifar10/cnv/base/s0/adamw")
    table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    first = ReportData.of(table).pooled["recipe"][0]
    assert first.note == "not over test images, as they differ"
    assert first.found.image_variance == 0


def test_every_form_of_a_report_has_the_lines(text: str) -> None:
    contents = reported(samples.grid(Path.cwd(), text), diverged=LOST)
    paged = render_latex(contents)
    forms = [render_html(contents), render_markdown(contents), paged.document]
    for form in (*forms, paged.tables["by-recipe"]):
        for line in contents.pooled["recipe"]:
            assert line.who in form
            assert _number(line) in form.replace("$-$", "\N{MINUS SIGN}")
        assert "without CNV-5/4 (diverged)" in form
    assert all("the interval allows for other models like those" in form for form in forms)


def _number(line: PooledDifference) -> str:
    return f"{line.found.mean:+.2f}".replace("-", "\N{MINUS SIGN}")
