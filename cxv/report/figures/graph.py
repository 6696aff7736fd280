"""The graph of a study, as SVG that follows the page into dark mode."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from cxv.report.figures.drawing import INK, PAPER, Picture, house_style, picture
from cxv.results.table import Table


def study_graph(table: Table, *, name: str) -> Picture:
    """Return datasets -> links, shared beginnings once -> profiles -> table -> report.

    The outline of a box is heavy where its numbers are printed in the table.
    """
    with house_style():
        figure = graph_figure(table)
    return picture(figure, name, "From the images to the report")


def graph_figure(table: Table) -> Figure:
    """Draw the graph, left to right."""
    return _drawn(*_laid_out(table))


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the graph, by column and row."""

    column: int
    row: float
    text: str
    is_printed: bool = False


ROUNDED = "round,pad=0,rounding_size=0.07"


def _laid_out(table: Table) -> tuple[list[Box], list[tuple[Box, Box]]]:
    """Place the links by the tree of their beginnings; the rest stands before and after it."""
    counts = Counter(run.spec.links for run in table.runs)
    leaves = sorted(chain for chain in counts if all(chain != other[:-1] for other in counts))
    printed = {tuple(phase.name for phase in row.phases) for row in table.rows}
    links = {
        chain: Box(
            len(chain),
            fmean(i for i, leaf in enumerate(leaves) if leaf[: len(chain)] == chain),
            f"{chain[-1]}\n{_counted(count, 'run')}",
            chain in printed,
        )
        for chain, count in counts.items()
    }
    last, middle = max(map(len, counts)) + 1, len(leaves) / 2
    profiles = Box(
        1, float(len(leaves)), f"profiles\n{_counted(len(table.profiles), 'model')}", True
    )
    end, report = Box(last, middle, f"table\n{table.study}"), Box(last + 1, middle, "report")
    names = dict.fromkeys(row.dataset.name for row in table.rows)
    datasets = {
        name: Box(0, middle + index - (len(names) - 1) / 2, f"{name}\nimages")
        for index, name in enumerate(names)
    }
    starts = dict.fromkeys((run.spec.dataset.name, run.spec.links[:1]) for run in table.runs)
    edges = [
        *((datasets[name], links[chain]) for name, chain in starts),
        *((box, profiles) for box in datasets.values()),
        *((links[chain[:-1]], box) for chain, box in links.items() if len(chain) > 1),
        *((links[leaf], end) for leaf in leaves),
        (profiles, end),
        (end, report),
    ]
    return [*datasets.values(), *links.values(), profiles, end, report], edges


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count > 1 else ''}"


def _drawn(boxes: Sequence[Box], edges: Iterable[tuple[Box, Box]]) -> Figure:
    """Draw in inches, the lowest row at the top."""
    longest = max(len(line) for box in boxes for line in box.text.splitlines())
    wide, tall, gap, step = 0.3 + 0.07 * longest, 0.44, 0.4, 0.62
    columns, rows = [box.column for box in boxes], [box.row for box in boxes]
    top, height = min(rows), max(rows) - min(rows) + 1
    size = ((max(columns) + 1) * (wide + gap) - gap + 0.1, height * step)
    figure = Figure(figsize=size)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(-0.05, size[0] - 0.05), ylim=(size[1], 0))
    axes.set_axis_off()

    def at(box: Box) -> tuple[float, float]:
        return box.column * (wide + gap), (box.row - top + 0.5) * step

    for start, end in edges:
        (x, y), (to_x, to_y) = at(start), at(end)
        near = to_x - gap  # straight along its own row, then over the last gap
        bend = [(near + gap / 2, y), (near + gap / 2, to_y), (to_x, to_y)]
        corners = [(x + wide, y), (near, y), *bend]
        codes = [Path.MOVETO, Path.LINETO, *[Path.CURVE4] * 3]
        axes.add_patch(PathPatch(Path(corners, codes), fill=False, edgecolor=INK, linewidth=0.8))
    for box in boxes:
        x, y = at(box)
        width = 1.8 if box.is_printed else 0.8
        corner = (x, y - tall / 2)
        axes.add_patch(FancyBboxPatch(corner, wide, tall, ROUNDED, fc=PAPER, ec=INK, lw=width))
        axes.text(x + wide / 2, y, box.text, ha="center", va="center", linespacing=1.3)
    return figure
