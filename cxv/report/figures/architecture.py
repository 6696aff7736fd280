"""A network drawn from its modules, from the image down to the logits.

Nothing is drawn that no hook has seen: modules, what leaves them, and what they cost.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from cxv.records.model_summary import ModuleSummary
from cxv.report.figures.drawing import INK, PALETTE, PAPER

WIDTH = 6.5  # inches, as all below
LEFT, RIGHT = 0.62, 3.5  # edges of a box
FLOW = (LEFT + RIGHT) / 2
COLUMNS = (4.45, 5.1, 5.77, 6.42)  # right edges: see HEADINGS
HEADINGS = ("output", "params", "thop", "all")
LINE, GAP, PADDING = 0.165, 0.17, 0.035
RADIUS = 0.07  # of a sum
SKIP, INNER = 0.3, 0.13  # from a box to a residual connection; less for one within another
TEXT = 7.5  # points
NONE = "\N{EN DASH}"
SMALL = 10_000  # MACs, printed with a digit more
FRAMED = 2
"""Chains down to this depth get a frame with their name: stem, layers."""


@dataclass(frozen=True, slots=True)
class Box:
    """One module; the first line is its own, the others are its parts'."""

    top: float
    bottom: float
    lines: tuple[ModuleSummary, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Where a residual connection comes back."""

    y: float
    begins: float  # where it left
    level: int  # of nesting

    @property
    def top(self) -> float:
        """Upper end of the circle."""
        return self.y - RADIUS

    @property
    def bottom(self) -> float:
        """Lower end of the circle."""
        return self.y + RADIUS


@dataclass(frozen=True, slots=True)
class Frame:
    """Blocks that belong together; ``count`` alike are drawn once."""

    top: float
    bottom: float
    title: str
    count: int


@dataclass(slots=True)
class Layout:
    """What is drawn where, in inches from the top; filled in from the image on."""

    y: float = 0.0
    stops: list[Box | Sum] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)

    def add(self, block: ModuleSummary, *, depth: int = 0, level: int = 0) -> None:
        """Lay out a block and all within it below what is there."""
        if block.form == "whole":
            self._box(block, depth)
        elif block.form == "residual":
            begins = self.y - GAP / 2
            for part in block.parts:
                self.add(part, depth=depth + 1, level=level + 1)
            self.stops.append(Sum(self.y + RADIUS, begins, level))
            self.y += 2 * RADIUS + GAP
        else:
            for part, count in _alike(block.parts):
                self._step(part, count, depth + 1, level)

    def _step(self, block: ModuleSummary, count: int, depth: int, level: int) -> None:
        is_framed = block.form == "chain" and depth <= FRAMED and not _holds_layers(block, depth)
        if not (is_framed or count > 1):
            self.add(block, depth=depth, level=level)
            return
        top = self.y - GAP / 4
        self.y += LINE + GAP / 2
        self.add(block, depth=depth, level=level)
        self.frames.append(Frame(top, self.y - GAP / 2, _span(block.name, count), count))
        self.y += GAP / 2

    def _box(self, block: ModuleSummary, depth: int) -> None:
        lines = (block, *block.parts)
        bottom = self.y + len(lines) * LINE + 2 * PADDING
        title = (
            f"{block.name}: {_describe_module(block)}" if depth <= 1 else _describe_module(block)
        )
        self.stops.append(Box(self.y, bottom, lines, title))
        self.y = bottom + GAP


def _holds_layers(block: ModuleSummary, depth: int) -> bool:
    """Return whether a chain is one of layers, which get a frame each, not a layer itself."""
    return depth < FRAMED and any(part.form == "chain" for part in block.parts)


def _alike(parts: Sequence[ModuleSummary]) -> Iterator[tuple[ModuleSummary, int]]:
    """Yield the first of each series of chains that are built alike, and how many they are."""
    for _, group in groupby(parts, key=lambda part: part.pattern):
        first, *others = group
        if first.form == "chain":
            yield first, 1 + len(others)
        else:
            yield from ((block, 1) for block in (first, *others))


def _span(name: str, count: int) -> str:
    """Return ``layers.1`` or ``layers.1 to layers.4``."""
    stem, _, number = name.rpartition(".")
    return f"{name} to {stem}.{int(number) + count - 1}" if count > 1 else name


def _describe_module(block: ModuleSummary) -> str:
    return " ".join(filter(None, (block.kind, block.detail)))


def architecture_figure(model_summary: ModuleSummary, *, image_size: int) -> Figure:
    """Draw a network.

    Args:
        model_summary: of the network.
        image_size: pixels a side of the images that it was watched with.
    """
    layout = Layout(y=0.66)
    layout.add(model_summary)
    height = layout.y + 0.3
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    _write_headings(axes)
    axes.text(FLOW, 0.33, f"image {_shape((3, image_size, image_size))}", size=TEXT, ha="center")
    for frame in layout.frames:
        _draw_frame(axes, frame)
    ends = [0.42, *(stop.bottom for stop in layout.stops)]
    for top, bottom in zip(ends, [stop.top for stop in layout.stops], strict=False):
        _arrow(axes, (FLOW, top), (FLOW, bottom))
    for stop in layout.stops:
        if isinstance(stop, Box):
            _draw_box(axes, stop)
        else:
            _draw_sum(axes, stop)
    _write_numbers(axes, layout.y + 0.02, model_summary)
    axes.text(LEFT, layout.y + 0.02, "in all", size=TEXT, va="center", weight="bold")
    return figure


def _write_headings(axes: Axes) -> None:
    for x, heading in zip(COLUMNS, HEADINGS, strict=True):
        axes.text(x, 0.33, heading, size=TEXT, ha="right", va="center")
    axes.text(sum(COLUMNS[2:]) / 2 - 0.1, 0.13, "million MACs", size=TEXT, ha="center", va="center")


def _draw_frame(axes: Axes, frame: Frame) -> None:
    corner, size = (LEFT - 0.5, frame.top), (RIGHT - LEFT + 0.62, frame.bottom - frame.top)
    style = "round,pad=0,rounding_size=0.08"
    axes.add_patch(
        FancyBboxPatch(corner, *size, style, fc=INK, ec="none", alpha=0.1, label="frame")
    )
    y = frame.top + LINE / 2 + 0.04
    axes.text(LEFT - 0.42, y, frame.title, size=TEXT, va="center", weight="bold")
    if frame.count > 1:
        words = f"{frame.count} alike, numbers of one"
        axes.text(RIGHT, y, words, size=TEXT, ha="right", va="center")


def _draw_box(axes: Axes, box: Box) -> None:
    style = "round,pad=0,rounding_size=0.05"
    size = (RIGHT - LEFT, box.bottom - box.top)
    is_learnt = box.lines[0].params > 0
    edge, width = (PALETTE[0], 1.1) if is_learnt else (INK, 0.6)
    axes.add_patch(
        FancyBboxPatch((LEFT, box.top), *size, style, fc=PAPER, ec=edge, lw=width, label="box")
    )
    first, *parts = box.lines
    y = box.top + PADDING + LINE / 2
    axes.text(LEFT + 0.08, y, box.title, size=TEXT, va="center")
    _write_numbers(axes, y, first)
    for i, part in enumerate(parts, start=1):
        name = part.name.removeprefix(f"{first.name}.")
        words = f"{name}: {_describe_module(part)}"
        axes.text(LEFT + 0.2, y + i * LINE, words, size=TEXT - 1, va="center", alpha=0.9)
        _write_numbers(axes, y + i * LINE, part, size=TEXT - 1)


def _write_numbers(axes: Axes, y: float, block: ModuleSummary, size: float = TEXT) -> None:
    numbers = (
        _shape(block.shape),
        f"{block.params:,}" if block.params else NONE,
        *map(_millions, block.macs.values()),
    )
    for x, number in zip(COLUMNS, numbers, strict=True):
        axes.text(x, y, number, size=size, ha="right", va="center")


def _millions(macs: int) -> str:
    if not macs:
        return NONE
    return f"{macs / 1e6:,.2f}" if macs >= SMALL else f"{macs / 1e6:.3f}"


def _shape(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))  # noqa: RUF001 - a sign of multiplication


def _draw_sum(axes: Axes, at: Sum) -> None:
    """Draw the circle, and the connection from above the branch down to it."""
    x = LEFT - SKIP + INNER * at.level
    axes.plot(
        (FLOW, x, x, FLOW - RADIUS), (at.begins, at.begins, at.y, at.y),
        color=PALETTE[1], linewidth=1.1, label="_residual", solid_joinstyle="round",
    )  # fmt: skip
    axes.add_patch(Circle((FLOW, at.y), RADIUS, fc=PAPER, ec=PALETTE[1], lw=1.1, label="sum"))
    reach = 0.6 * RADIUS
    for dx, dy in ((reach, 0), (0, reach)):
        axes.plot((FLOW - dx, FLOW + dx), (at.y - dy, at.y + dy), color=PALETTE[1], linewidth=1)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>,head_width=0.12,head_length=0.22", "color": INK, "linewidth": 0.8}
    axes.annotate("", end, start, arrowprops={**style, "shrinkA": 0, "shrinkB": 0})
