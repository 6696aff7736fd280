"""Places on devices: never more than fit, none lost to a killed process, none starved."""

import json
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from shared_fixtures import ROOT

from cxv.errors import UserError
from cxv.gpus import queue
from cxv.gpus.placement import Device
from cxv.gpus.queue import reserve

A = Device("a", 16)
HOLDER = """
import os, sys, time
from pathlib import Path
from cxv.gpus.placement import Device
from cxv.gpus.queue import reserve
with reserve([Device("a", 16)], None, folder=Path(sys.argv[1])):
    if child := os.fork():  # as a data loader makes them
        print(child, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def never_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(seconds: float) -> None:
        pytest.fail("there should be room at once")

    monkeypatch.setattr(queue, "sleep", refuse)


def storm(folder: Path, mode: str) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/helpers/slot_storm.py"), str(folder), mode],
        capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["whole", "mixed"])
def test_killed_processes_never_overfill_a_device_and_leave_no_place_taken(
    tmp_path: Path, mode: str, never_wait: None
) -> None:
    taken = storm(tmp_path, mode)
    assert taken.keys() == set("abcd")  # and no "!"
    with ExitStack() as stack:
        devices = [Device(name, 16) for name in "abcd"]
        for _ in devices:
            stack.enter_context(reserve(devices, None, folder=tmp_path / "slots"))
    assert [path.name for path in (tmp_path / "slots").iterdir()] == ["lock"]


@pytest.mark.slow
def test_the_storm_finds_an_allocator_that_does_not_count(tmp_path: Path) -> None:
    assert storm(tmp_path, "careless")["!"] > 0


def test_the_child_of_a_killed_holder_keeps_no_place(tmp_path: Path, never_wait: None) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    child = int(holder.stdout.readline())
    try:
        holder.kill()
        holder.wait()
        with reserve([A], None, folder=tmp_path):
            os.kill(child, 0)  # it lives
    finally:
        os.kill(child, signal.SIGKILL)
        holder.stdout.close()


def test_a_child_that_leaves_the_block_does_not_free_its_parents_place(tmp_path: Path) -> None:
    code = """
import os, sys
from pathlib import Path
from cxv.gpus.queue import Device, reserve
with reserve([Device("a", 16)], None, folder=Path(sys.argv[1])):
    if not (child := os.fork()):
        sys.exit()
    os.waitpid(child, 0)
    sys.stdout.write(str(sorted(os.listdir(sys.argv[1]))))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout == "['000000000001', 'lock']"


def test_a_place_is_kept_from_other_processes_while_its_block_runs(tmp_path: Path) -> None:
    held = f"""
from pathlib import Path
from cxv.gpus import queue
queue.sleep = lambda seconds: exit("had to wait")
with queue.reserve([queue.Device("a", 16)], 9, folder=Path({str(tmp_path)!r})):
    print("took it")
"""

    def other() -> str:
        done = subprocess.run(
            [sys.executable, "-c", held], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    with reserve([A], 8, folder=tmp_path), reserve([A], 1, folder=tmp_path):
        assert "had to wait" in other()
    assert "took it" in other()


def test_a_block_that_fails_gives_its_place_back(tmp_path: Path, never_wait: None) -> None:
    with pytest.raises(MemoryError), reserve([A], None, folder=tmp_path):
        raise MemoryError
    with reserve([A], None, folder=tmp_path) as device:
        assert device == A


def test_who_waits_says_once_for_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    gigabytes = Device("a", 16_000_000_000)
    with ExitStack() as first:
        first.enter_context(reserve([gigabytes], 12_000_000_000, folder=tmp_path))
        polls = iter([lambda: None, first.close])
        monkeypatch.setattr(queue, "sleep", lambda seconds: next(polls)())
        with reserve([gigabytes], 5_000_000_000, folder=tmp_path):
            pass
    assert caplog.messages == ["waiting for 5.0 GB, behind 0 others; free: a (4.0 GB of 16.0 GB)"]


def test_a_request_larger_than_every_device_is_refused(tmp_path: Path) -> None:
    devices = [Device("a", 16_000_000_000), Device("b", 8_000_000_000)]
    refusal = pytest.raises(UserError, match=r"no device has 20\.0 GB: there is a \(16\.0 GB\), b")
    with refusal, reserve(devices, 20_000_000_000, folder=tmp_path):
        pass


def test_a_device_too_small_is_not_waited_for(tmp_path: Path, never_wait: None) -> None:
    with reserve([Device("small", 4), A], 8, folder=tmp_path) as device:
        assert device == A


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="CXV_SLOTS"), reserve([A], 1, folder=tmp_path / "file/x"):
        pass


def test_the_folder_is_one_for_all_checkouts_and_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert queue.shared_folder() == tmp_path / f"cxv-{os.getuid()}"
    monkeypatch.setenv("CXV_SLOTS", "/elsewhere")
    assert queue.shared_folder() == Path("/elsewhere")
