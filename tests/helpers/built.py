"""What takes seconds to build, built once for all test processes of a session."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """Return a path that the first process to ask has built; nobody may change what is there."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # a worker's own folder is inside the session's
    path, done = base / name, base / f"{name}.built"
    with FileLock(f"{done}.lock"):
        if not done.exists():
            build(path)
            done.touch()
    return path
