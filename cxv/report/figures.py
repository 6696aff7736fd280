"""Learning curves and the graph of a study, as SVG that follows the page into dark mode."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, product, takewhile
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from cxv.history import Epoch, load_history
from cxv.report.drawing import DASHES, INK, PALETTE, PAPER, Picture, house_style, picture
from cxv.report.evidence import Gap, RunEvidence
from cxv.report.tables import Row, Table


@dataclass(frozen=True, slots=True)
class Stretch:
    """The epochs of one link of a chain."""

    phase: str
    epochs: tuple[Epoch, ...]


Curves = Mapping[int, tuple[Stretch, ...]]
"""The links of every seed, first to last."""


def load_curves(row: Row, table: Table) -> Curves:
    """Return the histories beside the records of a row, up to the first link without a record."""
    links = {run.spec.id: run for run in table.runs}
    return {
        seed.spec.seed: tuple(
            Stretch(link.spec.phase.name, load_history(link.path.with_name("history.csv")))
            for link in takewhile(_is_made, (links[run.id] for run in seed.spec.chain))
        )
        for seed in row.seeds
    }


def _is_made(link: RunEvidence) -> bool:
    return not isinstance(link.record, Gap) and link.path.with_name("history.csv").exists()


def learning_curves(curves: Curves, *, name: str) -> Picture:
    """Return one panel: top-1 and training loss over all epochs of the chain, a line a seed.

    Args:
        curves: at least one seed with an epoch.
        name: what the ids of the SVG begin with, unique on a page.
    """
    with house_style():
        figure = curves_figure(curves)
    return picture(figure, name, "Top-1 and training loss by epoch, a line a seed")


def curves_figure(curves: Curves) -> Figure:
    """Draw the panel; a vertical line, in the colour of its seed, marks each switch of phase."""
    figure = Figure(figsize=(3.6, 2.9), layout="constrained")
    accuracy, loss = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    for index, (seed, stretches) in enumerate(curves.items()):
        if not stretches:
            continue
        style = {"color": PALETTE[index % len(PALETTE)], "linestyle": DASHES[index % len(DASHES)]}
        epochs = [epoch for stretch in stretches for epoch in stretch.epochs]
        steps = range(1, len(epochs) + 1)
        accuracy.plot(steps, [100 * epoch.top1 for epoch in epochs], label=f"{seed}", **style)
        loss.plot(steps, [epoch.loss for epoch in epochs], **style)
        for axes, switch in product((accuracy, loss), switches(stretches)):
            axes.axvline(switch, color=style["color"], linewidth=0.8, alpha=0.6, label="_switch")
    _name_phases(accuracy, curves)
    accuracy.set_ylabel("top-1, %")
    accuracy.legend(title="seed", loc="lower right", fontsize=7.5, title_fontsize=7.5)
    loss.set(ylabel="loss, nats", xlabel="epoch of the chain")
    loss.xaxis.get_major_locator().set_params(integer=True)
    return figure


def switches(stretches: Sequence[Stretch]) -> list[float]:
    """Return where each later phase begins: half an epoch after the phase before ended."""
    return [ends + 0.5 for ends in accumulate(len(stretch.epochs) for stretch in stretches[:-1])]


def _name_phases(axes: Axes, curves: Curves) -> None:
    """Write each phase's name over the axes, where the longest-living seed enters it."""
    stretches = max(curves.values(), key=len, default=())
    starts = [0.5, *switches(stretches)]
    for index, (start, stretch) in enumerate(zip(starts, stretches, strict=False)):
        axes.annotate(
            stretch.phase,
            (start, 1),
            xycoords=("data", "axes fraction"),
            xytext=(2, 2 + 9 * (index % 2)),  # two storeys: neighbours do not collide
            textcoords="offset points",
            fontsize=7.5,
        )


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
