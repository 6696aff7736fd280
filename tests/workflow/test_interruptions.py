"""What a killed or interrupted command leaves behind, and what the next one makes of it."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import running, wait_for
from project import ADAMW_RUN, Project, make_long
from shared_fixtures import ROOT
from shelved import IDENTITY

from cxv.records.store import Store
from workflow import interruptions

HOLD = """
from workflow.interruptions import continue_work
held = continue_work()
print("held", flush=True)
input()
"""


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder where a command of Snakemake has left its notes, entered."""
    monkeypatch.chdir(tmp_path)
    interruptions.NOTED.mkdir(parents=True)
    (interruptions.NOTED / "0.output.lock").write_text("results/a")


def noted() -> bool:
    return interruptions.NOTED.exists()


def goes_on() -> bool:
    held, killed = interruptions.continue_work()
    held.close()
    return killed


@pytest.mark.usefixtures("left_behind")
def test_notes_of_a_dead_command_are_forgotten() -> None:
    assert goes_on()
    assert not noted()


@pytest.mark.usefixtures("left_behind")
def test_where_none_was_killed_nothing_is_said() -> None:
    (interruptions.NOTED / "0.output.lock").unlink()
    assert not goes_on()


@pytest.mark.usefixtures("left_behind")
def test_notes_of_a_living_command_stay_until_it_is_killed(tmp_path: Path) -> None:
    """Two of them: the first to end must not let the other be taken for dead."""
    command = [sys.executable, "-c", HOLD]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    living = [
        subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    try:
        for process in living:
            assert process.stdout
            assert process.stdout.readline() == b"held\n"
        interruptions.NOTED.mkdir(exist_ok=True)
        (interruptions.NOTED / "0.output.lock").write_text("results/a")
        for process in living:
            assert not goes_on()
            assert noted()
            process.kill()
            process.wait()
        assert goes_on()
        assert not noted()
    finally:
        for process in living:
            process.kill()
            process.communicate()


@pytest.mark.usefixtures("left_behind")
def test_where_the_kernel_has_no_locks_snakemake_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refused)
    assert not goes_on()
    assert noted()


def test_ctrl_c_is_noted_and_interrupts_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        interruptions.hear_interrupt()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
        assert interruptions.interrupted.is_set()
    finally:
        signal.signal(signal.SIGINT, former)
        interruptions.interrupted.clear()


def test_only_what_a_command_would_make_is_told_to_be_under_way(tmp_path: Path) -> None:
    store = Store(tmp_path / "finished_jobs")
    with store.shelf("a/run", IDENTITY).alone():
        [line] = interruptions.orphans(["a/run", "b/run"], tmp_path)
        assert line.startswith(f"a/run is computed by process {os.getpid()} on ")
        assert interruptions.orphans(["b/run"], tmp_path) == []


def test_runs_that_mlflow_lacks_are_remembered_until_it_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert interruptions.untold() == []
    interruptions.remember_untold({"b", "a"})
    assert interruptions.untold() == ["a", "b"]
    interruptions.forget_untold()
    interruptions.forget_untold()
    assert interruptions.untold() == []


@pytest.fixture
def long(tmp_path: Path) -> Project:
    """A project with its dataset, whose training takes seconds."""
    return make_long(tmp_path / "project", epochs=300)


RECORD = f"results/runs/{ADAMW_RUN}/metrics.json"
COMMAND = ("snakemake", "--cores", "1", "--logger", "cxv", "--", RECORD)


@pytest.mark.slow
def test_after_kill_9_the_same_command_takes_what_the_orphan_trains(long: Project) -> None:
    log = long.folder / f".cxv/logs/train/{ADAMW_RUN}.log"  # of all attempts
    with running(*COMMAND, cwd=long.folder) as snakemake:
        wait_for(lambda: log.exists() and "epoch 2 of" in log.read_text(), 240, snakemake)
        snakemake.kill()
        snakemake.wait()
        with running(*COMMAND, cwd=long.folder) as again:
            said, _ = again.communicate(timeout=300)
    assert again.returncode == 0, said
    assert "The last command was killed; this one continues its work." in said
    assert f"{ADAMW_RUN} is computed by process" in said
    assert log.read_text().count(" of at most 300: ") == 300  # no epoch twice
    assert "waiting for its result" in log.read_text()


@pytest.mark.slow
def test_after_ctrl_c_the_same_command_resumes(long: Project) -> None:
    log = long.folder / f".cxv/logs/train/{ADAMW_RUN}.log"  # of all attempts
    with running(*COMMAND, cwd=long.folder) as snakemake:
        wait_for(lambda: log.exists() and "epoch 2 of" in log.read_text(), 240, snakemake)
        os.killpg(snakemake.pid, signal.SIGINT)
        said, _ = snakemake.communicate(timeout=120)
    assert "failed" not in said
    assert "Traceback" not in said
    assert f"stopped  train  {ADAMW_RUN}" in said
    assert said.splitlines()[-1].startswith("interrupted: 0 done, 1 not run")
    with running(*COMMAND, cwd=long.folder) as again:
        said, _ = again.communicate(timeout=300)
    assert again.returncode == 0, said
    assert log.read_text().count(" of at most 300: ") == 300


@pytest.mark.slow
def test_a_study_that_does_not_exist_is_told_with_those_that_do(long: Project) -> None:
    said = long.snakemake("dmeo", code=1)
    assert "params.yaml: no study is called 'dmeo'; there are: all, demo" in said
