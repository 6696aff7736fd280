"""Which numbers other code, settings, data or packages made, and what changed: ``cxv stale``."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from cxv.config.grid import Params
from cxv.config.study_names import refuse_unknown
from cxv.data.manifest import Manifest
from cxv.jobs import report, table
from cxv.jobs.plan import Jobs, plan
from cxv.paper.description import load_description
from cxv.records.changes import Change, between, of_specification
from cxv.records.code_record import changes_since, code_changes
from cxv.records.costs import CountsRecord
from cxv.records.job import Job
from cxv.records.packages import installed
from cxv.records.record import Record
from cxv.records.run import CHECKPOINT, RECORD, RunRecord
from cxv.records.seal import AlteredError, RecordError
from cxv.records.study_stamp import StudyStamp
from cxv.results.lookup import find_all
from cxv.results.speeds import SPEED
from cxv.results.table import COSTS, study_table

Status = Literal["stale", "made with other packages", "altered", "unreadable", "not made"]


@dataclass(frozen=True, slots=True)
class Found:
    """One record that is not what would be made now."""

    kind: str  # of job
    path: str
    status: Status
    changes: tuple[Change, ...]
    numbers: tuple[str, ...]  # made from it: cells, as ``cxv trace`` names them; networks
    reason: str = ""  # why it cannot be read

    @property
    def why(self) -> tuple[str, ...]:
        """A line for each change."""
        changed = (f"{change.kind}: {change}" for change in self.changes)
        return (*changed, *([self.reason] if self.reason else []))

    def as_json(self) -> dict[str, Any]:
        """Return it for other programs."""
        return {
            "kind": self.kind,
            "path": self.path,
            "status": self.status,
            "changes": [change.as_json() for change in self.changes],
            "numbers": self.numbers,
            "reason": self.reason,
        }


def stale(params: Params, studies: Sequence[str], *, results: Path, data: Path) -> list[Found]:
    """Return every record of some studies that is not what would be made now, each once.

    Args:
        params: the whole grid.
        studies: keys of ``params.studies``, or ``all``; none: each of them.
        results: the folder of all records.
        data: the folder of the datasets' manifests.

    Raises:
        UserError: there is no such study.
    """
    refuse_unknown(params, studies)
    paper = load_description(Path(params.paper)) if params.paper else None
    found: dict[str, Found] = {}
    for study in studies or params.studies:
        for one in _of_study(params.only(study), plan(params, study, paper), results, data):
            former = found.get(one.path)
            numbers = (*(former.numbers if former else ()), *one.numbers)
            found[one.path] = Found(
                one.kind, one.path, one.status, one.changes, numbers, one.reason
            )
    return list(found.values())


def _of_study(
    params: Params, planned: Mapping[str, Jobs], results: Path, data: Path
) -> Iterator[Found]:
    cells = _cells(params, planned, results)
    for kind, jobs in planned.items():
        for job in jobs.values():
            path = (results / job.path).as_posix()
            numbers = cells.get(path, ())
            try:
                record = job.record.read(results / job.path)
                record.prove((results / job.path).parent)
            except AlteredError as error:
                yield Found(kind, path, "altered", (), numbers, str(error))
            except RecordError as error:
                status: Status = "unreadable" if Path(path).exists() else "not made"
                yield Found(kind, path, status, (), numbers, str(error))
            else:
                yield from _of_record(kind, job, record, numbers, results=results, data=data)
    yield from _of_report(params, results, data)


def _of_record(
    kind: str,
    job: Job[Any, Any],
    record: Record,
    numbers: tuple[str, ...],
    *,
    results: Path,
    data: Path,
) -> Iterator[Found]:
    changes = (
        *of_specification(record.spec, job.settings),
        *code_changes(job, record.stamp, results),
        *_of_data(job, record, results, data),
    )
    packages = _of_packages(record.stamp.packages)
    if changes or packages:
        status: Status = "stale" if changes else "made with other packages"
        path = (results / job.path).as_posix()
        counted = tuple(record.counted) if isinstance(record, CountsRecord) else ()
        yield Found(kind, path, status, (*changes, *packages), numbers or counted)


def _of_packages(made: Mapping[str, str]) -> tuple[Change, ...]:
    """Return those of a stamp that are installed in another version."""
    now = installed()
    return between("packages", made, {name: now.get(name) for name in made})


def _of_data(job: Job[Any, Any], record: Record, results: Path, data: Path) -> Iterator[Change]:
    """Yield what it was computed from: the dataset's tensors, the weights of the link before."""
    manifest = data / job.settings.dataset.name / "manifest.json" if _reads(record) else None
    if manifest and manifest.exists():
        now = {f"{job.settings.dataset.name}, SHA-256": Manifest.load(manifest).sha256}
        yield from between("data", dict.fromkeys(now, getattr(record, "data_sha256", "")), now)
    if isinstance(record, RunRecord) and (parent := record.spec.parent):
        path = results / "runs" / parent.id / RECORD
        try:
            sha256 = RunRecord.read(path).sha256[CHECKPOINT]
        except RecordError:
            return
        name = f"{path.with_name(CHECKPOINT)}, SHA-256"
        yield from between("data", {name: record.parent_sha256}, {name: sha256})


def _reads(record: Record) -> bool:
    return hasattr(record, "data_sha256")


def _of_report(params: Params, results: Path, data: Path) -> Iterator[Found]:
    """Yield the table and the report of ``params.study``, if they are made."""
    folder = results / "studies" / params.study
    if not (folder / "report.html").exists():
        return
    made, now = StudyStamp.load(folder), report.stamp(params, data)
    parts = {"table": ("table.csv", table.ENTRIES), "report": ("report.html", report.ENTRIES)}
    for kind, (name, entries) in parts.items():
        path = (folder / name).as_posix()
        if made is None:
            reason = f"{folder}: its stamp does not say what made it"
            yield Found(kind, path, "unreadable", (), (), reason)
            continue
        changes = (
            *of_specification(made.spec, now.spec),
            *changes_since(made.code[kind], entries, results, None),
            *(between("files", made.files, now.files) if kind == "report" else ()),
        )
        if changes:
            yield Found(kind, path, "stale", changes, ())


def _cells(
    params: Params, planned: Mapping[str, Jobs], results: Path
) -> dict[str, tuple[str, ...]]:
    """Return the cells of the table of ``params.study`` that are made from each record."""
    runs, profiles = (find_all(planned[kind], results, "report") for kind in ("train", "profile"))
    found: dict[str, list[str]] = {}
    for row in study_table(params, params.study, runs, profiles).rows:
        names = (params.study, row.dataset.name, row.model.name, row.variant.name, row.recipe)
        for column in row.cells:
            counted = column in COSTS or column in SPEED
            for one in (row.profile,) if counted else row.seeds:
                found.setdefault(one.path.as_posix(), []).append("/".join((*names, column)))
    return {path: tuple(cells) for path, cells in found.items()}


def as_json(found: Iterable[Found]) -> str:
    """Return what was found for other programs."""
    return json.dumps([one.as_json() for one in found], indent=1, ensure_ascii=False) + "\n"


def listing(found: Iterable[Found], policy: str) -> str:
    """Return it for people: records of the same changes together, each with its numbers."""
    made = [one for one in found if one.status != "not made"]
    missing = sum(one.status == "not made" for one in found)
    lines = [f"{missing} records are not made"] * bool(missing)
    if not made:
        lines.append("every record, table and report that is made is what would be made now")
    ordered = sorted(made, key=lambda one: (one.status, one.why))
    for (status, why), group in groupby(ordered, key=lambda one: (one.status, one.why)):
        lines += ["", f"{status}:", *(f"  {reason}" for reason in why)]
        for one in group:
            lines += [f"    {one.kind:8} {one.path}", *_collapsed(one)]
    if any(one.status == "stale" for one in made):
        lines += ["", POLICIES[policy]]
    return "\n".join(lines) + "\n"


POLICIES: Mapping[str, str] = {
    "retrain": "`stale: retrain` in params.yaml: the next command makes again what is stale.",
    "report": "`stale: report` in params.yaml: what other code made is shown, and marked as stale.",
}


def _collapsed(found: Found) -> Iterator[str]:
    """Yield a line a row of a table, which names its columns; of counts, how many they are."""
    if found.kind == "counts":
        yield f"             networks of the paper: {len(found.numbers)}"
        return
    for row, group in groupby(found.numbers, key=lambda cell: cell.rpartition("/")[0]):
        columns = ", ".join(cell.rpartition("/")[2] for cell in group)
        yield f"             {row}: {columns}"
