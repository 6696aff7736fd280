"""Cells of the paper's Table 1, and ours."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cxv.networks.registry import ZOO, Group
from cxv.paper.cells import PAPER_BATCH
from cxv.paper.printed_tables import Printed
from cxv.records.config_search import GIGA
from cxv.report.figures.drawing import MARKERS, PALETTE
from cxv.report.wording import label
from cxv.results.lookup import Gap, top1
from cxv.results.selection import DATASETS, is_as_named
from cxv.results.table import Row, Table
from cxv.statistics import best_of_first_three

RECIPE = "dualopt"
"""By which the paper trained the models of Table 1."""


@dataclass(frozen=True, slots=True)
class Family:
    """How a block of Table 1 is drawn: by shape as well as by colour."""

    title: str
    marker: str
    color: str


FAMILIES: Mapping[Group, Family] = MappingProxyType(
    {
        "convolutional": Family("convolutional", MARKERS[0], PALETTE[0]),
        "mixing": Family("token mixing", MARKERS[1], PALETTE[1]),
        "transformer": Family("transformer", MARKERS[2], PALETTE[2]),
        "cxv": Family("CXV", MARKERS[3], PALETTE[3]),
    }
)


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A row of Table 1, as far as figures show it."""

    memory_gb: float
    top1: Mapping[str, float]  # dataset -> percent


@dataclass(frozen=True, slots=True)
class Ours:
    """What this study has in the place of a cell."""

    zoo: str
    name: str  # drawn next to its point
    dataset: str
    top1: float  # percent; the best of the first three seeds, as printed
    memory_gb: float | None  # predicted, with a CUDA context: D21 in data/paper/README.md


def printed_rows(printed: Printed) -> dict[str, PrintedRow]:
    """Return the rows of Table 1, by their names in ``cxv/networks/registry.py``."""
    return {
        cell.row["model"]: PrintedRow(
            memory_gb=float(cell.value),
            top1={
                name: float(printed.cells[f"table1.{cell.row['model']}.{name}"].value)
                for name in DATASETS
            },
        )
        for cell in printed.select("table1.*.gpu_gb")
    }


def family(zoo: str) -> Family:
    """Return how a row of Table 1 is drawn."""
    return FAMILIES[ZOO[zoo].group]


def short_name(zoo: str) -> str:
    """Return the printed name of a row without its numbers of layers and heads."""
    return re.sub(r"^Hybrid |-\d+/\d+$", "", ZOO[zoo].title)


def ours(table: Table) -> tuple[Ours, ...]:
    """Return the cells of Table 1 with three finished seeds."""
    found = ((row, best_of_three(row)) for row in table.rows if is_cell(row))
    return tuple(
        Ours(
            zoo=row.model.zoo,
            name=short_name(row.model.zoo),
            dataset=row.dataset.source,
            top1=100 * best,
            memory_gb=_memory_gb(row),
        )
        for row, best in found
        if best is not None
    )


@dataclass(frozen=True, slots=True)
class Own:
    """The models of a study without cells of Table 1, all on one dataset, trained one way."""

    dataset: str
    recipe: str
    batch: int  # images of the step whose memory was predicted
    points: tuple[Ours, ...]  # top-1: mean over seeds; memory without a CUDA context


def own(table: Table) -> Own | None:
    """Return the unedited models that most share a dataset and a recipe, the last such recipe."""
    found: dict[tuple[str, str, int], list[Ours]] = {}
    for row in table.rows:
        mean, memory = row.cells["top1_mean"], row.cells["predicted_peak_bytes"]
        if row.variant.is_edited or isinstance(mean, Gap) or isinstance(memory, Gap):
            continue
        point = Ours(
            zoo=row.model.zoo,
            name=label(row.model),
            dataset=row.dataset.name,
            top1=100 * mean.value,
            memory_gb=memory.value / GIGA,
        )
        way = (row.dataset.name, row.recipe, row.profile.spec.batch)
        found.setdefault(way, []).append(point)
    if not found:
        return None
    most = max(len(points) for points in found.values())
    *_, (way, points) = [one for one in found.items() if len(one[1]) == most]
    return Own(*way, tuple(points))


def best_of_three(row: Row) -> float | None:
    """Return the top-1 that the paper would print, as a fraction; None before its three seeds."""
    return best_of_first_three({seed.spec.seed: top1(seed) for seed in row.seeds})


def is_cell(row: Row) -> bool:
    """Tell whether a row is a model, data and training of Table 1, none of them changed."""
    named = row.dataset.name in DATASETS and row.model.name in ZOO and row.variant.name == "base"
    trained = RECIPE in row.recipe.split(" = ")
    return named and trained and is_as_named(row.dataset, row.model, row.variant)


def _memory_gb(row: Row) -> float | None:
    record = row.profile.record
    if isinstance(record, Gap) or record.measured.batch != PAPER_BATCH:
        return None
    measured = record.measured
    return (measured.predicted_peak_bytes + measured.predicted_context_bytes) / GIGA
