"""Which tests start whole programs, and how the tests are shared among test processes.

``make unit`` leaves out what is marked ``slow``. Every test that starts Snakemake, DVC, a browser,
LaTeX or the command line of cxv has the mark; one without it that starts them fails. So has what
takes seconds: networks at full size, fresh Pythons, trainings, stores of MLflow.
"""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

STARTED = time.monotonic()
LIMIT = "CXV_SLOW_MINUTES"
"""Names the minutes after which no slow test is started; without it all are."""

LIGHT = {"git", "python", "uname"}
"""What a unit test may start: git, this Python with a few lines of code or a file of tests, and
what MLflow asks once, when it is loaded."""


class Guard:
    """Hears of every process that Python starts while a test without the mark runs."""

    def __init__(self) -> None:
        self.test: pytest.Item | None = None
        sys.addaudithook(self.heard)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and self.test and not _is_slow(self.test):
            command = arguments[1]
            words = [command] if isinstance(command, str) else [str(word) for word in command]
            if is_whole(words):
                raise RuntimeError(f"{self.test.name} starts {words[0]} and is not marked slow")


def is_whole(command: list[str]) -> bool:
    """Tell whether a command is more than git or a few lines of Python."""
    program = Path(command[0]).name.rstrip("0123456789.")
    return program not in LIGHT or "-m" in command[1:3]


guard = Guard()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    guard.test = item
    try:
        return (yield)
    finally:
        guard.test = None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a slow test for which no time is left, and say so; quick ones always run."""
    limit = float(os.environ.get(LIMIT, "inf"))
    if _is_slow(item) and time.monotonic() - STARTED > 60 * limit:
        pytest.skip(f"{LIMIT}: the {limit:g} minutes for slow tests are over")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, each by itself; the others stay with their file.

    ``--dist loadgroup`` hands groups out in this order, so that no process waits at the end for
    another's slow test, and a fixture of a module is made once for its unit tests. One test that
    needs the made project is the very first, the others are the last slow ones: while one process
    makes it, the rest have other work.
    """
    first = next(filter(_needs_made_project, items), None)
    items.sort(key=lambda item: _turn(item, first))
    for item in items:
        if not _is_slow(item) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def _turn(item: pytest.Item, first: pytest.Item | None) -> int:
    if item is first:
        return 0
    if _is_slow(item):
        return 2 if _needs_made_project(item) else 1
    return 3


def _needs_made_project(item: pytest.Item) -> bool:
    return _is_slow(item) and "made" in getattr(item, "fixturenames", ())


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None
