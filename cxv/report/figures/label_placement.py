"""Names next to points, none over another name or point."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox, BboxBase

from cxv.report.figures.drawing import INK

DISTANCES = (5, 10, 16, 24, 34)  # points between a label and its place, nearest tried first
DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
HORIZONTAL = {-1: "right", 0: "center", 1: "left"}
VERTICAL = {-1: "top", 0: "center", 1: "bottom"}
FREE = 4  # points around the middle of a marker
GAP_POINTS = 8  # points; a label further off is led to its point


@dataclass(frozen=True, slots=True)
class Point:
    """A place to be named, in the units of the axes."""

    x: float
    y: float
    name: str


def name_points(
    axes: Axes, points: Sequence[Point], avoid: Iterable[tuple[float, float]] = ()
) -> list[Annotation]:
    """Write the name of every point where the first free place is, or the least crowded.

    Args:
        axes: with all else drawn and limits set.
        points: to be named; no name hides another point.
        avoid: further places that no name should hide.
    """
    figure = axes.figure.get_figure(root=True)
    canvas: Any = FigureCanvasAgg(figure)
    figure.draw_without_rendering()  # lays the axes out
    unit = figure.dpi / 72  # pixels a point
    places = [(point.x, point.y) for point in points]
    taken = [
        Bbox.from_bounds(x - FREE * unit, y - FREE * unit, 2 * FREE * unit, 2 * FREE * unit)
        for x, y in axes.transData.transform([*places, *avoid])
    ]
    labels = []
    for point in sorted(points, key=lambda point: (-point.y, point.x)):
        label = axes.text(point.x, point.y, point.name, fontsize=7.5)
        extent = label.get_window_extent(canvas.get_renderer())
        label.remove()
        x, y = axes.transData.transform((point.x, point.y))
        offsets = [(d * right, d * up) for d, (right, up) in product(DISTANCES, DIRECTIONS)]
        boxes = [_box(x, y, unit, (extent.width, extent.height), offset) for offset in offsets]
        hidden = _hidden(boxes, taken)
        costs = [area + _outside(box, axes.bbox) for area, box in zip(hidden, boxes, strict=True)]
        best = costs.index(min(costs))
        taken.append(boxes[best])
        labels.append(_written(axes, point, offsets[best]))
    return labels


def _box(
    x: float, y: float, unit: float, size: tuple[float, float], offset: tuple[int, int]
) -> Bbox:
    """Return the pixels of a text of ``size`` moved from a place by ``offset`` points."""
    left, bottom = (
        place + unit * off + (_sign(off) - 1) / 2 * length
        for place, off, length in zip((x, y), offset, size, strict=True)
    )
    return Bbox.from_bounds(left, bottom, *size)


def _written(axes: Axes, point: Point, offset: tuple[int, int]) -> Annotation:
    leader = {"arrowstyle": "-", "color": INK, "linewidth": 0.4, "shrinkA": 0, "shrinkB": 3}
    label = axes.annotate(
        point.name,
        (point.x, point.y),
        xytext=offset,
        textcoords="offset points",
        ha=HORIZONTAL[_sign(offset[0])],
        va=VERTICAL[_sign(offset[1])],
        fontsize=7.5,
        arrowprops=leader if max(map(abs, offset)) > GAP_POINTS else None,
    )
    label.set_in_layout(False)
    return label


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _hidden(boxes: Sequence[Bbox], taken: Sequence[Bbox]) -> list[float]:
    """Return the area that each box shares with those taken, in square pixels."""
    ours = np.array([box.extents for box in boxes])[:, None]
    theirs = np.array([box.extents for box in taken])
    lower, upper = np.maximum(ours, theirs)[..., :2], np.minimum(ours, theirs)[..., 2:]
    shared: list[float] = (upper - lower).clip(0).prod(-1).sum(-1).tolist()
    return shared


def _outside(box: Bbox, axes: BboxBase) -> float:
    inside = Bbox.intersection(box, axes)
    return box.width * box.height - (inside.width * inside.height if inside else 0)
