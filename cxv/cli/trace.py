"""From one number of a table back to what made it: ``cxv trace``."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxv.config.grid import Params
from cxv.config.study_names import refuse_unknown
from cxv.data.manifest import Manifest
from cxv.errors import UserError
from cxv.jobs import profile, train
from cxv.records.run import CHECKPOINT, PREDICTIONS, Cell, RunRecord
from cxv.report.rendering import AGAIN
from cxv.results.lookup import Gap, Lookup, find_all
from cxv.results.table import Row, study_table


@dataclass(frozen=True, slots=True)
class Trace:
    """One cell, and for each of its records what that is made of."""

    cell: str
    number: Mapping[str, Any]
    records: tuple[Mapping[str, Any], ...]

    def as_json(self) -> str:
        """Return it for other programs."""
        found = {"cell": self.cell, **self.number, "records": self.records}
        return json.dumps(found, indent=1, ensure_ascii=False) + "\n"

    def __str__(self) -> str:
        """Return it for people."""
        return "\n".join([self.cell, *lines(self.number), *_of_all(self.records)]) + "\n"


def _of_all(records: tuple[Mapping[str, Any], ...]) -> Iterator[str]:
    for record in records:
        yield ""
        yield from lines(record)


def lines(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line a fact, its name first."""
    width = max(map(len, facts))
    yield from (f"  {name:{width}}  {value}" for name, value in facts.items())


def trace(params: Params, cell: str, *, results: Path, data: Path) -> Trace:
    """Trace ``study/dataset/model/variant/recipe/column``, as the columns of ``table.csv`` name it.

    Args:
        params: the whole grid.
        cell: its name.
        results: the folder of all records.
        data: the folder of the datasets.

    Raises:
        UserError: there is no such cell.
    """
    study, _, name = cell.partition("/")
    refuse_unknown(params, [study])
    runs = find_all(train.jobs(params, study), results, params.stale)
    profiles = find_all(profile.jobs(params, study), results, params.stale)
    rows = {_name(row): row for row in study_table(params, study, runs, profiles).rows}
    row, _, column = name.rpartition("/")
    if row not in rows:
        raise UserError(f"{cell}: no row {row!r} in {study}; there are: {', '.join(rows)}")
    if column not in rows[row].cells:
        known = ", ".join(rows[row].cells)
        raise UserError(f"{cell}: no column {column!r}; there are: {known}")
    found = rows[row].cells[column]
    if isinstance(found, Gap):
        return Trace(cell, {"status": found.status, "reason": found.reason}, ())
    looked_up: tuple[Lookup[Any, Any], ...] = (*runs.values(), *profiles.values())
    by_path = {one.path.as_posix(): one for one in looked_up}
    sources = [by_path[source.partition("#")[0]] for source in found.sources]
    return Trace(cell, _number(found), tuple(record_facts(one, data) for one in sources))


def _name(row: Row) -> str:
    return "/".join((row.dataset.name, row.model.name, row.variant.name, row.recipe))


def _number(cell: Cell) -> Mapping[str, Any]:
    return {"value": cell.value, "unit": cell.unit, "rule": cell.rule}


def record_facts(found: Lookup[Any, Any], data: Path) -> Mapping[str, Any]:
    """Return what a record is made of, from its files to the command that makes it again."""
    record: Any = found.record
    path = found.path
    facts: dict[str, Any] = {"record": path.as_posix()}
    if isinstance(record, RunRecord):
        facts |= {
            "top-1": record.outcome.top1,
            "proved by": f"{path.with_name(PREDICTIONS)} (SHA-256 {record.sha256[PREDICTIONS]})",
            "checkpoint": f"{path.with_name(CHECKPOINT)} (SHA-256 {record.sha256[CHECKPOINT]})",
            "starts from": record.parent_sha256 or "its seed",
        }
    stamp = record.stamp
    commit = "no git checkout" if stamp.commit is None else stamp.commit + ", edited" * stamp.dirty
    packages = ", ".join(f"{name} {version}" for name, version in stamp.packages.items())
    rule = "train" if isinstance(record, RunRecord) else "profile"
    return facts | {
        "specification": found.spec.digest,
        "code": f"{stamp.code}, commit {commit}",
        "device": f"{stamp.device}, {stamp.precision}, {packages}",
        "dataset": _dataset(found.spec.dataset.name, record, data),
        "Snakemake rule": rule,
        "DVC stage": "study",
        "MLflow": f"tags.\"cxv.run\" = '{found.spec.id}'" if rule == "train" else "not there",
        "make it again": f"{AGAIN} {path.as_posix()}",
    }


def _dataset(name: str, record: Any, data: Path) -> str:
    path = data / name / "manifest.json"
    sha256 = f"SHA-256 {record.data_sha256}" if isinstance(record, RunRecord) else "its shape alone"
    if not path.exists():
        return f"{name}, {sha256}"
    origin = Manifest.load(path).origin
    return f"{name}, {sha256}, from {', '.join(origin.urls) or origin.archive}"
