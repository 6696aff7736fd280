"""Which runs or networks of ours a printed number is about, by the names of ``params.yaml``."""

from collections.abc import Mapping
from types import MappingProxyType

from cxv.paper.claim_tests import CELL_RULES
from cxv.paper.printed_tables import Cell
from cxv.results.selection import STATIC_DATASET, Trained

RECIPES = frozenset({"adamw", "dualopt", "randaugment", "posttrain"})
"""Columns of Tables 3 and 4 that are named after recipes; all other models are DualOpT's."""

STRONGER: Mapping[str, str] = MappingProxyType(
    {"randaugment": "randaugment3", "posttrain": "posttrain3"}
)
"""CLTV's in Table 4: RandAugment's ``operations`` and ``magnitude`` are 3 (sec. 4.2)."""


def rule(cell: Cell) -> str:
    """Return by which rule a printed number is compared with ours."""
    return CELL_RULES[cell.column]


def trained(cell: Cell) -> Trained:
    """Return the runs whose top-1 is printed, or of whose network the costs are.

    ``increase_percent`` is of the runs of the column ``dualopt``.
    """
    model = cell.row.get("model", "cnv")  # Table 2 is all CNV
    recipe = cell.column if cell.column in RECIPES else "dualopt"
    return Trained(
        dataset=cell.axes["dataset"] if rule(cell) in {"R-acc", "R-arith"} else STATIC_DATASET,
        model=model,
        variant=cell.row.get("variant", "base"),
        recipe=STRONGER.get(recipe, recipe) if model == "cltv" else recipe,
    )
