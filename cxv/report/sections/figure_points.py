"""What figures of top-1 show: the printed numbers of a paper next to ours, or a study's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from cxv.networks.registry import ZOO, Group
from cxv.paper.paper_spec import AccuracyAgainstCost, PaperFile, PeakMemory, Top1
from cxv.paper.printed_against_ours import JudgedCell
from cxv.records.config_search import GIGA
from cxv.report.figures.drawing import MARKERS, PALETTE
from cxv.report.wording import label
from cxv.results.lookup import Gap
from cxv.results.table import Table

At = tuple[float, float]
Cells = Mapping[str, JudgedCell]


@dataclass(frozen=True, slots=True)
class Look:
    """How models that belong together are drawn: by shape as well as by colour."""

    title: str
    marker: str
    color: str


GROUP_LOOKS: Mapping[Group, Look] = MappingProxyType(
    {
        "convolutional": Look("convolutional", MARKERS[0], PALETTE[0]),
        "mixing": Look("token mixing", MARKERS[1], PALETTE[1]),
        "transformer": Look("transformer", MARKERS[2], PALETTE[2]),
        "cxv": Look("CXV", MARKERS[3], PALETTE[3]),
    }
)
"""Of the groups of the registry."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A point as printed, and ours where there is one."""

    id: str
    name: str
    look: Look
    printed: At | None
    ours: At | None


def looks(paper: PaperFile) -> Mapping[str, Look]:
    """Return how each model of a paper is drawn, by the block in which it stands."""
    return {
        model: Look(block.legend, MARKERS[i % len(MARKERS)], PALETTE[i % len(PALETTE)])
        for i, block in enumerate(paper.blocks.values())
        for model in block.models
    }


def cost_points(figure: AccuracyAgainstCost, cells: Cells, paper: PaperFile) -> Iterator[Compared]:
    """Yield a point a row; ours if it is of as many seeds as the printed one."""
    known = looks(paper)
    for one in cells.values():
        if (one.printed.table, one.printed.column) != (figure.table, figure.y):
            continue
        row = (figure.table, *one.printed.row.values())
        cost = cells[".".join((*row, figure.x))]
        at, top1 = cost.verdict.estimate, one.verdict.estimate
        ours = None if at is None or top1 is None or not one.is_whole else (at, top1)
        yield Compared(
            id="-".join(row[1:]),
            name=short_name(one, paper),
            look=known.get(one.of.model, PLAIN),
            printed=(float(cost.printed.value), float(one.printed.value)),
            ours=ours,
        )


PLAIN = Look("other", MARKERS[-1], PALETTE[-1])
"""Of a model that stands in no block."""


def short_name(one: JudgedCell, paper: PaperFile) -> str:
    """Return how a row is named next to its point."""
    return paper.titles.get(one.of.model, one.printed.title)


def cost_label(figure: AccuracyAgainstCost, paper: PaperFile) -> str:
    """Return what the axis of costs says."""
    column = paper.tables[figure.table].columns[figure.x]
    metric = paper.metrics[column.metric or ""]
    if isinstance(metric, PeakMemory):
        return memory_label(metric.batch)
    return f"{paper.named(figure.x)}, {'' if isinstance(metric, Top1) else metric.unit}"


def memory_label(batch: int) -> str:
    """Return what an axis of GPU memory says."""
    return f"GPU memory at a batch of {batch}, GB"


@dataclass(frozen=True, slots=True)
class Own:
    """Models of a study, all on one dataset, trained one way."""

    dataset: str
    recipe: str
    batch: int  # images of the step whose memory was predicted
    points: tuple[Compared, ...]  # top-1: mean over seeds; memory without a CUDA context


def own(table: Table) -> Own | None:
    """Return the unedited models that most share a dataset and a recipe, the last such recipe."""
    found: dict[tuple[str, str, int], list[Compared]] = {}
    for row in table.rows:
        mean, memory = row.cells["top1_mean"], row.cells["predicted_peak_bytes"]
        if row.variant.is_edited or isinstance(mean, Gap) or isinstance(memory, Gap):
            continue
        point = Compared(
            id=row.model.name,
            name=label(row.model),
            look=GROUP_LOOKS[ZOO[row.model.zoo].group],
            printed=None,
            ours=(memory.value / GIGA, 100 * mean.value),
        )
        way = (row.dataset.name, row.recipe, row.profile.spec.batch)
        found.setdefault(way, []).append(point)
    if not found:
        return None
    most = max(len(points) for points in found.values())
    *_, (way, points) = [one for one in found.items() if len(one[1]) == most]
    return Own(*way, tuple(points))


def panels(table: str, cells: Cells) -> Mapping[tuple[str, str], Sequence[JudgedCell]]:
    """Return the cells of each column and dataset of top-1 that are of as many seeds as printed."""
    found: dict[tuple[str, str], list[JudgedCell]] = {}
    for one in cells.values():
        if one.printed.table == table and one.printed.is_top1 and one.is_whole:
            found.setdefault((one.printed.column, one.of.dataset), []).append(one)
    return found
