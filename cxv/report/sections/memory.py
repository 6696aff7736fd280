"""The paper's Figure 2: top-1 against memory, the printed points and ours; or ours alone."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from cxv.paper.cells import PAPER_BATCH
from cxv.report.figures.drawing import INK, PAPER
from cxv.report.figures.label_placement import Point, name_points
from cxv.report.sections.figure_points import (
    FAMILIES,
    Family,
    Ours,
    PrintedRow,
    family,
    short_name,
)

DATASET = "cifar10"
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)  # GB
SIDE = 6.0  # points, of a marker
At = tuple[float, float]


def memory_figure(
    printed: Mapping[str, PrintedRow],
    ours: Sequence[Ours],
    images: str = "CIFAR-10",
    batch: int = PAPER_BATCH,
) -> Figure:
    """Draw the printed points hollow, ours filled, and a line between the two of one model.

    Args:
        printed: Table 1, by row, to be held against ours on CIFAR-10; or nothing.
        ours: those without a profile are not drawn.
        images: what they are called.
        batch: images of the step whose memory it is.
    """
    theirs = {zoo: (row.memory_gb, row.top1[DATASET]) for zoo, row in printed.items()}
    shown = [(x, (x.memory_gb, x.top1)) for x in ours if x.memory_gb is not None]
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log")
    axes.set(xlabel=f"GPU memory at a batch of {batch}, GB", ylabel=f"top-1 on {images}, %")
    avoid: list[At] = []
    for one, at in shown:
        if one.zoo in theirs:
            avoid += _joined(axes, theirs[one.zoo], at)
        _mark(axes, at, family(one.zoo), f"ours-{one.zoo}", filled=True)
    for zoo, at in theirs.items():
        _mark(axes, at, family(zoo), f"printed-{zoo}", filled=False)
    axes.margins(0.08)
    _set_ticks(axes, [gb for gb, _ in (*theirs.values(), *(at for _, at in shown))])
    _explain(axes, printed=bool(theirs), ours=bool(shown))
    points = [Point(*at, short_name(zoo)) for zoo, at in theirs.items()]
    points += [Point(*at, one.name) for one, at in shown if one.zoo not in theirs]
    name_points(axes, points, avoid)
    return figure


def _set_ticks(axes: Axes, gb: Sequence[float]) -> None:
    """Set the ticks among the points, and one to each side: a scale is read from two ticks."""
    low, high = min(gb), max(gb)
    below = [i for i, tick in enumerate(TICKS) if tick <= low]
    above = [i for i, tick in enumerate(TICKS) if tick >= high]
    ticks = TICKS[below[-1] if below else 0 : above[0] + 1 if above else len(TICKS)]
    left, right = axes.get_xlim()
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlim(min(left, ticks[0]), max(right, ticks[-1]))
    axes.xaxis.set_minor_locator(NullLocator())


def _mark(axes: Axes, at: At, look: Family, name: str, *, filled: bool) -> None:
    face = look.color if filled else PAPER
    axes.plot(
        *at, look.marker, ms=SIDE, mec=look.color, mfc=face, mew=1.2, label=f"_{name}", zorder=3
    )


def _joined(axes: Axes, theirs: At, ours: At) -> list[At]:
    """Join two points; return places along the line, which labels are to leave free."""
    xs, ys = zip(theirs, ours, strict=True)
    axes.plot(xs, ys, color=INK, linewidth=0.7, zorder=2, label="_joined")
    return list(zip(np.geomspace(*xs, 8), np.linspace(*ys, 8), strict=True))


def _explain(axes: Axes, *, printed: bool, ours: bool) -> None:
    """Write the legend: families by shape and colour, and whose number a point is."""
    marks = [
        Line2D([], [], ls="", marker=look.marker, ms=SIDE, mec=look.color, mfc=look.color)
        for look in FAMILIES.values()
    ]
    names = [look.title for look in FAMILIES.values()]
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
        ncols=6 if len(names) > len(FAMILIES) + 1 else 3 + (not printed),
        fontsize=7.5,
        columnspacing=1.2,
        handletextpad=0.2,
    )
