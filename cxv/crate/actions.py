"""What each job of a study took and left, as an action of a provenance crate."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cxv.data.manifest import Manifest
from cxv.jobs.plan import Found, Jobs
from cxv.records.run import CHECKPOINT, RECORD, TIMING, RunRecord
from cxv.results.lookup import Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One job that was run."""

    kind: str  # of the job: the name of its rule
    id: str
    description: str
    inputs: tuple[str, ...]  # ids of files and images
    outputs: tuple[str, ...]
    start: str = ""  # ISO 8601; empty: its record has no clock time
    end: str = ""
    error: str = ""  # why it has no result


def actions(
    planned: Mapping[str, Jobs], found: Found, files: Mapping[str, Sequence[str]], results: Path
) -> Iterator[Action]:
    """Yield the jobs of a study that left a record.

    Args:
        planned: the jobs of the study, by kind and id.
        found: their records.
        files: of the crate, by the path of the record that they belong to.
        results: the folder of all records.
    """
    for kind, jobs in planned.items():
        for id, job in jobs.items():
            record = found[kind][id].record
            outputs = files.get(job.path.as_posix(), ())
            if isinstance(record, Gap) or not outputs:
                continue
            start, end = _clock(results / job.path) if isinstance(record, RunRecord) else ("", "")
            yield Action(
                kind=kind,
                id=id,
                description=_description(record),
                inputs=tuple(_inputs(job.settings, files)),
                outputs=tuple(outputs),
                start=start,
                end=end,
                error=_error(record),
            )


def of_study(study: str, records: Sequence[str], files: Sequence[str]) -> Iterator[Action]:
    """Yield how the table and the report of a study were made of its records."""
    tables = [x for x in files if x.endswith((".csv", "metrics.json")) or "/summary/" in x]
    for kind, outputs in (("table", tables), ("report", [x for x in files if x not in tables])):
        yield Action(
            kind=kind,
            id=study,
            description=f"The {kind} of the study, from its records.",
            inputs=("specification.json", *records),
            outputs=tuple(outputs),
        )


def _description(record: Any) -> str:
    stamp = record.stamp
    packages = ", ".join(f"{name} {version}" for name, version in stamp.packages.items())
    commit = f"{stamp.commit or 'no git checkout'}{', edited' * stamp.dirty}"
    return (
        f"Specification {record.spec.digest}; code {stamp.code}, commit {commit}; on {stamp.device}"
        f" in {stamp.precision}, {stamp.seconds:.1f} s; {packages}"
    )


def _error(record: Any) -> str:
    diverged = isinstance(record, RunRecord) and record.status == "diverged"
    return f"the training {record.outcome.ended_by}" if diverged else ""


def _inputs(settings: Any, files: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield what a job reads: its dataset, and of a later phase the run before."""
    yield "specification.json"
    dataset = getattr(settings, "dataset", None)
    if dataset is not None:
        yield image_id(dataset.name)
        yield from files.get(dataset.name, ())
    parent = getattr(settings, "parent", None)
    if parent is not None:
        before = files.get(f"runs/{parent.id}/{RECORD}", ())
        yield from (name for name in before if name.endswith((RECORD, CHECKPOINT)))


def image_id(dataset: str) -> str:
    """Return the id of the images of a dataset, which are not in a crate."""
    return f"#images-{dataset}"


def images(manifests: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    """Return what there is to say of images that are not in a crate, by id.

    Args:
        manifests: by name of the dataset.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, path in manifests.items():
        if not path.exists():
            found[image_id(name)] = {"name": f"Images of {name}"}
            continue
        facts = Manifest.load(path)
        [source, *others] = facts.origin.urls or (facts.origin.archive,)
        found[image_id(name)] = {
            "name": f"Images of {name}",
            "description": f"{sum(facts.train_images)} images to train and"
            f" {sum(facts.test_images)} to test, made of {facts.origin.archive} by `cxv fetch`",
            "license": facts.origin.license,
            "sha256": facts.sha256,
            "isBasedOn": [source, *others] if others else source,
        }
    return found


def _clock(record: Path) -> tuple[str, str]:
    """Return when the first and the last epoch of a run ended, in ISO 8601."""
    with record.with_name(TIMING).open(newline="") as file:
        times = [float(line["time"]) for line in csv.DictReader(file)]
    return (_iso(times[0]), _iso(times[-1])) if times else ("", "")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
