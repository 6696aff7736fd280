"""A Slurm cluster for all tests that name this plugin, and a training that they interrupt."""

from collections.abc import Iterator
from pathlib import Path

import cluster as slurm
import pytest
from project import make_long
from submitted import EPOCHS, RECORD, Submitted, files_of


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(False, id="no_accounting"),
        pytest.param(True, id="accounting", marks=pytest.mark.cluster),
    ],
)
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[slurm.Cluster]:
    slurm.require(accounting=request.param)
    with slurm.started(tmp_path_factory.mktemp("slurm"), accounting=request.param) as started:
        yield started


@pytest.fixture
def submitted(cluster: slurm.Cluster, tmp_path: Path) -> Submitted:
    """A training of seconds in a checkout of its own, which the cluster is to run."""
    return Submitted(make_long(tmp_path / "project", epochs=EPOCHS), cluster)


@pytest.fixture(scope="session")
def unharmed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """What the same training leaves that nobody interrupts, on this machine without a cluster."""
    project = make_long(tmp_path_factory.mktemp("unharmed") / "project", epochs=EPOCHS)
    project.snakemake("--", RECORD)
    return files_of(project)
