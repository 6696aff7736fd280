"""A study with cells of Table 1 and others, and what a figure of it shows."""

from collections.abc import Mapping

import samples
from matplotlib.axes import Axes
from papers import PAPER

from cxv.paper.paper_spec import AccuracyAgainstCost
from cxv.paper.printed_against_ours import JudgedCell, judge_cells
from cxv.records.run import RunRecord
from cxv.records.seal import read_sealed
from cxv.results.records import Records
from cxv.results.table import Table

CELLS = (
    samples.GRID.partition("study: small")[2]
    .partition("studies:")[0]
    .replace("profile_batch: 8", "profile_batch: 32")
    .replace("seeds: [0, 1]", "seeds: [0, 1, 2]")
    .replace("cifar100: {source: cifar100}", "part: {source: cifar10, per_class: {train: 9}}")
)
STUDY = """
studies:
  small:
    title: Cells of Table 1, and others
    runs:
      - {datasets: [cifar10, part], models: [resnet18, cnv], recipes: [adamw, dualopt]}
      - {datasets: [cifar10], models: [cnv, cpv_small], variants: [base, gelu], recipes: [dualopt]}
"""
RUN = "cifar10/{model}/{variant}/s{seed}/adamw/sgd"
GRID = f"study: small{CELLS}{STUDY}"
FILE = PAPER.description.file
FIGURES = [one for one in FILE.figures if isinstance(one, AccuracyAgainstCost)]


def judged(table: Table) -> Mapping[str, JudgedCell]:
    """Return every printed number with that of a study."""
    return judge_cells(PAPER, Records(PAPER.description.means, table.runs, table.profiles))


def drawn(axes: Axes, kind: str) -> dict[str, list[tuple[float, float]]]:
    """Return the points of every line whose label begins with ``_<kind>-``."""
    return {
        str(line.get_label()).removeprefix(f"_{kind}-"): [
            (float(x), float(y)) for x, y in zip(*line.get_data(), strict=True)
        ]
        for line in axes.lines
        if str(line.get_label()).startswith(f"_{kind}-")
    }


def top1(model: str, seed: int, variant: str = "base") -> float:
    name = RUN.format(model=model, seed=seed, variant=variant)
    text = read_sealed(samples.RUNS / name / "metrics.json")
    value = RunRecord.model_validate_json(text).outcome.top1
    assert value is not None
    return value
