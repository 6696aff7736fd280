"""Which failed jobs are started again, and the words in which a refusal is repeated."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from shared_fixtures import ROOT

from cxv.errors import Stopped, UserError
from workflow import retries

BEGIN = "digits/cpv: process 7 on node1, 2026-01-01 00:00:00\n"
EPOCH = "adamw epoch 3 of at most 9: loss 1.0, top-1 50.00 %\n"
SAVED = f"digits/cpv: SIGTERM: state saved to x; {Stopped.SAYS}\n"
WRONG = f"{UserError.SAYS}images.pt: altered: SHA-256\n"
REFUSED = (
    f"{UserError.SAYS}photos: 1 of 9 files cannot be read\ntrain/cat/1.png: broken\nMend it.\n"
)
MEMORY = f"{UserError.SAYS}digits/cpv: out of memory on cuda:0: 1 GB were predicted\n"
FULL = "no access: results/runs/x/history.csv: No space left on device\n"
RAISED = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\n    x["a"]\n'
BUG = RAISED + "    ~^^^^^\nKeyError: 'a'\n"
DEVICE = RAISED + "RuntimeError: CUDA error: an illegal memory access was encountered\n"
CHAINED = f"{DEVICE}\nDuring handling of the above exception, another exception occurred:\n\n{BUG}"
KILLED = BEGIN + EPOCH
ADVANCED = BEGIN + EPOCH + SAVED


@pytest.fixture(autouse=True)
def _forget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(retries, "_before", {})


def job(log: str, attempt: int, tries: int = 2) -> Any:
    """Return what Snakemake has of a job that has just failed, whose attempts left a log."""
    kept = Path(".cxv/logs/a.log")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(log)
    return SimpleNamespace(
        log=["logs/a.log"], attempt=attempt, rule=SimpleNamespace(restart_times=tries)
    )


def resumes(failed: Any) -> bool:
    """Ask as Snakemake does."""
    return bool(retries._restarts(failed) > failed.attempt - 1)


@pytest.mark.parametrize(
    ("log", "attempt", "again"),
    [
        pytest.param(BEGIN + WRONG, 1, False, id="it cannot get better"),
        pytest.param(ADVANCED + BEGIN + WRONG, 2, False, id="nor after it trained"),
        pytest.param(BEGIN + REFUSED, 1, False, id="nor if its message has several lines"),
        pytest.param(REFUSED, 1, False, id="nor if its job writes no first line"),
        pytest.param(BEGIN + EPOCH + MEMORY, 1, False, id="nor a network that no memory holds"),
        pytest.param(BEGIN + EPOCH + BUG, 1, False, id="nor a bug"),
        pytest.param(BEGIN + CHAINED, 1, False, id="nor a bug behind another exception"),
        pytest.param(BEGIN + EPOCH + BUG + KILLED, 2, True, id="a bug that an update mended"),
        pytest.param(BEGIN + EPOCH + FULL, 1, True, id="a disk may have room again"),
        pytest.param((BEGIN + EPOCH + FULL) * 3, 3, False, id="a disk that stays full"),
        pytest.param(BEGIN + EPOCH + DEVICE, 1, True, id="a GPU may be there again"),
        pytest.param(KILLED * 2, 2, True, id="killed twice"),
        pytest.param(KILLED * 3, 3, False, id="killed three times"),
        pytest.param(ADVANCED * 50, 50, True, id="it advanced whenever it was stopped"),
        pytest.param((BEGIN + SAVED) * 3, 3, False, id="stopped three times before an epoch"),
        pytest.param(KILLED * 2 + ADVANCED + KILLED * 2, 5, True, id="it advanced in between"),
        pytest.param(WRONG + ADVANCED, 1, True, id="an older error that was mended"),
        pytest.param("", 2, True, id="refused twice before it began"),
        pytest.param("", 3, False, id="refused three times before it began"),
        pytest.param(ADVANCED, 3, True, id="it advanced, then was refused twice"),
        pytest.param(ADVANCED, 4, False, id="it advanced, then was refused three times"),
        pytest.param(ADVANCED + KILLED, 4, False, id="killed once, refused twice"),
    ],
)
def test_a_job_is_started_again_if_that_can_help(log: str, attempt: int, again: bool) -> None:
    assert resumes(job(log, attempt)) == again


@pytest.mark.parametrize("log", ["", "Traceback\nZeroDivisionError\n", KILLED])
def test_a_rule_without_retries_is_not_started_again(log: str) -> None:
    assert not resumes(job(log, attempt=1, tries=0))


def test_an_attempt_that_advanced_needs_no_retries() -> None:
    assert resumes(job(ADVANCED, attempt=1, tries=0))


def test_attempts_of_former_commands_count_for_nothing() -> None:
    failed = job(KILLED * 5, attempt=1)
    retries.note_former_attempts([failed])
    assert resumes(job(KILLED * 5 + KILLED, attempt=1))
    assert resumes(job(KILLED * 5 + KILLED * 2, attempt=2))
    assert not resumes(job(KILLED * 5 + KILLED * 3, attempt=3))


def test_an_error_that_a_former_command_ended_by_may_be_mended() -> None:
    """The job was refused by the cluster, and has not begun since."""
    retries.note_former_attempts([job(BEGIN + WRONG, attempt=1)])
    assert resumes(job(BEGIN + WRONG, attempt=1))
    assert not resumes(job(BEGIN + WRONG + BEGIN + WRONG, attempt=1))


def test_a_training_asks_for_more_after_attempts_that_came_to_nothing() -> None:
    """Those of former commands, and those that were ended while they advanced, ask for no more."""
    retries.note_former_attempts([job(KILLED, attempt=1)])
    failures = []
    for log in (KILLED, KILLED + ADVANCED, KILLED + KILLED * 2, KILLED + KILLED + ADVANCED):
        job(log, attempt=1)
        failures.append(retries.failures("logs/a.log"))
    assert failures == [0, 0, 2, 0]
    assert retries.failures("logs/none.log") == 0


def test_a_group_is_started_again_if_one_of_its_jobs_may_be_and_none_is_hopeless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kind in (retries.Job, retries.GroupJob):
        monkeypatch.setattr(kind, "restart_times", kind.restart_times)  # put back afterwards

    def restarts(*jobs: Any) -> int:
        return retries.GroupJob.restart_times.fget(SimpleNamespace(jobs=jobs))

    retries.judge_by_logs()
    never = SimpleNamespace(log=[], attempt=1, rule=SimpleNamespace(restart_times=0))
    waits = SimpleNamespace(log=[], attempt=1, rule=SimpleNamespace(restart_times=2))
    assert restarts(never, job(ADVANCED, attempt=1)) == 1
    assert restarts(never, waits) == 1
    assert restarts(never, never) == 0
    assert restarts(waits, job(BEGIN + WRONG, attempt=1)) == 0


SBATCH = """#!/bin/sh
cat > {folder}/script
echo "$@" >> {folder}/calls
if [ $(wc -l < {folder}/calls) -lt {accepted} ]; then echo "{refusal}" >&2; exit 1; fi
echo 42
"""


class Site:
    """A cluster that refuses some submissions."""

    def __init__(self, folder: Path, refusal: str, accepted: int) -> None:
        self.folder = folder
        real = folder / "sbatch"
        real.write_text(SBATCH.format(folder=folder, refusal=refusal, accepted=accepted))
        real.chmod(0o755)

    def submit(self) -> subprocess.CompletedProcess[str]:
        ours = ROOT / "workflow/bin/sbatch"
        path = os.pathsep.join([str(ours.parent), str(self.folder), os.environ["PATH"]])
        return subprocess.run(
            [sys.executable, str(ours), "--parsable", "-p", "main"],
            env=os.environ | {"PATH": path, "CXV_SBATCH_SECONDS": "0.01"},
            input="#!/bin/sh\ntrue\n", capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(
    "limit", ["QOSMaxSubmitJobPerUserLimit", "AssocMaxSubmitJobLimit", "AssocGrpSubmitJobsLimit"]
)
def test_a_limit_on_submitted_jobs_is_waited_out(tmp_path: Path, limit: str) -> None:
    policy = "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy"
    site = Site(tmp_path, f"sbatch: error: {limit}\n{policy}", accepted=3)
    done = site.submit()
    assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")
    assert site.calls == ["--parsable -p main"] * 3
    assert (tmp_path / "script").read_text() == "#!/bin/sh\ntrue\n"


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        ("error: Invalid generic resource (gres) specification", "set `gpu: 0` for train"),
        (
            "error: Requested node configuration is not available",
            "set `gpu: 0` for train and",
        ),
        ("error: invalid partition specified: x", "set slurm_partition in default-resources"),
        ("error: Invalid account or account/partition combination", "set slurm_account"),
        ("error: Invalid qos specification", "set slurm_qos"),
        ("error: QOSMaxWallDurationPerJobLimit: accounting/QOS policy", "`sacctmgr show qos`"),
        ("error: Socket timed out: accounting/QOS policy", "lower mem_mb, runtime or gpu"),
    ],
)
def test_a_refusal_is_repeated_with_what_to_do(tmp_path: Path, refusal: str, advice: str) -> None:
    site = Site(tmp_path, refusal, accepted=99)
    done = site.submit()
    assert done.returncode == 1
    assert done.stderr.startswith(refusal)
    assert advice in done.stderr
    assert "workflow/profiles/slurm/config.yaml" in done.stderr
    assert len(site.calls) == 1


def test_without_slurm_it_says_what_is_missing(tmp_path: Path) -> None:
    ours = ROOT / "workflow/bin/sbatch"
    done: Any = subprocess.run(
        [sys.executable, str(ours)],
        env={"PATH": f"{ours.parent}{os.pathsep}{tmp_path}"},
        input="", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Slurm's programs are not on the PATH" in done.stderr
