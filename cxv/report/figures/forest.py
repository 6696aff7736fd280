"""Forest plot: what every recipe or edit adds to what it is compared with, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cxv.report.figures.drawing import INK, MARKERS, PALETTE
from cxv.report.sections.differences import Axis, Difference
from cxv.report.sections.pooled import PooledDifference
from cxv.report.wording import label
from cxv.results.lookup import Gap
from cxv.statistics import ALPHA, Estimate, Pooled

LINE, BETWEEN = 0.145, 0.6  # inches a line; lines between two names
OVER_MODELS, DIAMOND = "over models", "D"
Series = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One recipe or edit of one model, or of all; differences in percentage points."""

    name: str  # of the recipe or edit
    series: Series  # model, and what else tells it from others
    parts: tuple[float, ...]  # by seed; over models, by model
    estimate: Estimate | Pooled | None
    gap: str  # why there is no number; empty if there is one


def forest_lines(
    entries: Sequence[Difference], pooled: Sequence[PooledDifference] = (), axis: Axis = "variant"
) -> tuple[Line, ...]:
    """Return the lines, those of one name together, in the order of their first mention.

    What is pooled over models comes after them.
    """
    order = list(dict.fromkeys(_name(entry, axis) for entry in entries))
    full = [_full(entry, axis) for entry in entries]
    several = [True, *(len({one[i] for one in full}) > 1 for i in (1, 2))]
    lines = [
        Line(
            name=_name(entry, axis),
            series=_told_apart(_full(entry, axis), several),
            parts=tuple(100 * value for value in entry.by_seed.values()),
            estimate=entry.estimate,
            gap=entry.cell.status if isinstance(entry.cell, Gap) else "",
        )
        for entry in entries
    ]
    lines += [
        Line(
            name=one.recipe if axis == "recipe" else one.variant,
            series=_told_apart(
                (OVER_MODELS, one.data, one.variant if axis == "recipe" else one.recipe), several
            ),
            parts=one.effects,
            estimate=one.found,
            gap="",
        )
        for one in pooled
    ]
    return tuple(sorted(lines, key=lambda line: order.index(line.name)))


def _name(entry: Difference, axis: Axis) -> str:
    return entry.row.recipe if axis == "recipe" else entry.row.variant.name


def _full(entry: Difference, axis: Axis) -> Series:
    other = entry.row.variant.name if axis == "recipe" else entry.row.recipe
    return label(entry.row.model), entry.row.dataset.name, other


def _told_apart(names: Series, several: Sequence[bool]) -> Series:
    return tuple(name for name, varies in zip(names, several, strict=True) if varies)


def forest_figure(lines: Sequence[Line], against: str = "the model as it is") -> Figure:
    """Draw a line an edit and model: mean, 95 % interval, and a tick for every seed.

    Over models it is a diamond, and a tick for every model.

    Args:
        lines: at least one, those of one name together.
        against: what they are compared with.
    """
    places = _places(lines)
    height = (max(places) + 1) * LINE
    series = list(dict.fromkeys(line.series for line in lines))
    figure = Figure(figsize=(6.4, height + 0.85), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color=INK, linewidth=0.8, label="_none")
    looks = _looks(series)
    for line, y in zip(lines, places, strict=True):
        _draw(axes, line, y, *looks[line.series])
    axes.set_ylim(max(places) + 0.8, -0.8)
    _name_lines(axes, lines, places)
    axes.set_xlabel(f"difference of top-1 to {against}, percentage points")
    marks = [Line2D([], [], marker=marker, color=color, ms=4.5) for marker, color in looks.values()]
    names = [", ".join(parts) for parts in series]
    figure.legend(marks, names, loc="outside upper center", ncols=min(4, len(names)), fontsize=7.5)
    return figure


def _looks(series: Sequence[Series]) -> dict[Series, tuple[str, str]]:
    """Return a marker and a color for each; those over models are dark diamonds."""
    own = [one for one in series if one[0] != OVER_MODELS]
    return {
        one: (MARKERS[own.index(one) % len(MARKERS)], PALETTE[own.index(one) % len(PALETTE)])
        if one in own
        else (DIAMOND, INK)
        for one in series
    }


def _places(lines: Sequence[Line]) -> list[float]:
    """Return each line's position, in lines from the top; those of another name are set apart."""
    names = list(dict.fromkeys(line.name for line in lines))
    return [i + BETWEEN * names.index(line.name) for i, line in enumerate(lines)]


def _draw(axes: Axes, line: Line, y: float, marker: str, color: str) -> None:
    name = "-".join((line.name, *line.series))
    if line.estimate is None:
        axes.annotate(
            f"{line.series[0]}: {line.gap}",
            (0, y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7,
        )
        return
    interval = line.estimate.interval(ALPHA)
    if interval:
        axes.plot(interval, (y, y), color=color, linewidth=1.4, label=f"_interval-{name}")
    axes.plot(
        line.parts, [y] * len(line.parts), "|", color=color, ms=5, mew=0.8, alpha=0.7,
        label=f"_seeds-{name}",
    )  # fmt: skip
    axes.plot(line.estimate.mean, y, marker, color=color, ms=4.5, label=f"_mean-{name}", zorder=3)


def _name_lines(axes: Axes, lines: Sequence[Line], places: Sequence[float]) -> None:
    found: dict[str, list[float]] = {}
    for line, y in zip(lines, places, strict=True):
        found.setdefault(line.name, []).append(y)
    axes.set_yticks([fmean(ys) for ys in found.values()], _in_words(found))
    axes.tick_params(axis="y", length=0)
    for ys in list(found.values())[1:]:
        axes.axhline(min(ys) - (1 + BETWEEN) / 2, color=INK, linewidth=0.3, alpha=0.5)


def _in_words(names: Mapping[str, object]) -> list[str]:
    return [name.replace("_", " ") for name in names]
