"""Fixtures that several test modules share."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A folder with the datasets' archives, named by CXV_MIRROR."""
    folder = os.environ.get("CXV_MIRROR")
    if not folder:
        pytest.skip("CXV_MIRROR names no folder with the datasets' archives")
    return Path(folder)
