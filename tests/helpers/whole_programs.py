"""Which tests start whole programs, and how the tests are shared among test processes.

``make unit`` leaves out what is marked ``slow``. Every test that starts Snakemake, DVC, a browser,
LaTeX or the command line of cxv has the mark; one without it that starts them fails. So has what
takes seconds: networks at full size, fresh Pythons, trainings, stores of MLflow.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

LIGHT = {"git", "python", "uname"}
"""What a unit test may start: git, this Python with a few lines of code or a file of tests, and
what MLflow asks once, when it is loaded."""


class Guard:
    """Hears of every process that Python starts while a test without the mark runs."""

    def __init__(self) -> None:
        self.test: pytest.Item | None = None
        sys.addaudithook(self.heard)

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "subprocess.Popen" and self.test and not self.test.get_closest_marker("slow"):
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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, each by itself; the others stay with their file.

    ``--dist loadgroup`` hands groups out in this order, so that no process waits at the end for
    another's slow test, and a fixture of a module is made once for its unit tests.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        if not item.get_closest_marker("slow") and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
