"""Programs that run while a test looks on, and end with it whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

Value = TypeVar("Value")
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


@contextmanager
def running(
    *command: str, cwd: Path, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start a program of this environment; at the end kill it and all that it has started."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "PATH": PATH, **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def wait_for(
    condition: Callable[[], Value], seconds: float, process: subprocess.Popen[str] | None = None
) -> Value:
    """Return the first true value of a condition, which a ``process`` is to bring about.

    Raises:
        TimeoutError: there is none in time, or the process has ended.
    """
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if process and process.poll() is not None:
            raise TimeoutError(f"ended with {process.returncode}: {process.communicate()[0]}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing after {seconds} s")
        time.sleep(0.02)
    return value
