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
from workflow.retries import may_resume

BEGIN = "digits/cpv: process 7 on node1, 2026-01-01 00:00:00\n"
EPOCH = "adamw epoch 3 of at most 9: loss 1.0, top-1 50.00 %\n"
SAVED = f"digits/cpv: SIGTERM: state saved to x; {Stopped.SAYS}\n"
WRONG = f"{UserError.SAYS}images.pt: altered: SHA-256\n"
KILLED = BEGIN + EPOCH
ADVANCED = BEGIN + EPOCH + SAVED


@pytest.mark.parametrize(
    ("log", "goes_on"),
    [
        pytest.param("", True, id="it never began"),
        pytest.param(BEGIN + WRONG, False, id="it cannot get better"),
        pytest.param(ADVANCED + BEGIN + WRONG, False, id="nor after it trained"),
        pytest.param(KILLED * 2, True, id="killed twice"),
        pytest.param(KILLED * 3, False, id="killed three times"),
        pytest.param(ADVANCED * 50, True, id="it advanced whenever it was stopped"),
        pytest.param((BEGIN + SAVED) * 3, False, id="stopped three times before an epoch"),
        pytest.param(KILLED * 2 + ADVANCED + KILLED * 2, True, id="it advanced in between"),
        pytest.param(WRONG + ADVANCED, True, id="an older error that was mended"),
    ],
)
def test_a_job_is_started_again_if_that_can_help(log: str, goes_on: bool) -> None:
    assert may_resume(log, tries=2) == goes_on


def test_without_tries_only_an_attempt_that_advanced_goes_on() -> None:
    assert may_resume(ADVANCED, tries=0)
    assert not may_resume(KILLED, tries=0)


@pytest.mark.parametrize(("log", "more"), [(ADVANCED * 7, True), (BEGIN + WRONG, False)])
def test_snakemake_is_told_by_a_number_above_its_count_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: str, more: bool
) -> None:
    """It starts a job again while ``restart_times > attempt - 1``."""
    monkeypatch.chdir(tmp_path)
    kept = Path(".cxv/logs/train/a.log")
    kept.parent.mkdir(parents=True)
    kept.write_text(log)
    job = SimpleNamespace(
        log=["logs/train/a.log"], attempt=7, rule=SimpleNamespace(restart_times=2)
    )
    assert (retries._restarts(job) > job.attempt - 1) == more


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


def test_a_limit_on_submitted_jobs_is_waited_out(tmp_path: Path) -> None:
    site = Site(tmp_path, "error: AssocMaxSubmitJobLimit", accepted=3)
    done = site.submit()
    assert (done.returncode, done.stdout, done.stderr) == (0, "42\n", "")
    assert site.calls == ["--parsable -p main"] * 3
    assert (tmp_path / "script").read_text() == "#!/bin/sh\ntrue\n"


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        ("error: Invalid generic resource (gres) specification", "set `gpu: 0` for train"),
        ("error: Requested node configuration is not available", "lower mem_mb, threads or gpu"),
        ("error: invalid partition specified: x", "set slurm_partition in default-resources"),
        ("error: Invalid account or account/partition combination", "set slurm_account"),
        ("error: Invalid qos specification", "set slurm_qos"),
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
