"""What differs between two studies."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from cxv.cli.compared import Compared, Measured, Number
from cxv.cli.diff_runs import code_between, environment
from cxv.config.grid import Params
from cxv.config.strict_model import flat
from cxv.config.vocabulary import NO_MEANS
from cxv.jobs import profile, train
from cxv.records.changes import between
from cxv.records.run import RunRecord
from cxv.results.accuracies import accuracy_interval
from cxv.results.differences import estimated, sample_of
from cxv.results.lookup import Gap, find_all
from cxv.results.records import Records
from cxv.results.table import Row, Table, study_table
from cxv.statistics import ALPHA

Key = tuple[str, str, str, str]
"""Dataset, model, variant and recipe of a row."""


def diff_studies(params: Params, left: str, right: str, *, results: Path) -> Compared:
    """Compare two studies: their settings, what made their records, and their numbers."""
    tables = [_table(params, study, results) for study in (left, right)]
    made = [_made(table) for table in tables]
    code, notes = code_between(made[0], made[1], results)
    facts = [[environment(record.stamp) for record in records] for records in made]
    return Compared(
        "studies",
        left,
        right,
        (
            *between("specification", *(_settings(params, study) for study in (left, right))),
            *code,
            *between("data", *map(_data, made)),
            *between("environment", *map(_together, facts)),
        ),
        tuple(_numbers(*tables)),
        notes,
    )


def _table(params: Params, study: str, results: Path) -> Table:
    runs = find_all(train.jobs(params, study), results, params.stale)
    profiles = find_all(profile.jobs(params, study), results, params.stale)
    return study_table(params, study, runs, profiles)


def _made(table: Table) -> list[RunRecord]:
    return [run.record for run in table.runs if not isinstance(run.record, Gap)]


def _settings(params: Params, study: str) -> dict[str, Any]:
    """Return what a study asks for, its own settings under keys that do not name it."""
    asked = params.only(study).model_dump(mode="json", exclude={"study", "studies"})
    own = [entry.model_dump(mode="json") for entry in params.chosen(study).values()]
    return flat(asked | {"study": own[0] if len(own) == 1 else own})


def _data(records: Iterable[RunRecord]) -> dict[str, Any]:
    return {f"{record.spec.dataset.name}, SHA-256": record.data_sha256 for record in records}


def _together(facts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values that records have of each fact, in order."""
    found: dict[str, set[str]] = {}
    for one in facts:
        for name, value in one.items():
            found.setdefault(name, set()).add(str(value))
    return {name: ", ".join(sorted(values)) for name, values in found.items()}


def _numbers(left: Table, right: Table) -> Iterator[Number]:
    """Yield the mean top-1 of each row, then the differences between rows of one side alone."""
    runs = {run.spec.id: run for run in (*left.runs, *right.runs)}
    records = Records(NO_MEANS, runs.values(), [])
    ours, theirs = ({_key(row): row for row in table.rows} for table in (left, right))
    for key in dict.fromkeys((*ours, *theirs)):
        sides = (_mean(records, ours.get(key)), _mean(records, theirs.get(key)))
        yield Number("/".join(key), *sides)
    alone = [
        [key for key in side if key not in other]
        for side, other in ((ours, theirs), (theirs, ours))
    ]
    for one, other in product(*alone):
        if one[0] == other[0] and sum(a != b for a, b in zip(one, other, strict=True)) == 1:
            yield _paired(records, ours[one], theirs[other])


def _key(row: Row) -> Key:
    return row.dataset.name, row.model.name, row.variant.name, row.recipe


def _mean(records: Records, row: Row | None) -> Measured | None:
    cell = row.cells["top1_mean"] if row else None
    if row is None or cell is None or isinstance(cell, Gap):
        return None
    found = accuracy_interval(records, {run.spec.seed: run for run in row.seeds}, ALPHA)
    return Measured.top1(cell.value, found)


def _paired(records: Records, left: Row, right: Row) -> Number:
    """Return right - left on the seeds of both, as a report has it."""
    sides = [sample_of({run.spec.seed: run for run in row.seeds}) for row in (right, left)]
    estimate, lacks = estimated(records, *sides)
    name = f"{'/'.join(_key(left))} -> {'/'.join(_key(right))}"
    over = lacks.removeprefix("over ") or "seeds and test images"
    found = (
        Measured(estimate.mean, "points, paired", estimate.interval(ALPHA), over)
        if estimate
        else None
    )
    return Number(name, _mean(records, left), _mean(records, right), found)
