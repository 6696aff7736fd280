"""Which figures a study's report shows beside its learning curves, and why one is left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from cxv.files import replacing, write
from cxv.report.against_paper import Printed, load_printed, load_tolerances, ours
from cxv.report.architecture import architecture_figure
from cxv.report.differences import differences
from cxv.report.drawing import house_style, png, standalone, svg
from cxv.report.evidence import Gap, OutlineEvidence
from cxv.report.forest import forest_figure, forest_lines
from cxv.report.memory import DATASET, memory_figure
from cxv.report.rendering import label
from cxv.report.scatter import scatter_figure
from cxv.report.tables import Table


@dataclass(frozen=True, slots=True)
class Illustration:
    """A figure, or the reason why there is none."""

    name: str  # of its file
    title: str
    caption: str
    drawn: Figure | str

    @property
    def figure(self) -> Figure | None:
        """The figure, if there is one."""
        return self.drawn if isinstance(self.drawn, Figure) else None

    def svg(self) -> str:
        """Return the figure for a page; its ids begin with its name."""
        with house_style():
            return svg(self.drawn, self.name, self.title) if isinstance(self.drawn, Figure) else ""


@dataclass(frozen=True, slots=True)
class Sources:
    """What figures show that is not in a study's table."""

    printed: Mapping[str, Printed]  # Table 1, by row
    tolerances: Mapping[str, float]  # dataset -> points of top-1
    outlines: Sequence[OutlineEvidence] = ()

    @classmethod
    def load(cls, table1: Path, tolerances: Path, outlines: Sequence[OutlineEvidence]) -> "Sources":
        """Read the paper's numbers and how near to them is near enough."""
        return cls(load_printed(table1), load_tolerances(tolerances), outlines)


def illustrations(table: Table, sources: Sources) -> tuple[Illustration, ...]:
    """Return the figures of a study, each drawn from its records alone."""
    with house_style():
        return (
            *_against_paper(table, sources),
            *_ablations(table),
            *map(_architecture, sources.outlines),
        )


def _against_paper(table: Table, sources: Sources) -> Iterator[Illustration]:
    cells = ours(table)
    measured = [x for x in cells if x.dataset == DATASET and x.memory_gb is not None]
    yield Illustration(
        "memory",
        "Figure 2: top-1 against GPU memory",
        "CIFAR-10, best of three runs. Memory is the predicted peak of a training step of 32"
        " images with 0.4 GB of CUDA context; of the paper, as printed.",
        memory_figure(sources.printed, measured)
        if measured
        else "Not drawn: no model of Table 1 has three finished DualOpT runs on CIFAR-10 and a"
        " profile at a batch of 32 in this study.",
    )
    yield Illustration(
        "top1",
        "Table 1: top-1 as printed and ours",
        "Best of three runs. On the line, both are the same; within the band, the paper's number"
        " counts as reproduced.",
        scatter_figure(sources.printed, cells, sources.tolerances)
        if cells
        else "Not drawn: no cell of Table 1 has three finished DualOpT runs in this study.",
    )


def _ablations(table: Table) -> Iterator[Illustration]:
    lines = forest_lines(differences(table, "variant"))
    if lines:
        yield Illustration(
            "ablations",
            "Ablations: what each edit adds to the model as it is",
            "A mark is the mean over seeds that both have, a tick one seed. Lines are 95 %"
            " intervals of the mean over further seeds, on these test images; they take three"
            " seeds.",
            forest_figure(lines),
        )


def _architecture(found: OutlineEvidence) -> Illustration:
    spec = found.spec
    return Illustration(
        f"architecture-{spec.id}",
        f"{label(spec.model)}, drawn from the network that is trained",
        "As its modules were called in a forward pass. Blue: with parameters. Orange: residual"
        " connections. MACs of one image: as the paper counts, and of all products.",
        f"Not drawn: {found.record.reason}"
        if isinstance(found.record, Gap)
        else architecture_figure(found.record.outline, image_size=spec.image_size),
    )


def save_figures(figures: Mapping[str, Figure], folder: Path) -> None:
    """Write each as ``<name>.svg`` and ``<name>.png``, the same bytes for the same records."""
    folder.mkdir(parents=True, exist_ok=True)
    with house_style():
        for name, figure in figures.items():
            write(folder / f"{name}.svg", standalone(svg(figure, name, name)))
            with replacing(folder / f"{name}.png") as file:
                file.write(png(figure))
