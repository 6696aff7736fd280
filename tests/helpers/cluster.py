"""A Slurm cluster of one machine, in a folder: its daemons listen on loopback alone."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from processes import PATH, wait_for

WITH_DAEMONS = os.pathsep.join([PATH, "/usr/sbin", "/sbin"])
PROGRAMS = (
    "munged",
    "mungekey",
    "slurmctld",
    "slurmd",
    "sbatch",
    "squeue",
    "scancel",
    "sinfo",
    "srun",
)
SETTINGS = """
ClusterName=loop
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=16000 Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def require() -> None:
    """Skip the test where no cluster can be started."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=WITH_DAEMONS)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: slurm-wlm, munge)")
    if os.geteuid() != 0:
        pytest.skip("the daemons of Slurm want root")


@contextmanager
def started(folder: Path) -> Iterator[dict[str, str]]:
    """Start a cluster without accounting; give the environment in which its programs find it."""
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir(parents=True)
    settings = folder / "slurm.conf"
    settings.write_text(
        SETTINGS.format(
            host=socket.gethostname().partition(".")[0],
            folder=folder,
            cpus=os.cpu_count(),
            ports=_free_ports(2),
        )
    )
    (folder / "gres.conf").write_text("Name=gpu File=/dev/null\n")  # scheduling only
    path = os.pathsep.join([str(folder / "bin"), WITH_DAEMONS])
    environment = os.environ | {"SLURM_CONF": str(settings), "PATH": path}
    srun = folder / "bin/srun"  # Snakemake's plugin starts it without SLURM_CONF
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={settings} exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)
    key = folder / "munge.key"
    subprocess.run(["mungekey", "--create", f"--keyfile={key}"], env=environment, check=True)
    munged = ["munged", "--foreground", "--force", f"--key-file={key}"]
    munged += [f"--{x}-file={folder}/munged.{x}" for x in ("log", "pid", "seed")]
    with ExitStack() as daemons:
        for command in (
            [*munged, f"--socket={folder}/munge.socket"],
            ["slurmctld", "-D", "-f", str(settings)],
            ["slurmd", "-D", "-f", str(settings)],
        ):
            daemons.enter_context(_daemon(command, environment, folder))
            if command[0] == "munged":
                wait_for((folder / "munge.socket").exists, seconds=20)
        wait_for(lambda: asked("sinfo", "--format=%t", environment=environment) == "idle", 60)
        yield environment


def asked(program: str, *arguments: str, environment: dict[str, str]) -> str:
    """Return what a program of Slurm prints, without a header; nothing without a cluster."""
    done = subprocess.run(
        [program, "--noheader", *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip()


@contextmanager
def _daemon(command: list[str], environment: dict[str, str], folder: Path) -> Iterator[None]:
    with (folder / f"{command[0]}.out").open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as sockets:
        bound = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in bound:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in bound]
