"""For pytest under mutmut: the tests of one group, the fastest first, with checks of shapes.

A mutant may take ``MOST_SECONDS`` of tests; one that lives longer counts as left, whatever slower
tests would say.

mutmut runs pytest many times in one process, and jaxtyping's own option refuses a package that an
earlier run imported.
"""

import gc
import json
import sys
import tomllib
from itertools import accumulate
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

STATISTICS = Path("mutmut-stats.json")
"""Durations of the tests, as mutmut measured them."""

TESTS = Path("tests.txt")
"""Names of the test files of the group."""

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"

MOST_SECONDS = 30
"""Of tests for one mutant, by the durations that mutmut measured; one test always runs."""

LISTING = frozenset({"test_the_registry_names_every_edit"})
"""Tests that list the functions of a module, to which mutmut adds its mutants."""


def checked() -> tuple[list[str], str]:
    """Return the packages whose shapes the project's tests check, and what checks them."""
    options = tomllib.loads(PROJECT.read_text())["tool"]["pytest"]["ini_options"]
    [names] = [x for x in options["addopts"] if x.startswith("--jaxtyping-packages=")]
    *packages, checker = names.partition("=")[2].split(",")
    return packages, checker


if TESTS.exists() and "cxv" not in sys.modules:
    install_import_hook(*checked())


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over the tests of other groups."""
    name = collection_path.name
    return True if name.startswith("test_") and name not in TESTS.read_text().split() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the fastest tests first: a mutant is killed by the first that fails."""
    items[:] = [item for item in items if item.name not in LISTING]
    if STATISTICS.exists():
        seconds = json.loads(STATISTICS.read_text())["duration_by_test"]
        items.sort(key=lambda item: seconds.get(item.nodeid, 0.0))
        spent = accumulate(seconds.get(item.nodeid, 0.0) for item in items)
        within = sum(total <= MOST_SECONDS for total in spent)
        del items[max(1, within) :]


def pytest_sessionfinish() -> None:
    """Keep the collector off what was imported before the process is forked for each mutant."""
    gc.freeze()
