"""Forest plots of a study: of its recipes, and of its ablations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cxv.report.figures.forest import forest_figure, forest_lines
from cxv.report.figures.illustration import Illustration, drawn
from cxv.report.sections.differences import LEVEL, Axis, Difference
from cxv.report.sections.pooled import PooledDifference


@dataclass(frozen=True, slots=True)
class Effects:
    """What recipes and ablations add, one by one and over models."""

    single: Mapping[Axis, Sequence[Difference]]
    pooled: Mapping[Axis, Sequence[PooledDifference]]


NO_EFFECTS = Effects({"recipe": (), "variant": ()}, {"recipe": (), "variant": ()})


def effect_plots(effects: Effects) -> Iterator[Illustration]:
    """Yield a forest plot of the recipes, and one of the ablations."""
    named: tuple[tuple[Axis, str, str], ...] = (
        ("recipe", "recipes", "What each recipe adds to the first one of its model"),
        ("variant", "ablations", "What each ablation adds to the model as it is"),
    )
    for axis, name, title in named:
        single, pooled = effects.single[axis], effects.pooled[axis]
        if not single:
            continue
        caption = (
            f"A mark is the mean over the seeds that both have, a tick one seed. Lines are {LEVEL}"
            " intervals over seeds and test images, where there are three seeds."
        )
        if pooled:
            caption += (
                " A diamond is the mean over models, a tick one model; its line allows for other"
                " models."
            )
        against = {one.base.recipe for one in single} if axis == "recipe" else set()
        other = against.pop().replace("_", " ") if len(against) == 1 else "the first recipe"
        words = other if axis == "recipe" else "the model as it is"
        figure = forest_figure(forest_lines(single, pooled, axis), words)
        yield drawn(name, title, caption, figure)
