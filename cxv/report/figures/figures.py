"""Which figures a study's report shows apart from learning curves, and why one is left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from cxv.paper.load_claims import Paper
from cxv.records.atomic_files import replacing, write
from cxv.report.figures.architecture import architecture_figure
from cxv.report.figures.drawing import Picture, house_style, picture, png, standalone
from cxv.report.figures.forest import forest_figure, forest_lines
from cxv.report.figures.graph import study_graph
from cxv.report.figures.learning_curves import Panel, learning_curves, load_curves
from cxv.report.figures.scatter import scatter_figure
from cxv.report.sections.augmentation import augmentation_figure
from cxv.report.sections.differences import LEVEL, Difference
from cxv.report.sections.figure_points import PrintedRow, is_cell, ours, own, printed_rows
from cxv.report.sections.memory import DATASET, memory_figure
from cxv.report.wording import anchor, label
from cxv.results.lookup import ExamplesLookup, Gap, ModelSummaryLookup
from cxv.results.table import Row, Table


@dataclass(frozen=True, slots=True)
class Illustration:
    """A figure and what it shows, or the reason why there is none."""

    name: str  # of its file
    title: str
    caption: str
    picture: Picture | None
    why_none: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """What figures show that is not in a study's table."""

    printed: Mapping[str, PrintedRow]  # Table 1, by row
    tolerances: Mapping[str, float]  # dataset -> points of top-1
    model_summaries: Sequence[ModelSummaryLookup] = ()
    examples: Sequence[ExamplesLookup] = ()

    @classmethod
    def of(
        cls,
        paper: Paper,
        model_summaries: Sequence[ModelSummaryLookup] = (),
        examples: Sequence[ExamplesLookup] = (),
    ) -> "Sources":
        """Take the paper's numbers and how near to them is near enough."""
        tolerances = paper.tolerances.acc.model_dump()
        return cls(printed_rows(paper.printed), tolerances, model_summaries, examples)


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
        sources: Sources | None = None,
        ablations: Sequence[Difference] = (),
    ) -> "Pictures":
        """Draw a study from its records; without sources, no figure of the paper."""
        return cls(
            illustrations(table, sources, ablations) if sources else (),
            tuple(_curves(table)),
            study_graph(table, name="graph"),
        )

    @property
    def all(self) -> tuple[Picture, ...]:
        """Every picture, in the order of the page."""
        drawn = (one.picture for one in self.illustrations)
        return (*filter(None, drawn), *(picture for _, picture in self.curves), self.graph)


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
    table: Table, sources: Sources, ablations: Sequence[Difference] = ()
) -> tuple[Illustration, ...]:
    """Return the figures of a study, each drawn from its records alone."""
    with house_style():
        return (
            _memory(table, sources),
            _top1(table, sources),
            *_ablations(ablations),
            *map(_architecture, sources.model_summaries),
            *map(_augmentation, sources.examples),
        )


def _drawn(name: str, title: str, caption: str, figure: Figure) -> Illustration:
    return Illustration(name, title, caption, picture(figure, name, title))


def _memory(table: Table, sources: Sources) -> Illustration:
    name, title = "memory", "Figure 2: top-1 against GPU memory"
    if not any(map(is_cell, table.rows)):
        return _own_memory(table)
    cells = [x for x in ours(table) if x.dataset == DATASET and x.memory_gb is not None]
    if not cells:
        why = (
            "no model of Table 1 has three finished DualOpT runs on CIFAR-10 and a profile at a"
            " batch of 32 in this study"
        )
        return Illustration(name, title, "", None, why)
    caption = (
        "CIFAR-10, best of three runs. Memory is the predicted peak of a training step of 32"
        " images with 0.4 GB of CUDA context; of the paper, as printed."
    )
    return _drawn(name, title, caption, memory_figure(sources.printed, cells))


def _own_memory(table: Table) -> Illustration:
    """Draw the figure's form where the study has no model of the paper as it is."""
    name, title = "memory", "As Figure 2: top-1 against GPU memory"
    found = own(table)
    if found is None:
        return Illustration(name, title, "", None, "no model has a finished run and a profile")
    caption = (
        f"The models of this study on {found.dataset}, trained by {found.recipe}, mean over seeds."
        " Memory is the predicted peak of a training step, without a CUDA context. The paper"
        " prints no such points."
    )
    figure = memory_figure({}, found.points, found.dataset, found.batch)
    return _drawn(name, title, caption, figure)


def _top1(table: Table, sources: Sources) -> Illustration:
    name, title = "top1", "Table 1: top-1 as printed and ours"
    cells = ours(table)
    if not cells:
        why = "no cell of Table 1 has three finished DualOpT runs in this study"
        return Illustration(name, title, "", None, why)
    caption = (
        "Best of three runs. On the line, both are the same; within the band, the paper's number"
        " counts as reproduced."
    )
    figure = scatter_figure(sources.printed, cells, sources.tolerances)
    return _drawn(name, title, caption, figure)


def _ablations(ablations: Sequence[Difference]) -> Iterator[Illustration]:
    lines = forest_lines(ablations)
    if lines:
        title = "Ablations: what each edit adds to the model as it is"
        caption = (
            f"A mark is the mean over the seeds that both have, a tick one seed. Lines are {LEVEL}"
            " intervals over seeds and test images, as for the claims; they take three seeds."
        )
        yield _drawn("ablations", title, caption, forest_figure(lines))


def _architecture(found: ModelSummaryLookup) -> Illustration:
    spec, record = found.spec, found.record
    name, title = f"architecture-{spec.id}", f"{label(spec.model)}, as its network was built"
    if isinstance(record, Gap):
        return Illustration(name, title, "", None, record.reason)
    caption = (
        "Drawn from the modules that a forward pass went through. Blue: with parameters. Orange:"
        " residual connections. MACs of one image: as the paper counts, and of all products."
    )
    figure = architecture_figure(record.model_summary, image_size=spec.image_size)
    return _drawn(name, title, caption, figure)


def _augmentation(found: ExamplesLookup) -> Illustration:
    dataset, record = found.spec.dataset.name, found.record
    name, title = f"augmentation-{dataset}", f"Augmentation of {dataset}"
    if isinstance(record, Gap):
        return Illustration(name, title, "", None, record.reason)
    caption = (
        "Training images as they are, and below them as one epoch's draws have them, by the code"
        " that trainings use; a row for each setting of this study."
    )
    return _drawn(name, title, caption, augmentation_figure(record))
