"""Where each job of a study stands, read off records, logs and locks."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import samples

from cxv.cli import status as status_module
from cxv.cli.status import Status, show_live, status
from cxv.config.grid import Params
from cxv.errors import Stopped, UserError
from cxv.jobs import train
from cxv.jobs.standing import Standing
from cxv.records.job_log import Process
from cxv.records.store import store_near

RESULTS, DATA, LOGS = Path("results"), Path("data/raw"), Path(".cxv/logs")
MISSING = {f"cifar10/cnv/base/s{seed}/adamw_ra/adamw/sgd" for seed in (0, 1, 2)}
ONE = min(MISSING)
MADE = "digits/resnet18/base/s0/adamw"
GONE = 4_000_000  # no process has this number: kernels count to 2 ** 22 at most
EPOCH = "sgd epoch 3 of at most 9: loss 1.0000, top-1 50.00 %, 9 images/s, at most 0:01:02 left\n"
SAVED = f"{ONE}: SIGTERM: state saved to x; {Stopped.SAYS}\n"
RAISED = 'Traceback (most recent call last):\n  File "x.py", line 1, in f\n'


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CXV_STORE", str(tmp_path / "store"))
    params = samples.grid(tmp_path)
    samples.make(params, "small", RESULTS, missing=MISSING)
    return params


def now(params: Params) -> Status:
    return status(params, "small", None, results=RESULTS, data=DATA)


def of(params: Params, name: str, kind: str = "train") -> Standing:
    [found] = [job for job in now(params).jobs if (job.kind, job.name) == (kind, name)]
    return found


def first_line(name: str, process: int = GONE, host: str | None = None) -> str:
    return f"{name}: process {process} on {host or socket.gethostname()}, 2026-01-01 00:00:00\n"


def leave_log(kind: str, name: str, text: str) -> None:
    path = LOGS / kind / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_has_a_record_is_done_and_what_never_began_waits(params: Params) -> None:
    trained = {job.name: job.state for job in now(params).jobs if job.kind == "train"}
    assert trained == dict.fromkeys(params.runs("small"), "done") | dict.fromkeys(
        MISSING, "waiting"
    )
    assert of(params, "small", "table").state == "waiting"
    Path(RESULTS, "studies/small").mkdir(parents=True)
    Path(RESULTS, "studies/small/table.csv").touch()
    assert of(params, "small", "table").state == "done"


@pytest.mark.parametrize(
    ("log", "state", "why"),
    [
        (f"{UserError.SAYS}photos: 1 of 9 files\nx.png: broken\n", "failed", "mend what it says"),
        (EPOCH + RAISED + "KeyError: 'a'\n", "failed", "the same code fails the same way"),
        (EPOCH + RAISED + "RuntimeError: CUDA error\n", "failed", "it is tried again"),
        ("no access: results/x: No space left on device\n", "failed", "it is tried again"),
        (EPOCH + SAVED, "stopped", "its state is saved"),
        (EPOCH, "stopped", "its process was killed"),
    ],
)
@pytest.mark.parametrize("before", ["", f"{first_line(ONE)}{UserError.SAYS}mended since\n"])
def test_a_job_that_is_not_done_stands_where_its_last_attempt_ended(
    params: Params, before: str, log: str, state: str, why: str
) -> None:
    leave_log("train", ONE, before + first_line(ONE) + log)
    found = of(params, ONE)
    assert found.state == state
    assert why in found.why
    assert found.lines[-1] == log.splitlines()[-1]
    assert found.process is not None
    assert found.process.number == GONE
    assert now(params).jobs.count(found) == 1


def test_a_job_runs_as_long_as_its_process_holds_its_lock(params: Params) -> None:
    shelf = store_near(RESULTS).shelf(ONE, params.runs("small")[ONE])
    leave_log("train", ONE, first_line(ONE) + EPOCH)
    with shelf.alone():
        found = of(params, ONE)
        assert (found.state, found.epochs) == ("running", (3, 9))
        assert found.process is not None
        assert found.process[:2] == (os.getpid(), socket.gethostname())
        assert abs(found.process.since - time.time()) < 60
    assert of(params, ONE).state == "stopped"


def test_a_download_runs_while_its_process_lives(params: Params) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        leave_log("fetch", "cifar10", first_line("cifar10", process.pid) + "x: 10 % of 9 bytes\n")
        assert of(params, "cifar10", "fetch").state == "running"
        process.communicate(b"\n")
    assert of(params, "cifar10", "fetch").state == "stopped"
    leave_log("fetch", "cifar10", first_line("cifar10", 1))  # another user's, or this one's
    assert of(params, "cifar10", "fetch").state == "running"
    leave_log("fetch", "cifar10", first_line("cifar10", 1) + f"{UserError.SAYS}no archive\n")
    assert of(params, "cifar10", "fetch").state == "failed"


def test_a_job_of_another_machine_runs_until_its_file_is_there(params: Params) -> None:
    leave_log("table", "small", first_line("small", 1, host="node1"))
    assert of(params, "small", "table").state == "running"
    leave_log("table", "small", first_line("small", 1, host="node1") + f"{UserError.SAYS}no\n")
    assert of(params, "small", "table").state == "failed"
    leave_log("table", "small", first_line("small", 1, host="node1"))
    Path(RESULTS, "studies/small").mkdir(parents=True)
    Path(RESULTS, "studies/small/table.csv").touch()
    assert of(params, "small", "table").state == "done"


def test_of_another_machine_nothing_is_known() -> None:
    assert Process(1, "another", 0.0).is_alive() is None


def test_a_record_that_was_put_back_does_not_hide_the_failure_after_it(params: Params) -> None:
    path = RESULTS / "runs" / MADE / "metrics.json"
    with path.with_name("history.csv").open("a") as file:
        file.write("\n")
    leave_log("train", MADE, first_line(MADE) + EPOCH)  # of the attempt that made it
    assert of(params, MADE).state == "waiting"
    assert "altered" in of(params, MADE).why
    leave_log("train", MADE, first_line(MADE) + f"{UserError.SAYS}no memory\n")
    os.utime(LOGS / "train" / f"{MADE}.log", (path.stat().st_mtime - 9,) * 2)
    assert of(params, MADE).state == "waiting"  # it was made after that
    os.utime(LOGS / "train" / f"{MADE}.log", (path.stat().st_mtime + 9,) * 2)
    assert of(params, MADE).state == "failed"


def test_time_left_is_that_of_what_is_alike_shared_by_what_runs(params: Params) -> None:
    jobs = [job for job in now(params).jobs if job.kind == "train"]
    done = [job for job in jobs if job.state == "done" and job.record]
    alike = [x.record.stamp.seconds for x in done if x.record and x.name.startswith("cifar10/cnv/")]
    mean = sum(alike) / len(alike)  # no phase called sgd is done of this network
    assert len({*alike}) > 1
    assert Status("small", jobs, now=0.0).seconds_left == pytest.approx(3 * mean)
    began = Process(1, "x", -mean / 4)
    first, second, third = (job for job in jobs if job.state != "done")
    running = [_running(first, began), _running(second, began), third]
    found = Status("small", [*done, *running], now=0.0)
    assert found.seconds_left == pytest.approx((0.75 + 0.75 + 1) * mean / 2)
    overdue = _running(first, Process(1, "x", -9 * mean))
    assert Status("small", [*done, overdue], now=0.0).seconds_left == 0
    assert Status("small", [first], now=0.0).seconds_left is None


def test_a_training_takes_as_long_as_others_of_its_phase(params: Params) -> None:
    jobs = [job for job in now(params).jobs if job.kind == "train" and job.record]
    one, *others = [job for job in jobs if job.name.startswith("digits/resnet18/base/")]
    phase = [x for x in others if x.settings.phase.name == one.settings.phase.name]
    assert 0 < len(phase) < len(others)
    mean = sum(x.record.stamp.seconds for x in phase if x.record) / len(phase)
    left = Standing("train", one.name, "waiting", one.log, settings=one.settings)
    rest = [job for job in jobs if job is not one]
    assert Status("small", [*rest, left], now=0.0).seconds_left == pytest.approx(mean)


def _running(job: Standing, process: Process) -> Standing:
    return Standing("train", job.name, "running", job.log, process=process, settings=job.settings)


def test_people_read_what_failed_with_its_last_lines_and_what_to_do(params: Params) -> None:
    lines = "".join(f"line {n}\x1b[2J\n" for n in range(20))
    leave_log("train", ONE, f"{first_line(ONE)}{lines}{UserError.SAYS}photos: no such folder\n")
    said = str(now(params))
    total = len(now(params).jobs)
    done = sum(job.state == "done" for job in now(params).jobs)
    assert said.startswith(f"small: {done} of {total} jobs done, 1 failed, {total - done - 1} wait")
    assert f"  train {ONE}  (process {GONE} on " in said
    assert "    | line 13\\x1b[2J\n" in said  # which would clear the screen
    assert "    | line 12" not in said
    assert f"    | {UserError.SAYS}photos: no such folder\n    mend what it says" in said
    assert f"its log: {LOGS}/train/{ONE}.log" in said
    assert said.endswith("-- small\n")


def test_people_read_how_far_each_training_is(params: Params) -> None:
    shelf = store_near(RESULTS).shelf(ONE, params.runs("small")[ONE])
    leave_log("train", ONE, first_line(ONE))
    with shelf.alone():
        assert "\n    no epoch yet\n" in str(now(params))
        leave_log("train", ONE, first_line(ONE) + EPOCH)
        assert f"\n    {EPOCH}" in str(now(params))
        assert "\n\n\n" not in str(now(params))


def test_programs_read_every_job(params: Params) -> None:
    leave_log("train", ONE, first_line(ONE) + EPOCH + SAVED)
    found = json.loads(now(params).as_json())
    assert sum(found["counts"].values()) == len(found["jobs"]) == len(now(params).jobs)
    assert found["counts"]["stopped"] == 1
    [job] = [job for job in found["jobs"] if job["state"] == "stopped"]
    assert (job["name"], job["epochs"], job["process"]["number"]) == (ONE, [3, 9], GONE)


def test_many_jobs_of_a_state_are_counted(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_module, "SHOWN", 2)
    waiting = sum(job.state == "waiting" for job in now(params).jobs)
    assert waiting > 3
    assert f"  and {waiting - 2} more\n" in str(now(params))


def test_an_unknown_study_is_answered_with_those_there_are(params: Params) -> None:
    with pytest.raises(UserError, match=r"no study 'tiny' in params\.yaml; there are: small, all"):
        status(params, "tiny", None, results=RESULTS, data=DATA)


def test_a_look_at_a_study_that_goes_on_ends_when_all_is_done(
    params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    jobs = now(params).jobs
    done = [job for job in jobs if job.state == "done"]
    looks = iter([Status("small", jobs, 0.0), Status("small", jobs, 1.0), Status("small", done, 2)])
    show_live(lambda: next(looks))
    assert len(pauses) == 2
    assert min(pauses) >= 2.0
    assert next(looks, None) is None


def test_names_of_jobs_are_those_of_their_logs_and_locks(params: Params) -> None:
    for job in now(params).jobs:
        if job.kind == "train":
            assert job.settings.id == job.name == train.job(job.settings).settings.id
