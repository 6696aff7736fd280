"""What every job does that leaves a record: refuse changed code, compute, say what it took."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxv.errors import UserError
from cxv.records.atomic_files import write
from cxv.records.job import Job

if TYPE_CHECKING:
    import torch


def leave_record(
    job: Job[Any, Any],
    planned: str | None,
    out: Path,
    compute: Callable[[], Mapping[str, Any]],
    device: "torch.device | None" = None,
) -> None:
    """Write the record of a job.

    Args:
        job: what it is.
        planned: code hash at the time of the plan; None: of the code on disk.
        out: the record.
        compute: gives the fields of the record, without settings and stamp.
        device: where it computes; None: the CPU.

    Raises:
        UserError: the code is not the one that was planned.
    """
    import torch

    from cxv.records.environment import stamp

    code = unchanged(job.settings.id, planned, job.code)
    started = time.perf_counter()
    fields = compute()
    seconds = time.perf_counter() - started
    made = stamp(code, device or torch.device("cpu"), "float32", seconds)
    record = job.record(spec=job.settings, **fields, stamp=made)
    write(out, record.model_dump_json(indent=1) + "\n")


def unchanged(name: str, planned: str | None, found: str) -> str:
    """Return the hash of the code on disk, if it is the one that was planned; else UserError."""
    if planned not in {None, found}:
        raise UserError(f"{name}: the code changed after this was planned ({planned} -> {found})")
    return found
