"""A training that a Slurm cluster runs while a test looks on and interrupts it."""

import json
import re
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from cluster import Cluster
from processes import running, wait_for
from project import ADAMW_RUN, Project

from cxv.records.run import FILES, TIMING

EPOCHS = 100
RECORD = f"results/runs/{ADAMW_RUN}/metrics.json"
ASKED_SOON = ("--slurm-init-seconds-before-status-checks", "2")
COMMAND = ("snakemake", "--profile", "workflow/profiles/slurm", "--logger", "cxv", *ASKED_SOON)
BEGUN_SECONDS = 300  # of patience with a job, on a machine that others use


@dataclass(frozen=True)
class Submitted:
    """A checkout whose training is a job of the cluster."""

    project: Project
    cluster: Cluster

    def command(self, *more: str) -> AbstractContextManager[subprocess.Popen[str]]:
        """Start the command that a user types."""
        return running(
            *COMMAND, *more, "--", RECORD,
            cwd=self.project.folder, variables=self.cluster.variables,
        )  # fmt: skip

    @property
    def log(self) -> str:
        """What all attempts have said."""
        path = self.project.folder / f".cxv/logs/train/{ADAMW_RUN}.log"
        return path.read_text() if path.exists() else ""

    @property
    def epochs(self) -> list[int]:
        """The epochs that were trained, by all attempts, in order."""
        return [int(number) for number in re.findall(r" epoch (\d+) of at most ", self.log)]

    @property
    def processes(self) -> list[int]:
        """The processes of all attempts, in order."""
        return [int(number) for number in re.findall(r": process (\d+) on ", self.log)]

    def wait_for_training(self, snakemake: subprocess.Popen[str]) -> str:
        """Return the job that trains, as soon as it has trained two epochs."""
        wait_for(lambda: len(self.epochs) > 1, BEGUN_SECONDS, snakemake)
        (job,) = self.cluster.running_jobs()
        return job

    def record(self) -> dict[str, Any]:
        return json.loads(self.project.read(RECORD))


def ended(snakemake: subprocess.Popen[str]) -> str:
    """Wait until a command ends well; return what it said."""
    said, _ = snakemake.communicate(timeout=400)
    assert snakemake.returncode == 0, said
    return said


def files_of(project: Project) -> dict[str, object]:
    """Return what a training has left, without its interruptions and seconds, and their seals."""
    folder = f"results/runs/{ADAMW_RUN}"
    differing = {"stamp", "interruptions", "sha256", "seal"}
    record = json.loads(project.read(RECORD))
    same = [name for name in FILES if name != TIMING]
    files: dict[str, object] = {name: project.read(f"{folder}/{name}") for name in same}
    files |= {f"sha256 of {name}": record["sha256"][name] for name in same}
    return files | {key: value for key, value in record.items() if key not in differing}
