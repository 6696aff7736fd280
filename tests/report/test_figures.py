"""Figures against the paper and of ablations: every point is a record's number."""

import csv
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import plotted
import pytest
import samples
from look_up import study_table
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from papers import PAPER
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.records.costs import ProfileRecord
from cxv.records.run import Cell
from cxv.records.seal import read_sealed
from cxv.report.contents import ReportData
from cxv.report.figures.accuracy_against_cost import cost_figure
from cxv.report.figures.drawing import house_style
from cxv.report.figures.figures import Pictures, save
from cxv.report.figures.scatter import scatter_figure
from cxv.report.rendering import render_html
from cxv.report.sections.figure_points import (
    GROUP_LOOKS,
    Compared,
    cost_label,
    cost_points,
    looks,
    memory_label,
    own,
    panels,
)
from cxv.results.table import Table

TABLE1 = ROOT / "data/paper/table1.csv"
FILE, TOLERANCES = PAPER.description.file, PAPER.tolerances.top1
[FIGURE2] = plotted.FIGURES


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path, plotted.GRID)


def memory_axes(table: Table) -> Axes:
    with house_style():
        figure = cost_figure(
            points(table),
            looks=list(dict.fromkeys(looks(FILE).values())),
            cost=cost_label(FIGURE2, FILE),
            images="CIFAR-10",
        )
        [axes] = figure.axes
    return axes


def points(table: Table) -> list[Compared]:
    return list(cost_points(FIGURE2, plotted.judged(table), FILE))


def test_figure_2_has_the_printed_points_and_ours_of_the_records(params: Params) -> None:
    axes = memory_axes(samples.made(params))
    with TABLE1.open(newline="") as file:
        rows = {row["model"]: row for row in csv.DictReader(file)}
    printed = {x: [(float(row["gpu_gb"]), float(row["cifar10"]))] for x, row in rows.items()}
    assert plotted.drawn(axes, "printed") == printed
    assert len(printed) == 15
    found = plotted.drawn(axes, "ours")
    assert set(found) == {"resnet18", "cnv"}
    profile = samples.PROFILES / "cifar10/cnv/base/profile.json"
    measured = ProfileRecord.model_validate_json(read_sealed(profile)).measured
    assert found["cnv"] == [
        (
            pytest.approx(measured.predicted_peak_bytes / 1e9 + 0.4),
            pytest.approx(100 * max(plotted.top1("cnv", seed) for seed in (0, 1, 2))),
        )
    ]
    joined = [line for line in axes.lines if line.get_label() == "_joined"]
    ends = [list(zip(*line.get_data(), strict=True)) for line in joined]
    assert [*printed["cnv"], *found["cnv"]] in ends


def test_a_study_of_other_models_has_the_figure_of_its_own(tmp_path: Path) -> None:
    params = samples.grid(tmp_path, samples.GRID.replace("[digits]", "[cifar100]"))
    table = samples.made(params)
    found = own(table)
    assert found
    assert (found.dataset, found.recipe) == ("cifar100", "dualopt"), "of equals the last recipe"
    assert [point.name for point in found.points] == ["cpv_small", "ResNet-18"]
    with house_style():
        figure = cost_figure(
            found.points,
            looks=list(GROUP_LOOKS.values()),
            cost=memory_label(found.batch),
            images=found.dataset,
        )
        [axes] = figure.axes
    assert axes.get_xlabel() == "GPU memory at a batch of 8, GB"
    assert set(plotted.drawn(axes, "ours")) == {"cpv_small", "resnet18"}
    assert plotted.drawn(axes, "printed") == {}
    [best] = [
        r.cells["top1_mean"]
        for r in table.rows
        if r.recipe == "dualopt" and r.model.name == "resnet18"
    ]
    assert isinstance(best, Cell)
    profile = samples.PROFILES / "cifar100/resnet18/base/profile.json"
    measured = ProfileRecord.model_validate_json(read_sealed(profile)).measured
    assert plotted.drawn(axes, "ours")["resnet18"] == [
        (pytest.approx(measured.predicted_peak_bytes / 1e9), pytest.approx(100 * best.value))
    ]
    assert own(study_table(params, "small", Path("nowhere"), Path("nowhere"))) is None


def test_families_differ_by_shape_as_well_as_by_colour(params: Params) -> None:
    axes = memory_axes(samples.made(params))
    marks = {
        str(line.get_label()): (line.get_marker(), line.get_markeredgecolor())
        for line in axes.lines
        if str(line.get_label()).startswith("_printed-")
    }
    kinds = {marks[f"_printed-{zoo}"] for zoo in ("resnet18", "fnet", "vit", "cnv")}
    assert len(set(marks.values())) == len(kinds) == 4
    assert len({marker for marker, _ in kinds}) == len({color for _, color in kinds}) == 4


@pytest.mark.parametrize(
    "missing", [plotted.RUN.format(model="cnv", seed=1, variant="base"), "cifar10/cnv/base"]
)
def test_a_missing_run_or_profile_leaves_one_point_less(params: Params, missing: str) -> None:
    axes = memory_axes(samples.made(params, missing={missing}))
    assert set(plotted.drawn(axes, "ours")) == {"resnet18"}
    assert len(plotted.drawn(axes, "printed")) == 15


def test_memory_at_another_batch_is_not_the_papers(params: Params) -> None:
    table = samples.made(params.model_copy(update={"profile_batch": 8}))
    assert len(points(table)) == 15
    assert {one.ours for one in points(table)} == {None}


def test_only_unchanged_models_on_whole_datasets_by_dualopt_are_cells(params: Params) -> None:
    table = samples.made(params)
    assert [one.id for one in points(table) if one.ours] == ["resnet18", "cnv"]
    [((column, _), cells)] = panels("table1", plotted.judged(table)).items()
    assert column == "cifar10"
    assert [cell.of.model for cell in cells] == ["resnet18", "cnv"]


def test_the_scatter_has_a_point_a_cell_and_the_band_of_the_tolerances(params: Params) -> None:
    found = panels("table1", plotted.judged(samples.made(params)))
    with house_style():
        [axes] = scatter_figure(found, FILE, TOLERANCES).axes
    marks = {
        str(line.get_label())[1:]: (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in axes.lines
        if line.get_marker() != "None"
    }
    assert marks == {
        cell.of.model: (float(cell.printed.value), cell.verdict.estimate)
        for cell in found["cifar10", "cifar10"]
    }
    assert {*marks} == {"resnet18", "cnv"}
    [band] = [found for found in axes.collections if found.get_label() == "_band"]
    heights = {round(float(y - x), 6) for x, y in band.get_paths()[0].vertices}
    assert heights == {-1.0, 1.0}
    assert axes.get_xlim() == axes.get_ylim()


def test_a_study_without_cells_of_table_1_says_why_nothing_is_drawn(params: Params) -> None:
    table = study_table(params, "small", samples.RUNS, samples.PROFILES)
    contents = ReportData.of(table, paper=PAPER)
    drawn = [one.name for one in contents.pictures.illustrations if one.picture]
    assert drawn == ["recipes", "ablations"]
    page = render_html(contents)
    assert "not drawn, this study has every run of none of its numbers" in page
    assert "not drawn, no model has every run and the cost of a point in this study" in page


def boxes(axes: Axes) -> list[Bbox]:
    """Return where the names next to points are, without the lines that lead to them."""
    figure = axes.figure
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    labels = [text for text in axes.texts if isinstance(text, Annotation)]
    return [Text.get_window_extent(label, renderer) for label in labels]


def test_no_name_lies_over_another_or_over_a_point(params: Params) -> None:
    axes = memory_axes(samples.made(params))
    names = boxes(axes)
    assert len(names) == 15
    assert not any(Bbox.intersection(one, other) for one, other in combinations(names, 2))
    marks = [line for line in axes.lines if line.get_marker() != "None"]
    middles = [axes.transData.transform(line.get_xydata()[0]) for line in marks]
    assert not any(box.contains(*middle) for box in names for middle in middles)
    axes.texts[0].xyann = axes.texts[1].xyann = (0, 0)  # twin: names that do collide are seen
    axes.texts[0].xy = axes.texts[1].xy
    moved = boxes(axes)
    assert Bbox.intersection(moved[0], moved[1])


@pytest.mark.slow
def test_every_id_of_a_page_with_all_figures_is_its_own(params: Params) -> None:
    page = render_html(ReportData.of(samples.made(params), paper=PAPER))
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert {name.partition("-")[0] for name in ids} >= {"memory", "top1", "ablations"}
    assert [name for name, count in ids.items() if count > 1] == []


@pytest.mark.slow
def test_pictures_are_the_same_bytes_each_time(params: Params) -> None:
    table = samples.made(params)
    first, second = (
        {one.name: one.svg for one in ReportData.of(table, paper=PAPER).pictures.all}
        for _ in range(2)
    )
    assert first == second
    assert {"memory", "top1", "ablations", "graph", "curves-cifar10-cnv-gelu-dualopt"} <= {*first}


def test_files_of_figures_stand_alone_and_replace_those_of_before(params: Params) -> None:
    [*_, graph] = ReportData.of(samples.made(params)).pictures.all
    pictures = Pictures((), (), graph)
    for _ in range(2):
        save(pictures, Path("report/figures"))
    found = {path.name: path.read_bytes() for path in Path("report/figures").iterdir()}
    assert {*found} == {"graph.svg", "graph.png"}
    for name, data in found.items():
        if name.endswith(".svg"):
            assert b"var(" not in data
            assert ElementTree.fromstring(data).tag.endswith("svg")  # noqa: S314 - drawn here
        else:
            assert data.startswith(b"\x89PNG")


def test_the_tolerances_are_those_of_the_file_and_the_print_is_table_1() -> None:
    assert TOLERANCES == {"cifar10": 1.0, "cifar100": 1.5, "tiny_imagenet": 1.5}
    assert PAPER.printed.cells["table1.cpv.tiny_imagenet"].digits == "47.29"
