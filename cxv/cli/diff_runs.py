"""What differs between two runs."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cxv.cli.compared import Compared, Measured, Number
from cxv.config.vocabulary import NO_MEANS
from cxv.jobs.train import job
from cxv.records.changes import Change, between, of_specification
from cxv.records.code_record import definitions_of
from cxv.records.record import Stamp
from cxv.records.run import RunRecord
from cxv.results.accuracies import accuracy_interval
from cxv.results.correct_answers import read_answers
from cxv.results.lookup import Lookup, RunLookup, top1
from cxv.results.records import Records
from cxv.statistics import ALPHA, crossed

NOT_KNOWN = "which definitions made {} is not known: it names code {} alone"


def diff_runs(left: Path, right: Path, *, results: Path) -> Compared:
    """Compare two records of runs.

    Raises:
        AlteredError: one of them, or a file of its run, was altered.
        RecordError: one cannot be read.
    """
    records = [RunRecord.read(path) for path in (left, right)]
    for path, record in zip((left, right), records, strict=True):
        record.prove(path.parent)
    one, other = records
    code, notes = code_between([one], [other], results)
    return Compared(
        "runs",
        left.as_posix(),
        right.as_posix(),
        (
            *of_specification(one.spec, other.spec),
            *code,
            *between("data", _data(one), _data(other)),
            *between("environment", environment(one.stamp), environment(other.stamp)),
        ),
        tuple(_numbers(Lookup(one.spec, left, one), Lookup(other.spec, right, other))),
        notes,
    )


def code_between(
    left: Iterable[RunRecord], right: Iterable[RunRecord], results: Path
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return the definitions that made one side's records alone, and whose are not known."""
    sides: list[dict[str, str]] = [{}, {}]
    notes: list[str] = []
    for found, records in zip(sides, (left, right), strict=True):
        for record in records:
            known = definitions_of(job(record.spec), record.stamp, results)
            found.update(known or {})
            if known is None:
                notes.append(NOT_KNOWN.format(record.spec.id, record.stamp.code))
    return between("code", *sides), tuple(notes)


def environment(stamp: Stamp) -> dict[str, Any]:
    """Return where and with what a record was made."""
    return {
        "commit": f"{stamp.commit or 'no git checkout'}{', edited' * stamp.dirty}",
        "device": stamp.device,
        "precision": stamp.precision,
        "CPU threads": stamp.cpu_threads,
        "may differ": "; ".join(stamp.undetermined) or None,
        **stamp.packages,
    }


def _data(record: RunRecord) -> dict[str, Any]:
    return {
        f"{record.spec.dataset.name}, SHA-256": record.data_sha256,
        "starts from weights, SHA-256": record.parent_sha256,
    }


def _numbers(left: RunLookup, right: RunLookup) -> Iterable[Number]:
    yield Number("top-1", measured_top1(left), measured_top1(right), _difference(left, right))
    outcomes: list[Any] = [left.record, right.record]
    for name, unit in (("loss", "nats"), ("epochs", ""), ("best_epoch", "")):
        ours, theirs = (getattr(record.outcome, name) for record in outcomes)
        yield Number(name, _plain(ours, unit), _plain(theirs, unit))
    ours, theirs = (record.stamp.seconds for record in outcomes)
    yield Number("duration", _plain(ours, "s"), _plain(theirs, "s"))


def _plain(value: float | None, unit: str) -> Measured | None:
    return None if value is None else Measured(value, unit)


def measured_top1(run: RunLookup) -> Measured | None:
    """Return the test top-1 of a run; None if it diverged."""
    share = top1(run)
    if share is None:
        return None
    records = Records(NO_MEANS, [run], [])
    return Measured.top1(share, accuracy_interval(records, {run.spec.seed: run}, ALPHA))


def _difference(left: RunLookup, right: RunLookup) -> Measured | None:
    """Return right - left over test images; None unless both were tested on the same."""
    ours, theirs = (read_answers(run) for run in (right, left))
    data: list[Any] = [run.record for run in (left, right)]
    same = data[0].data_sha256 == data[1].data_sha256
    if ours is None or theirs is None or not same:
        return None
    estimate = crossed({0: ours}, {0: theirs})
    if estimate is None:
        return None
    interval = estimate.interval_of_images(ALPHA)
    return Measured(estimate.mean, "points, paired", interval, "test images alone")
