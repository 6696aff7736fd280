"""A Slurm cluster of one machine, in a folder: its daemons listen on loopback alone."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
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
    "scontrol",
    "sinfo",
    "srun",
)
BOOKKEEPERS = ("slurmdbd", "sacct", "sacctmgr", "mariadbd", "mariadb-install-db")
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
SchedulerParameters=batch_sched_delay=0
ReturnToService=2
KillWait=5
MpiDefault=none
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=16000 Gres=gpu:2 State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
{accounting}
"""
GPUS = """
Name=gpu File=/dev/null
Name=gpu File=/dev/zero
"""
"""Pretended: what is scheduled, not what computes."""
NO_ACCOUNTING = """
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
"""
ACCOUNTING = """
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={ports[2]}
AccountingStoragePass={folder}/munge.socket
AccountingStorageEnforce=associations,limits
"""
BOOKS = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={ports[2]}
SlurmUser=root
PidFile={folder}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={ports[3]}
StorageUser=slurm
StoragePass=slurm
"""


@dataclass(frozen=True)
class Cluster:
    """A running cluster, and what its programs need in order to find it."""

    folder: Path
    variables: dict[str, str]
    daemons: dict[str, subprocess.Popen[bytes]]

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | self.variables

    def ask(self, program: str, *arguments: str) -> str:
        """Return what a program of Slurm prints; nothing while the cluster does not answer."""
        done = subprocess.run(
            [program, *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout.strip()

    def running_jobs(self) -> list[str]:
        return self.ask("squeue", "--noheader", "--states=running", "--format=%i").split()

    def start(self, *command: str) -> None:
        """Start a daemon; what it prints is in a file of its name."""
        with (self.folder / f"{command[0]}.out").open("ab") as said:
            self.daemons[command[0]] = subprocess.Popen(
                command, env=self.environment, stdout=said, stderr=said
            )

    def start_node(self) -> None:
        self.start("slurmd", "-D", "-f", self.variables["SLURM_CONF"])
        wait_for(lambda: self.ask("sinfo", "--noheader", "--format=%t") in {"idle", "mix"}, 60)

    def kill_node(self, *, jobs: Sequence[str] = ()) -> None:
        """Kill the daemon of the node at once, and with it the processes of some jobs."""
        killed = [_processes(self.ask("scontrol", "listpids", job)) for job in jobs]
        self.daemons["slurmd"].kill()
        self.daemons["slurmd"].wait()
        for process in {process for processes in killed for process in processes}:
            os.kill(process, signal.SIGKILL)

    def stop(self) -> None:
        """End the daemons, the last one first."""
        for process in reversed(self.daemons.values()):
            process.terminate()
            process.wait(timeout=60)


def require(*, accounting: bool) -> None:
    """Skip the test where no cluster can be started."""
    wanted = PROGRAMS + (BOOKKEEPERS if accounting else ())
    missing = [name for name in wanted if not shutil.which(name, path=WITH_DAEMONS)]
    if missing:
        packages = "slurm-wlm, munge" + (", slurmdbd, mariadb-server" if accounting else "")
        pytest.skip(f"not installed: {', '.join(missing)} (Debian: {packages})")
    if os.geteuid() != 0:
        pytest.skip("the daemons of Slurm want root")


@contextmanager
def started(folder: Path, *, accounting: bool) -> Iterator[Cluster]:
    """Start a cluster, with a database that keeps accounts or without; stop it at the end."""
    for name in ("state", "spool", "bin"):
        (folder / name).mkdir(parents=True)
    ports = _free_ports(4)
    settings = folder / "slurm.conf"
    settings.write_text(
        SETTINGS.format(
            host=socket.gethostname().partition(".")[0],
            folder=folder,
            cpus=os.cpu_count(),
            ports=ports,
            accounting=(ACCOUNTING if accounting else NO_ACCOUNTING).format(
                folder=folder, ports=ports
            ),
        )
    )
    (folder / "gres.conf").write_text(GPUS)
    path = os.pathsep.join([str(folder / "bin"), WITH_DAEMONS])
    cluster = Cluster(folder, {"SLURM_CONF": str(settings), "PATH": path}, {})
    srun = folder / "bin/srun"  # Snakemake's plugin starts it without SLURM_CONF
    srun.write_text(f'#!/bin/sh\nSLURM_CONF={settings} exec {shutil.which("srun")} "$@"\n')
    srun.chmod(0o755)
    try:
        _start_munge(cluster)
        if accounting:
            _keep_accounts(cluster, ports)
        cluster.start("slurmctld", "-D", "-f", str(settings))
        cluster.start_node()
        yield cluster
    finally:
        cluster.stop()


def _start_munge(cluster: Cluster) -> None:
    folder = cluster.folder
    key, sock = folder / "munge.key", folder / "munge.socket"
    cluster.ask("mungekey", "--create", f"--keyfile={key}")
    files = [f"--{x}-file={folder}/munged.{x}" for x in ("log", "pid", "seed")]
    cluster.start(
        "munged", "--foreground", "--force", f"--key-file={key}", f"--socket={sock}", *files
    )
    wait_for(sock.exists, seconds=20)


def _keep_accounts(cluster: Cluster, ports: Sequence[int]) -> None:
    """Start a database and the daemon that writes into it; give this user an account."""
    folder = cluster.folder
    data, sock = folder / "mariadb", folder / "mariadb.socket"
    cluster.ask("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root")
    setup = folder / "user.sql"
    setup.write_text(
        "CREATE USER slurm@localhost IDENTIFIED BY 'slurm';\nGRANT ALL ON *.* TO slurm@localhost;\n"
    )
    cluster.start(
        "mariadbd", "--no-defaults", f"--datadir={data}", "--user=root", f"--socket={sock}",
        "--bind-address=127.0.0.1", f"--port={ports[3]}", f"--init-file={setup}",
    )  # fmt: skip
    wait_for(sock.exists, seconds=60)
    books = folder / "slurmdbd.conf"
    books.write_text(BOOKS.format(folder=folder, ports=ports))
    books.chmod(0o600)
    cluster.start("slurmdbd", "-D")
    wait_for(lambda: "loop" in cluster.ask("sacctmgr", "-i", "add", "cluster", "loop"), 60)
    cluster.ask("sacctmgr", "-i", "add", "account", "lab", "cluster=loop")
    cluster.ask("sacctmgr", "-i", "add", "user", "root", "account=lab")


def _processes(listed: str) -> list[int]:
    """Return the processes that ``scontrol listpids`` lists, in its first column."""
    return [int(line.split()[0]) for line in listed.splitlines()[1:]]


def _free_ports(count: int) -> list[int]:
    with ExitStack() as sockets:
        bound = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for one in bound:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in bound]
