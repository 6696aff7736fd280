"""Learning curves, as SVG that follows the page into dark mode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, product, takewhile

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cxv.records.history import Epoch, load_history
from cxv.report.figures.drawing import DASHES, PALETTE, Picture, house_style, redrawn
from cxv.results.lookup import Gap, RunLookup
from cxv.results.table import Row, Table

SIZE = (3.6, 2.9)  # inches
POINTS = 72  # an inch
LEFT, RIGHT, BOTTOM, TOP, BETWEEN = 45.0, 4.0, 30.0, 22.0, 6.0  # points around the axes
SMALL = 7.5  # points, of phases and seeds
CHARACTER = 0.7 * SMALL  # as wide as most fonts have it
STOREY, GAP_POINTS = 9.0, 5.0  # points
STOREYS = 2
"""What is left free for the names of phases; more of them make the axes lower."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The epochs of one link of a chain."""

    phase: str
    epochs: tuple[Epoch, ...]


Curves = Mapping[int, tuple[Stretch, ...]]
"""The links of every seed, first to last."""


def load_curves(row: Row, table: Table) -> Curves:
    """Return the histories next to the records of a row, up to the first link without a record."""
    links = {run.spec.id: run for run in table.runs}
    return {
        seed.spec.seed: tuple(
            Stretch(link.spec.phase.name, load_history(link.path.with_name("history.csv")))
            for link in takewhile(_is_made, (links[run.id] for run in seed.spec.chain))
        )
        for seed in row.seeds
    }


def _is_made(link: RunLookup) -> bool:
    return not isinstance(link.record, Gap) and link.path.with_name("history.csv").exists()


def switches(stretches: Sequence[Stretch]) -> list[float]:
    """Return where each later phase begins: half an epoch after the phase before ended."""
    return [ends + 0.5 for ends in accumulate(len(stretch.epochs) for stretch in stretches[:-1])]


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a phase over the axes."""

    text: str
    x: float  # points from the left edge of the axes
    storey: int

    @property
    def ends(self) -> float:
        """Its right end, in points."""
        return self.x + CHARACTER * len(self.text)


def phase_names(texts: Sequence[str], starts: Sequence[float], width: float) -> list[Name]:
    """Place names where their phases begin, each on the lowest storey that is free there.

    Args:
        texts: of the phases.
        starts: in points from the left edge of the axes, rising.
        width: of the axes in points; names that would leave it are moved to the left.
    """
    names: list[Name] = []
    for text, start in zip(texts, starts, strict=True):
        x = max(0.0, min(start, width - CHARACTER * len(text)))
        taken = {name.storey for name in names if name.ends + GAP_POINTS > x}
        storey = next(level for level in range(len(names) + 1) if level not in taken)
        names.append(Name(text, x, storey))
    return names


class Panel:
    """Top-1 over loss by epoch, again and again on one figure: its axes take long to make."""

    def __init__(self) -> None:
        with house_style():
            self.figure = Figure(figsize=SIZE)
            self.accuracy, self.loss = self.figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
            self.wide, self.tall = (side * POINTS for side in SIZE)
            self.width = self.wide - LEFT - RIGHT  # of the axes, in points
            self.loss.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            self.accuracy.yaxis.set_major_locator(MaxNLocator(5))
            self.loss.yaxis.set_major_locator(MaxNLocator(3))
            self.accuracy.set_ylabel("top-1, %")
            self.loss.set(ylabel="loss, nats", xlabel="epoch of the chain")
            for axes in (self.accuracy, self.loss):
                axes.tick_params(bottom=False, left=False)  # numbers alone: a page has many panels
                axes.yaxis.set_label_coords(-(LEFT - 12) / self.width, 0.5)

    def draw(self, curves: Curves) -> Figure:
        """Draw in place of what was there; the figure lasts until the next call.

        A vertical line, in the colour of its seed, marks each switch of phase.
        """
        for axes in (self.accuracy, self.loss):
            for artist in [*axes.lines, *axes.texts]:
                artist.remove()
            axes.relim()
            axes.autoscale()
        with house_style():
            for index, (seed, stretches) in enumerate(curves.items()):
                self._draw_seed(index, seed, stretches)
            self._limit(max(map(_length, curves.values()), default=0))
            self._name_phases(max(curves.values(), key=len, default=()))
            self.accuracy.legend(
                title="seed", loc="lower right", fontsize=SMALL, title_fontsize=SMALL
            )
        return self.figure

    def _draw_seed(self, index: int, seed: int, stretches: Sequence[Stretch]) -> None:
        if not stretches:
            return
        style = {"color": PALETTE[index % len(PALETTE)], "linestyle": DASHES[index % len(DASHES)]}
        epochs = list(chain.from_iterable(stretch.epochs for stretch in stretches))
        steps = range(1, len(epochs) + 1)
        self.accuracy.plot(steps, [100 * epoch.top1 for epoch in epochs], label=f"{seed}", **style)
        self.loss.plot(steps, [epoch.loss for epoch in epochs], **style)
        for axes, switch in product((self.accuracy, self.loss), switches(stretches)):
            axes.axvline(switch, color=style["color"], linewidth=0.8, alpha=0.6, label="_switch")

    def _limit(self, epochs: int) -> None:
        margin = 0.03 * epochs
        self.loss.set_xlim(0.5 - margin, epochs + 0.5 + margin)

    def _name_phases(self, stretches: Sequence[Stretch]) -> None:
        """Write each phase's name over the axes, where the longest-living seed enters it."""
        low, high = self.accuracy.get_xlim()
        scale = self.width / (high - low)  # points an epoch
        starts = [scale * (start - low) for start in (0.5, *switches(stretches))]
        texts = [stretch.phase for stretch in stretches]
        names = phase_names(texts, starts[: len(texts)], self.width)
        storeys = max((name.storey + 1 for name in names), default=0)
        self._lay_out(TOP + STOREY * max(0, storeys - STOREYS))
        for name in names:
            self.accuracy.annotate(
                name.text,
                (0, 1),
                xycoords="axes fraction",
                xytext=(name.x, 2 + STOREY * name.storey),
                textcoords="offset points",
                fontsize=SMALL,
            )

    def _lay_out(self, top: float) -> None:
        """Leave ``top`` points over the axes."""
        height = self.tall - top - BOTTOM
        self.figure.subplots_adjust(
            left=LEFT / self.wide,
            right=1 - RIGHT / self.wide,
            bottom=BOTTOM / self.tall,
            top=1 - top / self.tall,
            hspace=BETWEEN / ((height - BETWEEN) / 2),
        )


def _length(stretches: Sequence[Stretch]) -> int:
    return sum(len(stretch.epochs) for stretch in stretches)


def curves_figure(curves: Curves) -> Figure:
    """Return a panel on a figure of its own."""
    return Panel().draw(curves)


def learning_curves(curves: Curves, panel: Panel, *, name: str) -> Picture:
    """Return top-1 and training loss over all epochs of the chain, a line a seed.

    Args:
        curves: at least one seed with an epoch.
        panel: to draw on.
        name: what the ids of the SVG begin with, unique on a page.
    """
    return redrawn(
        partial(panel.draw, curves), name, "Top-1 and training loss by epoch, a line a seed"
    )
