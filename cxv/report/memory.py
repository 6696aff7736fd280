"""The paper's Figure 2: top-1 against memory, the printed points and ours."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from cxv.report.against_paper import FAMILIES, Ours, PrintedRow, family, short_name
from cxv.report.drawing import INK, PAPER
from cxv.report.labels import Point, name_points

DATASET = "cifar10"
TICKS = (0.5, 1, 2, 5, 10, 20)  # GB
SIDE = 6.0  # points, of a marker


def memory_figure(printed: Mapping[str, PrintedRow], ours: Sequence[Ours]) -> Figure:
    """Draw the printed points hollow, ours filled, and a line between the two of one model.

    Args:
        printed: Table 1, by row.
        ours: cells of this study; those of other datasets or without a profile are not drawn.
    """
    shown = {
        cell.zoo: (cell.memory_gb, cell.top1)
        for cell in ours
        if cell.dataset == DATASET and cell.memory_gb is not None
    }
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(xlabel="GPU memory at a batch of 32, GB", ylabel="top-1 on CIFAR-10, %")
    avoid: list[tuple[float, float]] = []
    for zoo, row in printed.items():
        theirs = (row.memory_gb, row.top1[DATASET])
        look = family(zoo)
        if zoo in shown:
            avoid += _joined(axes, theirs, shown[zoo])
            _mark(axes, shown[zoo], look.marker, look.color, look.color, f"ours-{zoo}")
        _mark(axes, theirs, look.marker, look.color, PAPER, f"printed-{zoo}")
    axes.margins(0.08)
    _explain(axes, both=bool(shown))
    points = [
        Point(row.memory_gb, row.top1[DATASET], short_name(zoo)) for zoo, row in printed.items()
    ]
    name_points(axes, points, avoid)
    return figure


def _mark(
    axes: Axes, at: tuple[float, float], marker: str, edge: str, face: str, name: str
) -> None:
    axes.plot(*at, marker, ms=SIDE, mec=edge, mfc=face, mew=1.2, label=f"_{name}", zorder=3)


def _joined(
    axes: Axes, theirs: tuple[float, float], ours: tuple[float, float]
) -> list[tuple[float, float]]:
    """Join two points; return places along the line, which labels are to leave free."""
    xs, ys = zip(theirs, ours, strict=True)
    axes.plot(xs, ys, color=INK, linewidth=0.7, zorder=2, label="_joined")
    return list(zip(np.geomspace(*xs, 8), np.linspace(*ys, 8), strict=True))


def _explain(axes: Axes, *, both: bool) -> None:
    """Write the legend: families by shape and colour, and whose number a point is."""
    marks = [
        Line2D([], [], ls="", marker=look.marker, ms=SIDE, mec=look.color, mfc=look.color)
        for look in FAMILIES.values()
    ]
    whose = [Line2D([], [], ls="", marker="o", ms=SIDE, mec=INK, mfc=face) for face in (PAPER, INK)]
    names = [look.title for look in FAMILIES.values()]
    axes.legend(
        [*marks, *whose[: 1 + both]],
        [*names, "paper, as printed", "ours"][: len(marks) + 1 + both],
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        ncols=3 + both * 3,
        fontsize=7.5,
        columnspacing=1.2,
        handletextpad=0.2,
    )
