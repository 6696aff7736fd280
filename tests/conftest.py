"""Hooks of every test process; one that runs tests has the fixtures too."""

import pytest
from whole_programs import (
    pytest_collection_modifyitems,
    pytest_runtest_protocol,
    pytest_runtest_setup,
)

__all__ = ["pytest_collection_modifyitems", "pytest_runtest_protocol", "pytest_runtest_setup"]


def pytest_configure(config: pytest.Config) -> None:
    """Spare the process that only hands tests out the seconds that it takes to load torch."""
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.option.collectonly or not config.getoption("numprocesses", 0):
        for plugin in ("shared_fixtures", "made_project"):
            config.pluginmanager.import_plugin(plugin)
