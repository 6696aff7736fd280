"""What every job does that leaves a record: refuse changed code, compute once, say what it took."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxv.config.strict_model import StrictModel
from cxv.errors import UserError
from cxv.records.atomic_files import write
from cxv.records.code_record import keep_definitions
from cxv.records.identity import Identity
from cxv.records.job import Job
from cxv.records.job_log import begin
from cxv.records.seal import RecordError
from cxv.records.store import store_near

if TYPE_CHECKING:
    import torch

log = logging.getLogger(__name__)


def make_once(
    job: Job[Any, Any],
    identity: StrictModel,
    outputs: Mapping[str, Path],
    make: Callable[[Path], object],
) -> None:
    """Publish the files that are kept of a job; if there are none, make them first and keep them.

    Args:
        job: what it is.
        identity: all that decides what it computes.
        outputs: the path of each file, by its name in the store; the record comes last.
        make: writes the files, by these names, into the folder that it is given. Another process
            may have been waited for until then: it looks once more whether its code is unchanged.
    """
    name = job.settings.id
    begin(name)
    *_, record = outputs
    shelf = store_near(outputs[record]).shelf(name, identity)
    with shelf.alone():
        if shelf.holds(set(outputs)) and _readable(job, shelf.folder / record):
            log.info("%s: not computed again, taken from %s", name, shelf.folder)
        else:
            make(shelf.begin())
            shelf.keep()
        shelf.publish(outputs)
    if folder := _results(job, outputs[record]):
        keep_definitions(folder, *job.entries)


def _results(job: Job[Any, Any], record: Path) -> Path | None:
    """Return the folder of results that a record is in; None: its path was typed by hand."""
    parts = job.path.parts
    return record.parents[len(parts) - 1] if record.parts[-len(parts) :] == parts else None


@contextmanager
def cpu() -> Iterator["torch.device"]:
    """Give the CPU, which needs no reservation."""
    import torch

    yield torch.device("cpu")


def leave_record(
    job: Job[Any, Any],
    planned: str | None,
    out: Path,
    compute: Callable[["torch.device"], Mapping[str, Any]],
    *,
    data_sha256: str | None = None,
    device: Callable[[], AbstractContextManager["torch.device"]] = cpu,
) -> None:
    """Write the record of a job.

    Args:
        job: what it is.
        planned: code hash at the time of the plan; None: of the code on disk.
        out: the record.
        compute: gives the fields of the record, without settings and stamp.
        data_sha256: of the dataset that it reads; None: it reads none.
        device: where it computes, reserved only if it does.

    Raises:
        UserError: the code is not the one that was planned.
    """
    code = unchanged(job.settings.id, planned, job.code)
    identity = Identity(
        kind=job.record.__name__,
        settings=job.identity,
        code=code,
        data_sha256=data_sha256,
    )

    def make(folder: Path) -> None:
        from cxv.records.environment import stamp

        with device() as where:
            unchanged(job.settings.id, code, job.code_on_disk)
            started = time.perf_counter()
            fields = compute(where)
            made = stamp(code, where, "float32", time.perf_counter() - started)
        record = job.record(spec=job.settings, **fields, stamp=made)
        write(folder / out.name, record.text())

    make_once(job, identity, {out.name: out}, make)


def unchanged(name: str, planned: str | None, found: str) -> str:
    """Return the hash of the code on disk, if it is the one that was planned; else UserError."""
    if planned not in {None, found}:
        raise UserError(f"{name}: the code changed after this was planned ({planned} -> {found})")
    return found


def _readable(job: Job[Any, Any], record: Path) -> bool:
    """Whether this code reads a record: one of older code may lack a field."""
    try:
        job.record.load(record, job.settings)
    except RecordError as error:
        log.warning("computed again: %s", error)
        return False
    return True
