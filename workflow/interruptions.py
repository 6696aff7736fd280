"""What a Snakemake that was killed has left behind, and how the next one goes on.

Snakemake notes in ``.snakemake/locks`` which files a command works on, not which process that is.
So each command here also holds a lock of the kernel, which ends with its process, whatever ends it.
Where nobody holds one, notes in ``.snakemake/locks`` are of the dead.
"""

import fcntl
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from cxv.records.store import Store

HELD = Path(".cxv/snakemake.lock")
NOTED = Path(".snakemake/locks")


def go_on() -> str | None:
    """Hold the lock until this process ends; forget what dead commands have noted.

    Returns:
        What to tell the user; None: nothing was left behind.
    """
    HELD.parent.mkdir(exist_ok=True)
    held = os.open(HELD, os.O_RDWR | os.O_CREAT, 0o644)  # never closed; no child inherits it
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left = any(NOTED.glob("*.lock"))
        if left:
            shutil.rmtree(NOTED)
    except BlockingIOError:  # another command runs: Snakemake decides whether they collide
        left = False
    except OSError:  # a file system without such locks
        return None
    fcntl.flock(held, fcntl.LOCK_SH)
    return "The last command was killed; this one goes on." if left else None


def orphans(planned: Collection[str], results: Path) -> list[str]:
    """Say which jobs of a plan are computed now, by processes that this command did not start."""
    return [
        f"{holder.name} is computed by {holder}: this command waits for its result"
        for holder in Store.near(results).under_way()
        if holder.name in planned
    ]
