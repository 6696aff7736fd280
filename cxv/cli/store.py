"""What ``cxv store`` prints."""

import time

from cxv.records.kept_jobs import kept_jobs, remove
from cxv.records.store import Store

DAY = 24 * 3600  # seconds


def overview(store: Store) -> str:
    """Say where the store is, how large, and which processes compute something now."""
    jobs = kept_jobs(store)
    whole = sum(job.bytes for job in jobs)
    alone = sum(job.bytes_here_alone for job in jobs)
    lines = [
        f"{store.folder}: {len(jobs)} finished jobs, {_megabytes(whole)},"
        f" {_megabytes(alone)} of them linked from no results folder"
    ]
    lines += [f"under way: {holder.name}, {holder}" for holder in store.under_way()]
    return "\n".join(lines) + "\n"


def prune(store: Store, unused_days: float) -> str:
    """Remove what was unused for some days and no results folder links to; say what it freed."""
    before = time.time() - unused_days * DAY
    old = [
        job for job in kept_jobs(store) if job.used < before and job.bytes == job.bytes_here_alone
    ]
    for job in old:
        remove(store, job)
    return f"removed {len(old)} jobs, {_megabytes(sum(job.bytes for job in old))}\n"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
