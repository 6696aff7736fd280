"""Top-1 as printed against ours, for every cell of a table that a study has."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cxv.paper.paper_spec import PaperFile
from cxv.paper.printed_against_ours import JudgedCell
from cxv.report.figures.drawing import INK
from cxv.report.figures.label_placement import Point, name_points
from cxv.report.sections.figure_points import PLAIN, Look, looks, short_name

SIDE = 5.5  # points, of a marker
INCHES = 3.4  # of a panel


def scatter_figure(
    panels: Mapping[tuple[str, str], Sequence[JudgedCell]],
    paper: PaperFile,
    tolerances: Mapping[str, float],
) -> Figure:
    """Draw a panel a column: a point on the diagonal is the paper's number.

    Args:
        panels: column and dataset -> cells with an estimate of ours, at least one.
        paper: names models and columns.
        tolerances: dataset -> percentage points from the diagonal within which the paper's
            number counts as reproduced.
    """
    figure = Figure(figsize=(INCHES * len(panels), INCHES + 0.35), layout="constrained")
    every = figure.subplots(1, len(panels), squeeze=False)[0]
    known = looks(paper)
    shown: dict[Look, None] = {}
    for axes, ((column, dataset), cells) in zip(every, panels.items(), strict=True):
        for one in cells:
            look = known.get(one.of.model, PLAIN)
            shown[look] = None
            _mark(axes, one, look)
        _limit(axes, cells)
        _band(axes, tolerances[dataset])
        title = dict.fromkeys((paper.named(column), paper.named(dataset)))
        axes.set_title(", ".join(title), fontsize=9)
    best_of = getattr(next(iter(panels.values()))[0].printed.metric, "best_of", 1)
    every[0].set_ylabel(f"top-1 of ours, best of {best_of}, %")
    ordered = [look for look in dict.fromkeys(known.values()) if look in shown] or list(shown)
    marks = [
        Line2D([], [], ls="", marker=look.marker, ms=SIDE, color=look.color) for look in ordered
    ]
    names = [look.title for look in ordered]
    figure.legend(marks, names, loc="outside upper center", ncols=len(ordered), fontsize=7.5)
    for axes, cells in zip(every, panels.values(), strict=True):
        name_points(axes, [Point(*_at(one), short_name(one, paper)) for one in cells])
    return figure


def _at(one: JudgedCell) -> tuple[float, float]:
    return float(one.printed.value), float(one.verdict.estimate or 0)


def _mark(axes: Axes, one: JudgedCell, look: Look) -> None:
    name = "-".join(one.printed.row.values())
    axes.plot(*_at(one), look.marker, ms=SIDE, color=look.color, zorder=3, label=f"_{name}")


def _limit(axes: Axes, cells: Sequence[JudgedCell]) -> None:
    values = [value for one in cells for value in _at(one)]
    room = max(2.0, 0.12 * (max(values) - min(values)))
    limits = min(values) - room, max(values) + room
    axes.set(xlim=limits, ylim=limits, aspect="equal", xlabel="top-1 as printed, %")


def _band(axes: Axes, tolerance: float) -> None:
    ends = axes.get_xlim()
    axes.plot(ends, ends, color=INK, linewidth=0.7, zorder=1, label="_identity")
    low, high = ([end + sign * tolerance for end in ends] for sign in (-1, 1))
    axes.fill_between(ends, low, high, color=INK, alpha=0.18, linewidth=0, label="_band")
