"""A table as files that other programs read: a tidy CSV, and what DVC shows and plots."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from cxv.paper.printed_against_ours import JudgedCell
from cxv.records.atomic_files import write
from cxv.records.run import Cell, RunRecord
from cxv.results.lookup import Gap
from cxv.results.table import Table

CELL = ("dataset", "model", "variant", "recipe", "column", "value", "unit", "n", "rule", "sources")
OUTCOME = ("top1", "loss", "epochs", "best_epoch")
PRINTED = (
    "printed", "dataset", "model", "variant", "recipe", "paper", "ours", "mean", "sd", "n",
    "interval_low", "interval_high", "verdict", "rule", "reason", "sources",
)  # fmt: skip
RUN = ("run", *OUTCOME, "status", "dataset", "model", "variant", "seed", "phases")


def write_table(table: Table, *, cells: Path, metrics: Path, runs: Path) -> None:
    """Write the three files, each whole or not at all; equal records give equal bytes."""
    write(cells, table_csv(table))
    write(metrics, metrics_json(table))
    write(runs, runs_csv(table))


def table_csv(table: Table) -> str:
    """Return one line a cell; ``n`` counts the records behind it."""
    return _csv(
        CELL,
        (
            [row.dataset.name, row.model.name, row.variant.name, row.recipe, key, *_tidy(cell)]
            for row in table.rows
            for key, cell in row.cells.items()
        ),
    )


def _tidy(cell: Cell | Gap) -> list[object]:
    if isinstance(cell, Gap):
        return ["", "", 0, f"{cell.status}: {cell.reason}", ""]
    number = f"{cell.value}".removesuffix(".0")
    return [number, cell.unit, len(cell.sources), cell.rule, " ".join(cell.sources)]


def metrics_json(table: Table) -> str:
    """Return ``{run id: {top1, loss, epochs}}`` for ``dvc metrics``: every link with a record."""
    numbers = {
        record.spec.id: record.outcome.model_dump(include={"top1", "loss", "epochs"})
        for record in _records(table)
    }
    return json.dumps(numbers, indent=1) + "\n"


def runs_csv(table: Table) -> str:
    """Return one line a link that has a record, for ``dvc plots``."""
    return _csv(RUN, (_line(record) for record in _records(table)))


def _line(record: RunRecord) -> list[object]:
    run = record.spec
    return [
        run.id,
        *(getattr(record.outcome, key) for key in OUTCOME),
        record.status,
        *(run.dataset.name, run.model.name, run.variant.name, run.seed),
        "/".join(run.links),
    ]


def _records(table: Table) -> Iterable[RunRecord]:
    return (run.record for run in table.runs if isinstance(run.record, RunRecord))


def cells_csv(judged: Iterable[JudgedCell]) -> str:
    """Return one line per printed number: ours, the verdict, and the records used."""
    return _csv(PRINTED, (_compared(one) for one in judged))


def _compared(one: JudgedCell) -> list[object]:
    found = one.verdict
    numbers = (found.estimate, found.mean, found.sd, found.n, found.low, found.high)
    return [
        *(one.printed.name, *one.of, one.printed.digits),
        *("" if number is None else f"{number:.6g}" for number in numbers),
        *(one.words, one.printed.rule, found.reason, " ".join(one.sources)),
    ]


def _csv(header: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    rows = csv.writer(buffer, lineterminator="\n")
    rows.writerow(header)
    rows.writerows(lines)
    return buffer.getvalue()
