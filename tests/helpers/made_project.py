"""A project of seconds whose demo is made, for tests that break it."""

import shutil
from pathlib import Path

import pytest
from built import built_once
from project import Project, make_demo


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose demo is made and known to DVC; nobody may change it."""
    return Project(built_once(tmp_path_factory, "made", make_demo))


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """A copy of the made project, free to be broken."""
    copy = shutil.copytree(made.folder, tmp_path / "project", symlinks=True)
    return Project(copy)
