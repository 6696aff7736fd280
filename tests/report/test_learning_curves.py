"""Figures say what the histories say, and are the same bytes each time."""

from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
import samples
from look_up import study_table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from cxv.config.grid import Params
from cxv.records.history import Epoch, load_history
from cxv.report.figures.drawing import png
from cxv.report.figures.graph import graph_figure, study_graph
from cxv.report.figures.learning_curves import (
    Panel,
    Stretch,
    curves_figure,
    learning_curves,
    load_curves,
    phase_names,
    switches,
)
from cxv.results.table import Row, Table

RUNS, PROFILES = Path("results/runs"), Path("results/profiles")
CNV = "cifar10/cnv/base/s{seed}/{chain}"


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


def made(params: Params, **changes: object) -> tuple[Table, Row]:
    """Return the table of the samples and its last row: CNV, three phases, three seeds."""
    samples.make(params, "small", Path("results"), **changes)
    table = study_table(params, "small", RUNS, PROFILES)
    return table, table.rows[-1]


def epochs(seed: int, chain: str) -> int:
    return len(load_history(RUNS / CNV.format(seed=seed, chain=chain) / "history.csv"))


def elements(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())  # noqa: S314 - drawn here


def texts(svg: str) -> list[str]:
    found = [element for element in elements(svg) if element.tag.endswith("text")]
    return [line.strip() for element in found for line in element.itertext() if line.strip()]


def test_a_curve_runs_over_all_links_and_marks_the_switches(params: Params) -> None:
    table, row = made(params)
    curves = load_curves(row, table)
    first, second = epochs(1, "adamw_ra"), epochs(1, "adamw_ra/adamw")
    assert switches(curves[1]) == [first + 0.5, first + second + 0.5]
    figure = curves_figure(curves)
    for axes in figure.axes:
        marks = [line for line in axes.lines if line.get_label() == "_switch"]
        drawn = [line for line in axes.lines if line.get_label() != "_switch"]
        expected = [place for stretches in curves.values() for place in switches(stretches)]
        assert [line.get_xdata()[0] for line in marks] == expected
        total = first + second + epochs(1, "adamw_ra/adamw/sgd")
        assert list(drawn[1].get_xdata()) == list(range(1, total + 1))
        assert len(drawn) == 3


def test_a_panel_names_its_phases_and_seeds(params: Params) -> None:
    table, row = made(params)
    shown = texts(learning_curves(load_curves(row, table), Panel(), name="cnv").svg)
    assert {"adamw_ra", "adamw", "sgd", "0", "1", "2", "top-1, %", "loss, nats"} <= {*shown}


def test_a_curve_ends_where_a_record_is_missing(params: Params) -> None:
    table, row = made(params, missing={CNV.format(seed=0, chain="adamw_ra/adamw")})
    curves = load_curves(row, table)
    assert [stretch.phase for stretch in curves[0]] == ["adamw_ra"]
    assert [stretch.phase for stretch in curves[1]] == ["adamw_ra", "adamw", "sgd"]


def test_the_history_of_a_stale_record_is_not_drawn(params: Params) -> None:
    made(params)
    edited = params.phases["adamw"].model_copy(update={"patience": 9})
    params = params.model_copy(update={"phases": params.phases | {"adamw": edited}})
    table = study_table(params, "small", RUNS, PROFILES)
    assert [len(stretches) for stretches in load_curves(table.rows[-1], table).values()] == [1] * 3
    assert not any(load_curves(table.rows[0], table).values())


def test_a_diverged_run_is_drawn_up_to_its_last_number(params: Params) -> None:
    end = CNV.format(seed=0, chain="adamw_ra/adamw/sgd")
    table, row = made(params, diverged={end})
    assert str(load_history(RUNS / end / "history.csv")[-1].loss) == "nan"
    assert texts(learning_curves(load_curves(row, table), Panel(), name="cnv").svg)


def test_a_panel_after_another_is_as_if_it_were_the_first(params: Params) -> None:
    table, row = made(params)
    panel, other = Panel(), load_curves(table.rows[0], table)
    curves = load_curves(row, table)
    first = learning_curves(curves, Panel(), name="a")
    bytes_of_first = png(first.draw())
    learning_curves(other, panel, name="b")
    again = learning_curves(curves, panel, name="a")
    panel.draw(other)  # the picture does not keep the figure: it draws it once more
    assert again.svg == first.svg
    assert png(again.draw()) == bytes_of_first


@pytest.mark.parametrize(
    "starts", [(0, 25, 50, 75), (0, 4, 8, 12), (0, 60, 120, 196), (0, 190, 193, 196)]
)
def test_names_of_short_phases_neither_touch_nor_leave_the_panel(starts: tuple[int, ...]) -> None:
    texts, width = ("adamw_ra3", "sgd_ra3", "adamw", "sgd"), 200.0
    names = phase_names(texts, [float(start) for start in starts], width)
    assert [name.text for name in names] == list(texts)
    assert all(name.x >= 0 and name.ends <= width for name in names)
    for one, other in combinations(names, 2):
        apart = max(one.x, other.x) - min(one.ends, other.ends)
        assert one.storey != other.storey or apart >= 5


def test_names_with_room_next_to_each_other_stand_on_one_storey() -> None:
    names = phase_names(("adamw", "sgd"), (0.0, 120.0), 200.0)
    assert [(name.x, name.storey) for name in names] == [(0.0, 0), (120.0, 0)]


def test_no_name_of_a_phase_is_wider_than_is_reckoned_with_or_cut_off() -> None:
    epochs = tuple(Epoch(epoch=n, loss=1 / n, top1=n / 9, lr=0.1) for n in (1, 2, 3))
    phases = ("adamw_ra3", "sgd_ra3", "adamw", "sgd", "adamw_second")
    figure = curves_figure({0: tuple(Stretch(phase, epochs[:1]) for phase in phases)})
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = [Text.get_window_extent(text, renderer) for text in figure.axes[0].texts]
    assert len(boxes) == len(phases)
    assert not any(Bbox.intersection(one, other) for one, other in combinations(boxes, 2))
    for box in boxes:
        assert 0 <= box.x0 <= box.x1 <= figure.bbox.x1
        assert box.y1 <= figure.bbox.y1


def test_the_graph_counts_every_shared_beginning_once(params: Params) -> None:
    table = study_table(params, "small", RUNS, PROFILES)
    shown = texts(study_graph(table, name="graph").svg)
    boxes = {*pairwise(shown)}
    # 4 ends in `adamw`, 6 in `adamw/sgd`, whose 6 first links include those 4
    assert shown.count("6 runs") == 2
    assert shown.count("3 runs") == 3
    assert {("adamw_ra", "3 runs"), ("profiles", "4 models"), ("table", "small")} <= boxes
    assert {"digits", "cifar10", "report"} <= {*shown}


def test_no_box_of_the_graph_leaves_the_picture(params: Params) -> None:
    [digits] = params.studies["small"].runs[:1]
    three = {"datasets": ("digits", "cifar10", "cifar100"), "recipes": ("adamw",)}
    block = digits.model_copy(update=three)
    study = params.studies["small"].model_copy(update={"runs": (block,)})
    params = params.model_copy(update={"studies": {"small": study}})
    [axes] = graph_figure(study_table(params, "small", RUNS, PROFILES)).axes
    bottom, top = axes.get_ylim()
    extents = [patch.get_extents().transformed(axes.transData.inverted()) for patch in axes.patches]
    assert len(extents) == 7 + 9  # 3 of images, link, profiles, table, report; their arrows
    assert all(top <= min(box.y0, box.y1) and max(box.y0, box.y1) <= bottom for box in extents)


@pytest.mark.parametrize("draw", ["curves", "graph"])
def test_figures_are_the_same_bytes_each_time_with_ids_of_their_own(
    params: Params, draw: str
) -> None:
    table, row = made(params)

    def svg(name: str) -> str:
        if draw == "graph":
            return study_graph(table, name=name).svg
        return learning_curves(load_curves(row, table), Panel(), name=name).svg

    assert svg("a") == svg("a")
    ids = [{element.get("id") for element in elements(svg(name))} - {None} for name in ("a", "b")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_figures_follow_the_colours_of_the_page(params: Params) -> None:
    table, row = made(params)
    svg = learning_curves(load_curves(row, table), Panel(), name="a").svg
    assert "var(--ink, #757575)" in svg
    assert "var(--seed-0, #0072b2)" in svg
    assert "#000000" not in svg
