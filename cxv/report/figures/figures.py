"""Which figures a study's report shows apart from learning curves, and why one is left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure

from cxv.paper.load_claims import Paper
from cxv.paper.paper_spec import AccuracyAgainstCost, PeakMemory, PrintedAgainstOurs
from cxv.records.atomic_files import replacing, write
from cxv.report.figures.accuracy_against_cost import cost_figure
from cxv.report.figures.architecture import architecture_figure
from cxv.report.figures.drawing import Picture, house_style, png, standalone
from cxv.report.figures.effects import NO_EFFECTS, Effects, effect_plots
from cxv.report.figures.graph import study_graph
from cxv.report.figures.illustration import Illustration, drawn
from cxv.report.figures.learning_curves import Panel, learning_curves, load_curves
from cxv.report.figures.scatter import scatter_figure
from cxv.report.sections.augmentation import augmentation_figure
from cxv.report.sections.figure_points import (
    GROUP_LOOKS,
    Cells,
    cost_label,
    cost_points,
    looks,
    memory_label,
    own,
    panels,
)
from cxv.report.wording import anchor, label
from cxv.results.lookup import ExamplesLookup, Gap, ModelSummaryLookup
from cxv.results.table import Row, Table


@dataclass(frozen=True, slots=True)
class Shown:
    """What figures show that is not in a study's table."""

    model_summaries: Sequence[ModelSummaryLookup] = ()
    examples: Sequence[ExamplesLookup] = ()
    paper: Paper | None = None
    cells: Cells = field(default_factory=dict)  # of the paper's tables


NOTHING = Shown()
OPENINGS = ("recipes", "ablations", "memory")


@dataclass(frozen=True, slots=True)
class Pictures:
    """All that is drawn of a study."""

    illustrations: tuple[Illustration, ...]
    curves: tuple[tuple[Row, Picture], ...]
    graph: Picture

    @classmethod
    def of(
        cls,
        table: Table,
        shown: Shown = NOTHING,
        effects: Effects = NO_EFFECTS,
    ) -> "Pictures":
        """Draw a study from its records; without a paper, no figure of one."""
        return cls(
            illustrations(table, shown, effects),
            tuple(_curves(table)),
            study_graph(table, name="graph"),
        )

    @property
    def opening(self) -> Illustration | None:
        """The picture above all tables: what was compared, else what the models cost."""
        ready = (one for one in self.illustrations if one.picture)
        return next((one for one in ready if one.name in OPENINGS), None)

    @property
    def all(self) -> tuple[Picture, ...]:
        """Every picture, in the order of the page."""
        ready = (one.picture for one in self.illustrations)
        return (*filter(None, ready), *(picture for _, picture in self.curves), self.graph)


NO_PICTURES = Pictures((), (), Picture("", "", 0.0, Figure))
"""For whoever wants the numbers of a report alone: to draw a study takes seconds."""


def save(pictures: Pictures, folder: Path) -> None:
    """Write each as ``<name>.svg`` and ``<name>.png``, the same bytes for the same records."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in pictures.all:
        write(folder / f"{one.name}.svg", standalone(one.svg))
        with replacing(folder / f"{one.name}.png") as file:
            file.write(png(one.draw()))


def _curves(table: Table) -> Iterator[tuple[Row, Picture]]:
    """Yield a panel a chain; one that another chain continues is drawn inside that one."""
    chains = {run.id for row in table.rows for seed in row.seeds for run in seed.spec.chain[:-1]}
    panel = Panel()
    for row in table.rows:
        if any(seed.spec.id not in chains for seed in row.seeds):
            curves = load_curves(row, table)
            if any(curves.values()):
                yield row, learning_curves(curves, panel, name=f"curves-{anchor(row)}")


def illustrations(
    table: Table,
    shown: Shown,
    effects: Effects = NO_EFFECTS,
) -> tuple[Illustration, ...]:
    """Return the figures of a study, each drawn from its records alone."""
    with house_style():
        return (
            *effect_plots(effects),
            *_accuracy(table, shown),
            *map(_architecture, shown.model_summaries),
            *map(_augmentation, shown.examples),
        )


def _accuracy(table: Table, shown: Shown) -> Iterator[Illustration]:
    """Yield the paper's figures of top-1; a study without a point of them has one of its own."""
    paper = shown.paper
    figures = paper.printed.paper.figures if paper else ()
    against_cost = [one for one in figures if isinstance(one, AccuracyAgainstCost)]
    touched = [one for one in against_cost if _is_touched(one, shown.cells)]
    if not touched:
        yield _own_memory(table)
    for one in figures:
        if paper and isinstance(one, AccuracyAgainstCost) and one in touched:
            yield _cost(one, shown.cells, paper)
        if paper and isinstance(one, PrintedAgainstOurs):
            yield _printed_against_ours(one, shown.cells, paper)


def _is_touched(figure: AccuracyAgainstCost, cells: Cells) -> bool:
    place = (figure.table, figure.y)
    return any(x.asked for x in cells.values() if (x.printed.table, x.printed.column) == place)


def _cost(figure: AccuracyAgainstCost, cells: Cells, paper: Paper) -> Illustration:
    file = paper.printed.paper
    points = list(cost_points(figure, cells, file))
    if not any(one.ours for one in points):
        why = "no model has every run and the cost of a point in this study"
        return Illustration(figure.name, figure.title, "", None, why)
    column = file.tables[figure.table].columns[figure.x]
    metric = file.metrics[column.metric or ""]
    images = next(
        x.of.dataset
        for x in cells.values()
        if (x.printed.table, x.printed.column) == (figure.table, figure.y)
    )
    caption = f"{file.named(images)}; ours is the best of as many runs as the paper's."
    if isinstance(metric, PeakMemory):
        context = " with 0.4 GB of CUDA context" * metric.context
        caption += (
            f" Memory is the peak of a training step of {metric.batch} images{context}, predicted"
            " unless measured on a GPU like the paper's; of the paper, as printed."
        )
    plot = cost_figure(
        points,
        looks=list(dict.fromkeys(looks(file).values())),
        cost=cost_label(figure, file),
        images=file.named(images),
    )
    return drawn(figure.name, figure.title, caption, plot)


def _own_memory(table: Table) -> Illustration:
    """Draw the models of a study against the memory that they need."""
    name, title = "memory", "Top-1 against GPU memory"
    found = own(table)
    if found is None:
        return Illustration(name, title, "", None, "no model has a finished run and a profile")
    caption = (
        f"The models of this study on {found.dataset}, trained by {found.recipe}, mean over seeds."
        " Memory is the predicted peak of a training step, without a CUDA context."
    )
    figure = cost_figure(
        found.points,
        looks=[look for look in GROUP_LOOKS.values() if look in {x.look for x in found.points}],
        cost=memory_label(found.batch),
        images=found.dataset,
    )
    return drawn(name, title, caption, figure)


def _printed_against_ours(figure: PrintedAgainstOurs, cells: Cells, paper: Paper) -> Illustration:
    found = panels(figure.table, cells)
    if not found:
        why = "this study has every run of none of its numbers"
        return Illustration(figure.name, figure.title, "", None, why)
    caption = (
        "Ours is the best of as many runs as the paper's. On the line, both are the same; within"
        " the band, the paper's number counts as reproduced."
    )
    plot = scatter_figure(found, paper.printed.paper, paper.tolerances.top1)
    return drawn(figure.name, figure.title, caption, plot)


def _architecture(found: ModelSummaryLookup) -> Illustration:
    spec, record = found.spec, found.record
    name, title = f"architecture-{spec.id}", f"{label(spec.model)}, as its network was built"
    if isinstance(record, Gap):
        return Illustration(name, title, "", None, record.reason)
    caption = (
        "Drawn from the modules that a forward pass went through. Blue: with parameters. Orange:"
        " residual connections. MACs of one image: of layers alone, as thop 0.0.31 counts them, and"
        " of all products."
    )
    figure = architecture_figure(record.model_summary, image_size=spec.image_size)
    return drawn(name, title, caption, figure)


def _augmentation(found: ExamplesLookup) -> Illustration:
    dataset, record = found.spec.dataset.name, found.record
    name, title = f"augmentation-{dataset}", f"Augmentation of {dataset}"
    if isinstance(record, Gap):
        return Illustration(name, title, "", None, record.reason)
    caption = (
        "Training images as they are, and below them as one epoch's draws have them, by the code"
        " that trainings use; a row for each setting of this study."
    )
    return drawn(name, title, caption, augmentation_figure(record))
