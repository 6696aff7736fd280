"""What a study or a run came to, in the terminal: ``cxv show``."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from cxv.cli.diff_runs import measured_top1
from cxv.cli.trace import lines, record_facts
from cxv.config.grid import ALL, Params
from cxv.config.vocabulary import NO_MEANS
from cxv.errors import UserError
from cxv.jobs import profile, train
from cxv.records.run import RECORD, RunRecord
from cxv.records.run_names import record_path
from cxv.report.opening import opening, place
from cxv.report.wording import label
from cxv.results.accuracies import AccuracyInterval, accuracy_interval
from cxv.results.lookup import Gap, Lookup, find, find_all, top1
from cxv.results.records import Records
from cxv.results.table import COLUMNS, Row, study_table
from cxv.statistics import ALPHA

COSTS = ("params_modules", "macs_thop")
ENDLESS = 10_000  # characters of a line, so that none is broken
MAKE = "snakemake --cores all --logger cxv"


@dataclass(frozen=True, slots=True)
class Shown:
    """What ``cxv show`` prints: a heading, sentences, the cells of a grid, and words below it."""

    heading: str
    sentences: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    below: tuple[str, ...] = ()

    def as_json(self) -> str:
        """Return it for other programs: a row is a mapping by the heads of columns."""
        rows = [dict(zip(self.head, row, strict=True)) for row in self.cells]
        fields = {"name": self.heading, "found": self.sentences, "rows": rows, "notes": self.below}
        return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"

    def print(self) -> None:
        """Print it for people; as wide as it is where nobody looks at a terminal."""
        grid = Grid(*self.head, box=None, pad_edge=False, header_style="bold")
        for row in self.cells:
            grid.add_row(*row)
        width = None if sys.stdout.isatty() else ENDLESS
        console = Console(width=width, markup=False, emoji=False, highlight=False, soft_wrap=True)
        console.print(self.heading)
        for block in (self.sentences, [grid] if self.cells else [], self.below):
            if block:
                console.print()
            for part in block:
                console.print(part)


def show(params: Params, name: str | None, *, results: Path, data: Path) -> Shown:
    """Return what there is of a study, of a run, or, without a name, of every study.

    Args:
        params: the whole grid.
        name: a study, or the id, folder or record of a run.
        results: the folder of all records.
        data: the folder of the datasets.

    Raises:
        UserError: nothing is called so.
        AlteredError: a file of the run was altered.
    """
    if name is None:
        return _studies(params, results)
    if name in (*params.studies, ALL):
        return _study(params, name, results)
    if path := record_path(name, results):
        return _run(path, params, results, data)
    known = ", ".join((*params.studies, ALL))
    raise UserError(
        f"{name!r} is neither a study of params.yaml nor a run that was made\n"
        f"  studies: {known}\n"
        f"  runs: the folders below {results / 'runs'}; results/studies/STUDY/runs.csv lists them"
    )


def _studies(params: Params, results: Path) -> Shown:
    """Return how much of each study there is, without a look into the records."""
    cells = []
    for study, spec in params.studies.items():
        runs = params.runs(study)
        made = sum((results / "runs" / id / RECORD).exists() for id in runs)
        report = results / "studies" / study / "report.html"
        where = report.as_posix() if report.exists() else "-"
        cells.append((study, spec.title, f"{made} of {len(runs)}", where))
    return Shown(
        f"studies of params.yaml; {params.study} is what a command without a target makes",
        head=("study", "title", "runs made", "report"),
        cells=tuple(cells),
        below=(f"Make one: {MAKE} -- STUDY. What it found: python -m cxv show STUDY.",),
    )


def _study(params: Params, study: str, results: Path) -> Shown:
    """Return what a study found, and its table, from the records as they are now."""
    runs = find_all(train.jobs(params, study), results, params.stale)
    profiles = find_all(profile.jobs(params, study), results, params.stale)
    table = study_table(params, study, runs, profiles)
    records = Records(NO_MEANS, table.runs, table.profiles)
    folder = results / "studies" / study
    without = f"No report is there: a study writes it when it is complete. {MAKE} -- {study}"
    return Shown(
        f"{study}: {table.title}",
        sentences=tuple(opening(folder)),
        head=("data", "model", "variant", "recipe", "top-1, %", "95 % interval", "n", *_heads()),
        cells=tuple(_cells(row, records) for row in table.rows),
        below=(place(folder) if (folder / "report.html").exists() else without,),
    )


def _heads() -> Iterator[str]:
    for key in COSTS:
        yield f"{COLUMNS[key].heading}, {COLUMNS[key].unit}"


def _cells(row: Row, records: Records) -> tuple[str, ...]:
    found = accuracy_interval(records, {run.spec.seed: run for run in row.seeds}, ALPHA)
    return (
        row.dataset.name,
        label(row.model),
        row.variant.name,
        row.recipe,
        _cell(row, "top1_mean"),
        _ends(found),
        _seeds(row),
        *(_cell(row, key) for key in COSTS),
    )


def _cell(row: Row, key: str) -> str:
    """Return a number as reports print it, or why there is none."""
    cell = row.cells[key]
    if isinstance(cell, Gap):
        return row.note or cell.status if key == "top1_mean" else "-"
    return COLUMNS[key].show(cell.value)


def _seeds(row: Row) -> str:
    scored = sum(top1(run) is not None for run in row.seeds)
    return f"{scored} of {len(row.seeds)}" if scored < len(row.seeds) else str(scored)


def _ends(found: AccuracyInterval | None) -> str:
    return f"[{found.low:.2f}, {found.high:.2f}]" if found else "-"


def _run(path: Path, params: Params, results: Path, data: Path) -> Shown:
    """Return the outcome of a run, and what it was made of."""
    record = RunRecord.read(path)
    record.prove(path.parent)
    outcome, spec = record.outcome, record.spec
    now = find(train.job(spec), results, params.stale)
    best = f", the best was {outcome.best_epoch}" if outcome.best_epoch else ""
    facts = {
        "network": f"{label(spec.model)}, variant {spec.variant.name}, on {spec.dataset.name}",
        "phases": ", then ".join(phase.optimizer.name for phase in spec.phases),
        "seed": spec.seed,
        "status": now.record.reason if isinstance(now.record, Gap) else record.status,
        "top-1": str(measured_top1(Lookup(spec, path, record)) or "none"),
        "last phase": f"{outcome.epochs} epochs{best}; ended by {outcome.ended_by}",
        "duration": f"{record.stamp.seconds:.0f} s",
    }
    more = record_facts(Lookup(spec, path, record), data)
    kept = {name: fact for name, fact in more.items() if name not in facts}
    return Shown(spec.id, sentences=tuple(lines(facts | kept)))
