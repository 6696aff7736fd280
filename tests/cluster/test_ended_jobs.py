"""A real Slurm ends jobs in its ways: what trainings then leave does not differ by a byte."""

import os
import signal
from collections.abc import Callable, Iterator

import pytest
from processes import wait_for
from submitted import EPOCHS, Submitted, ended, files_of

pytest_plugins = ["slurm_fixtures"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("slurm")]

MINUTE = 60  # seconds; the shortest limit of Slurm, which looks for it twice a minute


def cancel(submitted: Submitted, job: str) -> None:
    submitted.cluster.ask("scancel", job)


def run_out_of_time(submitted: Submitted, job: str) -> None:
    """Make the training stand still until its time is over; Slurm wakes what it ends."""
    process = submitted.processes[-1]
    os.kill(process, signal.SIGSTOP)
    submitted.cluster.ask("scontrol", "update", f"jobid={job}", "timelimit=1")
    wait_for(lambda: job not in submitted.cluster.running_jobs(), 4 * MINUTE)


def requeue(submitted: Submitted, job: str) -> None:
    """Slurm would let it wait for two minutes."""
    submitted.cluster.ask("scontrol", "requeue", job)
    wait_for(
        lambda: "PENDING" in submitted.cluster.ask("squeue", f"--job={job}", "--format=%T"), 60
    )
    submitted.cluster.ask("scontrol", "update", f"jobid={job}", "starttime=now")


def crash_the_node(submitted: Submitted, job: str) -> None:
    """Its processes end by SIGKILL, as in a power cut; the controller finds it out by itself."""
    submitted.cluster.kill_node(jobs=[job])
    submitted.cluster.start_node()


MINUTES = (run_out_of_time, requeue, crash_the_node)


@pytest.mark.parametrize(
    "end", [cancel, *(pytest.param(end, marks=pytest.mark.cluster) for end in MINUTES)]
)
def test_a_job_that_slurm_ends_leaves_what_an_unharmed_one_does(
    end: Callable[[Submitted, str], None],
    submitted: Submitted,
    unharmed: dict[str, object],
) -> None:
    with submitted.command() as snakemake:
        end(submitted, submitted.wait_for_training(snakemake))
        ended(snakemake)
    assert files_of(submitted.project) == unharmed
    assert submitted.record()["interruptions"] == 1
    assert len(submitted.processes) == 2
    twice = 1 if end is crash_the_node else 0  # the epoch that was not saved yet
    assert EPOCHS <= len(submitted.epochs) <= EPOCHS + twice


@pytest.mark.cluster
def test_a_killed_daemon_of_the_node_disturbs_no_job(
    submitted: Submitted, unharmed: dict[str, object]
) -> None:
    with submitted.command() as snakemake:
        submitted.wait_for_training(snakemake)
        submitted.cluster.kill_node()
        submitted.cluster.start_node()
        ended(snakemake)
    assert files_of(submitted.project) == unharmed
    assert submitted.record()["interruptions"] == 0
    assert submitted.epochs == list(range(1, EPOCHS + 1))


@pytest.fixture
def on_a_terminal() -> Iterator[None]:
    """Let commands end when their terminal does, though the tests were started by nohup."""
    former = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, former)


@pytest.mark.cluster
@pytest.mark.usefixtures("on_a_terminal")
@pytest.mark.parametrize(
    "end",
    [
        pytest.param(signal.SIGKILL, id="kill -9"),
        pytest.param(signal.SIGHUP, id="closed terminal"),
    ],
)
def test_the_same_command_takes_the_result_of_a_job_that_a_dead_one_submitted(
    end: signal.Signals, submitted: Submitted, unharmed: dict[str, object]
) -> None:
    with submitted.command() as snakemake:
        job = submitted.wait_for_training(snakemake)
        process = submitted.processes[-1]
        os.kill(process, signal.SIGSTOP)  # until the next job waits for it, however slow that is
        os.killpg(snakemake.pid, end)
        snakemake.wait(timeout=60)
    assert submitted.cluster.running_jobs() == [job]
    with submitted.command() as snakemake:
        wait_for(lambda: "waiting for its result" in submitted.log, 300, snakemake)
        os.kill(process, signal.SIGCONT)
        said = ended(snakemake)
    assert "The last command was killed; this one continues its work." in said
    assert f"is computed by process {process} on " in said
    assert files_of(submitted.project) == unharmed
    assert submitted.record()["interruptions"] == 0
    assert submitted.epochs == list(range(1, EPOCHS + 1))
