"""What stands around a figure: its title, its caption, or why there is none."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import plotted
import pytest
import samples
from look_up import study_table
from papers import PAPER

from cxv.report.contents import ReportData
from cxv.report.exports import metrics_json
from cxv.report.figures.figures import Illustration
from cxv.report.sections.paper_tables import top1_in_words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("study")
    with chdir(folder):
        yield folder


@pytest.fixture(scope="module")
def whole(folder: Path) -> ReportData:
    return ReportData.of(samples.made(samples.grid(folder, plotted.GRID)), paper=PAPER)


def by_name(data: ReportData) -> dict[str, Illustration]:
    return {one.name: one for one in data.pictures.illustrations}


def test_top1_against_cost_says_what_its_points_are(whole: ReportData) -> None:
    memory = by_name(whole)["memory"]
    assert memory.title == "Figure 2: top-1 against GPU memory"
    assert memory.caption == (
        "CIFAR-10; ours is the best of as many runs as the paper's. Memory is the peak of a"
        " training step of 32 images with 0.4 GB of CUDA context, predicted unless measured on a"
        " GPU like the paper's; of the paper, as printed."
    )
    assert memory.picture
    assert memory.picture.name == "memory"


def test_print_against_ours_says_what_its_band_is(whole: ReportData) -> None:
    top1 = by_name(whole)["top1"]
    assert "within the band, the paper's number counts as reproduced" in top1.caption
    assert top1.title == "Table 1: top-1 as printed and ours"
    assert top1.picture


def test_a_figure_that_cannot_be_drawn_keeps_its_title_and_says_why(folder: Path) -> None:
    params = samples.grid(folder, plotted.GRID)
    nothing = study_table(params, "small", folder / "none", folder / "none")
    found = by_name(ReportData.of(nothing, paper=PAPER))
    assert {one.title for one in found.values() if not one.picture} >= {
        "Figure 2: top-1 against GPU memory",
        "Table 1: top-1 as printed and ours",
    }
    assert found["memory"].why_none == (
        "no model has every run and the cost of a point in this study"
    )
    assert found["top1"].why_none == "this study has every run of none of its numbers"


def test_the_report_counts_verdicts_and_says_how_claims_are_judged(whole: ReportData) -> None:
    assert whole.paper["verdict_counts"]
    assert "if the 95 % interval of every comparison" in str(whole.paper["claims_how"])


@pytest.mark.parametrize(
    ("best_of", "words"),
    [
        ((3, 3), "Top-1 is the best of the first 3 seeds, as the paper prints it"),
        ((1, 1), "Top-1 is that of the first seed, as the paper prints one run"),
        ((1, 3), "Top-1 is the best of the first seeds, as the paper prints it"),
    ],
)
def test_what_ours_is_of_the_seeds_is_said(best_of: tuple[int, int], words: str) -> None:
    file = PAPER.description.file
    [key] = [key for key, metric in file.metrics.items() if hasattr(metric, "best_of")][:1]
    metrics = {
        str(number): file.metrics[key].model_copy(update={"best_of": count})
        for number, count in enumerate(best_of)
    }
    assert top1_in_words(file.model_copy(update={"metrics": metrics})) == words


def test_numbers_for_dvc_stand_one_on_a_line(whole: ReportData) -> None:
    """So that git shows which of them changed."""
    text = metrics_json(whole.table)
    assert text.startswith('{\n "')
    assert text.endswith("\n}\n")
