"""Top-1 against what a model costs: printed points next to ours, or ours alone."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from cxv.report.figures.drawing import INK, PAPER
from cxv.report.figures.label_placement import Point, name_points
from cxv.report.sections.figure_points import At, Compared, Look

TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
SIDE = 6.0  # points, of a marker


def cost_figure(
    points: Sequence[Compared], *, looks: Sequence[Look], cost: str, images: str
) -> Figure:
    """Draw the printed points hollow, ours filled, and a line between the two of one model.

    Args:
        points: at least one.
        looks: of the legend.
        cost: what the axis of costs says.
        images: what they are called.
    """
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.set(xlabel=cost, ylabel=f"top-1 on {images}, %")
    avoid: list[At] = []
    for one in points:
        if one.ours and one.printed:
            avoid += _joined(axes, one.printed, one.ours)
        if one.ours:
            _mark(axes, one.ours, one.look, f"ours-{one.id}", filled=True)
    for one in points:
        if one.printed:
            _mark(axes, one.printed, one.look, f"printed-{one.id}", filled=False)
    axes.margins(0.08)
    _set_ticks(axes, [at[0] for one in points for at in (one.printed, one.ours) if at])
    printed, ours = any(one.printed for one in points), any(one.ours for one in points)
    _explain(axes, looks, printed=printed, ours=ours)
    named = [Point(*at, one.name) for one in points if (at := one.printed)]
    named += [Point(*at, one.name) for one in points if (at := one.ours) and not one.printed]
    name_points(axes, named, avoid)
    return figure


def _set_ticks(axes: Axes, costs: Sequence[float]) -> None:
    """Set the ticks among the points, and one to each side: a scale is read from two ticks."""
    low, high = min(costs), max(costs)
    below = [i for i, tick in enumerate(TICKS) if tick <= low]
    above = [i for i, tick in enumerate(TICKS) if tick >= high]
    ticks = TICKS[below[-1] if below else 0 : above[0] + 1 if above else len(TICKS)]
    left, right = axes.get_xlim()
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlim(min(left, ticks[0]), max(right, ticks[-1]))
    axes.xaxis.set_minor_locator(NullLocator())


def _mark(axes: Axes, at: At, look: Look, name: str, *, filled: bool) -> None:
    face = look.color if filled else PAPER
    axes.plot(
        *at, look.marker, ms=SIDE, mec=look.color, mfc=face, mew=1.2, label=f"_{name}", zorder=3
    )


def _joined(axes: Axes, theirs: At, ours: At) -> list[At]:
    """Join two points; return places along the line, which labels are to leave free."""
    xs, ys = zip(theirs, ours, strict=True)
    axes.plot(xs, ys, color=INK, linewidth=0.7, zorder=2, label="_joined")
    return list(zip(np.geomspace(*xs, 8), np.linspace(*ys, 8), strict=True))


def _explain(axes: Axes, looks: Sequence[Look], *, printed: bool, ours: bool) -> None:
    """Write the legend: blocks by shape and colour, and whose number a point is."""
    marks = [
        Line2D([], [], ls="", marker=look.marker, ms=SIDE, mec=look.color, mfc=look.color)
        for look in looks
    ]
    names = [look.title for look in looks]
    if printed:
        whose = {"paper, as printed": PAPER} | ({"ours": INK} if ours else {})
        marks += [
            Line2D([], [], ls="", marker="o", ms=SIDE, mec=INK, mfc=face) for face in whose.values()
        ]
        names += whose
    axes.legend(
        marks,
        names,
        loc="lower center",
        bbox_to_anchor=(0.5, 1),
        ncols=6 if len(names) > len(looks) + 1 else 3 + (not printed),
        fontsize=7.5,
        columnspacing=1.2,
        handletextpad=0.2,
    )
