"""Top-1 as printed against ours, for every cell of the paper's Table 1 that a study has."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cxv.networks.registry import ZOO
from cxv.report.figures.drawing import INK
from cxv.report.figures.label_placement import Point, name_points
from cxv.report.sections.figure_points import FAMILIES, Ours, PrintedRow, family, short_name
from cxv.results.selection import DATASETS

SIDE = 5.5  # points, of a marker
INCHES = 3.4  # of a panel
TITLES = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100", "tiny_imagenet": "Tiny ImageNet"}


def scatter_figure(
    printed: Mapping[str, PrintedRow], ours: Sequence[Ours], tolerances: Mapping[str, float]
) -> Figure:
    """Draw a panel a dataset: a point on the diagonal is the paper's number.

    Args:
        printed: Table 1, by row.
        ours: at least one cell.
        tolerances: dataset -> percentage points from the diagonal within which the paper's
            number counts as reproduced.
    """
    datasets = [name for name in DATASETS if any(cell.dataset == name for cell in ours)]
    figure = Figure(figsize=(INCHES * len(datasets), INCHES + 0.35), layout="constrained")
    panels = figure.subplots(1, len(datasets), squeeze=False)[0]
    for axes, dataset in zip(panels, datasets, strict=True):
        cells = [cell for cell in ours if cell.dataset == dataset]
        _panel(axes, [(printed[cell.zoo].top1[dataset], cell) for cell in cells])
        _band(axes, tolerances[dataset])
        axes.set_title(TITLES[dataset], fontsize=9)
    panels[0].set_ylabel("top-1 of ours, best of three, %")
    shown = {ZOO[cell.zoo].group for cell in ours}
    looks = [look for group, look in FAMILIES.items() if group in shown]
    marks = [Line2D([], [], ls="", marker=look.marker, ms=SIDE, color=look.color) for look in looks]
    names = [look.title for look in looks]
    figure.legend(marks, names, loc="outside upper center", ncols=len(looks), fontsize=7.5)
    for axes, dataset in zip(panels, datasets, strict=True):
        _name(axes, [(printed[x.zoo].top1[dataset], x) for x in ours if x.dataset == dataset])
    return figure


def _panel(axes: Axes, pairs: Sequence[tuple[float, Ours]]) -> None:
    for theirs, cell in pairs:
        look = family(cell.zoo)
        axes.plot(
            theirs, cell.top1, look.marker, ms=SIDE, color=look.color, zorder=3,
            label=f"_{cell.zoo}",
        )  # fmt: skip
    values = [value for theirs, cell in pairs for value in (theirs, cell.top1)]
    room = max(2.0, 0.12 * (max(values) - min(values)))
    limits = min(values) - room, max(values) + room
    axes.set(xlim=limits, ylim=limits, aspect="equal", xlabel="top-1 as printed, %")


def _band(axes: Axes, tolerance: float) -> None:
    ends = axes.get_xlim()
    axes.plot(ends, ends, color=INK, linewidth=0.7, zorder=1, label="_identity")
    low, high = ([end + sign * tolerance for end in ends] for sign in (-1, 1))
    axes.fill_between(ends, low, high, color=INK, alpha=0.18, linewidth=0, label="_band")


def _name(axes: Axes, pairs: Sequence[tuple[float, Ours]]) -> None:
    points = [Point(theirs, cell.top1, short_name(cell.zoo)) for theirs, cell in pairs]
    name_points(axes, points)
