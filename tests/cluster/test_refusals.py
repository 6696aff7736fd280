"""What a real Slurm refuses, through the ``sbatch`` that the workflow puts first."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import cluster as slurm
import pytest
from shared_fixtures import ROOT

pytest_plugins = ["slurm_fixtures"]
pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.xdist_group("slurm")]

SBATCH = str(ROOT / "workflow/bin/sbatch")


def submit(
    cluster: slurm.Cluster, *options: str, command: str = "true"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SBATCH, "--parsable", "--output=/dev/null", *options, f"--wrap={command}"],
        env=cluster.environment | {"CXV_SBATCH_SECONDS": "0.5"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("option", "advice"),
    [
        ("--gpus=9", "set `gpu: 0` for train and profile, or a lower mem_mb"),
        ("--mem=99999999", "set `gpu: 0` for train and profile, or a lower mem_mb"),
        ("--partition=none", "set slurm_partition in default-resources"),
    ],
)
def test_what_slurm_refuses_is_repeated_with_what_to_do(
    option: str, advice: str, cluster: slurm.Cluster
) -> None:
    done = submit(cluster, option)
    assert (done.returncode, done.stdout) == (1, "")
    assert advice in done.stderr


def test_a_cluster_that_knows_no_gpus_is_told_from_one_whose_nodes_have_too_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slurm.require(accounting=False)
    monkeypatch.setattr(slurm, "GPUS", "")
    bare = slurm.SETTINGS.replace("GresTypes=gpu\n", "").replace(" Gres=gpu:2", "")
    monkeypatch.setattr(slurm, "SETTINGS", bare)
    with slurm.started(tmp_path / "slurm", accounting=False) as cluster:
        done = submit(cluster, "--gpus=1")
    assert done.returncode == 1
    assert "no node offers the GPU that was asked for: set `gpu: 0` for train" in done.stderr


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[slurm.Cluster]:
    """A cluster where this user may have one job at a time."""
    slurm.require(accounting=True)
    with slurm.started(tmp_path / "slurm", accounting=True) as cluster:
        cluster.ask("sacctmgr", "-i", "modify", "user", "root", "set", "maxsubmitjobs=1")
        yield cluster


def test_a_sites_own_limit_is_waited_out_and_a_foreign_account_refused(
    strict: slurm.Cluster,
) -> None:
    """Slurm itself refuses the second job, until the first has ended."""
    first = submit(strict, command="sleep 3")
    second = submit(strict)
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    ended = strict.ask("sacct", "-nXP", f"--jobs={first.stdout.strip()}", "--format=state")
    assert ended == "COMPLETED"
    done = submit(strict, "--account=none")
    assert done.returncode == 1
    assert "set slurm_account in default-resources" in done.stderr
