"""What the attempts of a job leave in its log: which process began when, and how the last ended."""

import logging
import os
import re
import socket
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from cxv.errors import Stopped, UserError

log = logging.getLogger(__name__)

KEPT = Path(".cxv")
"""Where logs of all attempts are: Snakemake deletes its own before each."""
BEGINS = ": process "  # in the first line of an attempt
ADVANCED = " of at most "  # in the line of an epoch
DISK = "no access: "  # before what a disk or a permission refused
TRACEBACK = "Traceback (most recent call last):"
BUGS = frozenset(
    {
        *("AssertionError", "AttributeError", "ImportError", "IndexError", "KeyError"),
        *("ModuleNotFoundError", "NameError", "NotImplementedError", "SyntaxError", "TypeError"),
        *("UnboundLocalError", "ValueError", "ZeroDivisionError"),
    }
)
"""Exceptions that the same code raises again; RuntimeError is not: so torch tells of a device."""

BEGUN = re.compile(r": process (\d+) on (\S+), (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$")
WHEN = "%Y-%m-%d %H:%M:%S"  # local time

Ending = Literal["refused", "bug", "failed", "saved", "silent"]


class Process(NamedTuple):
    """The one that made an attempt."""

    number: int
    host: str
    since: float  # seconds since 1970

    def is_alive(self) -> bool | None:
        """Tell whether it still runs; None: it is another machine's, which this one cannot ask.

        Once it has ended, the kernel may give its number to another one.
        """
        if self.host != socket.gethostname():
            return None
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # another user's
            return True
        return True


def begin(name: str) -> None:
    """Leave the first line of an attempt of a job."""
    now = time.strftime(WHEN)
    log.info("%s%s%d on %s, %s", name, BEGINS, os.getpid(), socket.gethostname(), now)


def begun(lines: Sequence[str]) -> Process | None:
    """Return the process that an attempt's first line names."""
    found = BEGUN.search(lines[0]) if lines else None
    if not found:
        return None
    return Process(int(found[1]), found[2], time.mktime(time.strptime(found[3], WHEN)))


def lines_of(log: Path) -> list[str]:
    """Return the lines of a log; none if it is not there."""
    return log.read_text(errors="replace").rstrip().splitlines() if log.exists() else []


def attempts(lines: Sequence[str]) -> list[Sequence[str]]:
    """Return the lines of each attempt that wrote a first line, the last one last."""
    starts = [number for number, line in enumerate(lines) if BEGINS in line]
    return [lines[first:end] for first, end in pairwise([*starts, len(lines)])]


def last_attempt(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines of the last attempt; all, where each was refused before its first line."""
    return [lines, *attempts(lines)][-1]


def ending(lines: Sequence[str]) -> Ending:
    """Return how an attempt ended, from its lines.

    Returns:
        ``refused``: by an error that a user has to mend, whose message may have several lines;
        ``bug``: the same code fails the same way; ``failed``: by a GPU, a disk or a lack of memory,
        which may not come again; ``saved``: by a signal, with its state saved. One that was killed
        is ``silent``; so is one that is done, or under way.
    """
    if any(line.startswith(UserError.SAYS) for line in lines):
        return "refused"
    if _is_bug(lines):
        return "bug"
    if TRACEBACK in lines or any(line.startswith(DISK) for line in lines[-1:]):
        return "failed"
    return "saved" if any(Stopped.SAYS in line for line in lines[-1:]) else "silent"


def _is_bug(lines: Sequence[str]) -> bool:
    """Whether the last exception that a traceback of Python shows is of a kind that bugs raise."""
    last = max(
        (number for number, line in enumerate(lines) if line == TRACEBACK), default=len(lines)
    )
    raised = (line for line in lines[last + 1 :] if line and not line[0].isspace())
    return next(raised, "").partition(":")[0] in BUGS
