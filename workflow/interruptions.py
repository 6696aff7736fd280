"""What Ctrl-C or a kill leaves behind, and how the next command continues.

Snakemake notes in ``.snakemake/locks`` which files a command works on, not which process that is.
So each command here also holds a lock of the kernel, which ends with its process, whatever ends it.
Where nobody holds one, notes in ``.snakemake/locks`` are of the dead.
"""

import fcntl
import shutil
import signal
from collections.abc import Collection
from pathlib import Path
from threading import Event
from types import FrameType
from typing import IO

from cxv.records.atomic_files import write
from cxv.records.store import store_near
from workflow import last_good

HELD = Path(".cxv/snakemake.lock")
NOTED = Path(".snakemake/locks")
UNTOLD = Path(".cxv/not_in_mlflow.txt")
"""Runs, one a line, that a command planned and has not yet shown in MLflow."""

interrupted = Event()
"""Set by Ctrl-C."""


def hear_interrupt() -> None:
    """Note Ctrl-C, which Snakemake does not tell its hooks."""

    def note(_: int, __: FrameType | None) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, note)


def continue_work() -> tuple[IO[str], bool]:
    """Forget what dead commands have noted.

    Returns:
        A file, whose lock says that this command lives, until it is closed or the process ends;
        whether there were such notes.
    """
    HELD.parent.mkdir(exist_ok=True)
    held = HELD.open("a")  # which no child inherits
    left = False
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        last_good.put_back_of_dead_commands()
        left = any(NOTED.glob("*.lock"))
        if left:
            shutil.rmtree(NOTED)
        fcntl.flock(held, fcntl.LOCK_SH)
    except BlockingIOError:  # another command runs: Snakemake decides whether they collide
        fcntl.flock(held, fcntl.LOCK_SH)
    except OSError:  # a file system without such locks: Snakemake decides
        pass
    return held, left


def orphans(planned: Collection[str], results: Path) -> list[str]:
    """Say which jobs of a plan are computed now, by processes that this command did not start."""
    return [
        f"{holder.name} is computed by {holder}: this command waits for its result"
        for holder in store_near(results).under_way()
        if holder.name in planned
    ]


def untold() -> list[str]:
    """Return the runs that former commands planned and did not show in MLflow."""
    return UNTOLD.read_text().split() if UNTOLD.exists() else []


def remember_untold(runs: Collection[str]) -> None:
    """Keep which runs are to be shown, should this command be killed."""
    write(UNTOLD, "".join(f"{run}\n" for run in sorted(runs)))


def forget_untold() -> None:
    """All have been shown."""
    UNTOLD.unlink(missing_ok=True)
