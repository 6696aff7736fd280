"""``python -m cxv train``: its exit codes, and that the same command resumes after a signal."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from shared_fixtures import ROOT, Fetched
from trained import Command, first, phase, small

from cxv.__main__ import main
from cxv.config.spec import Run
from cxv.training.checkpointing import Checkpointer


@pytest.fixture(name="run")
def small_run(run: Run) -> Run:
    return small(run)


def test_a_signal_leaves_exit_code_75_and_the_same_command_resumes(
    run: Run, digits: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = first(run, max_epochs=2)
    whole, halted = (Command(spec, digits, tmp_path / name) for name in ("whole", "halted"))
    assert main(whole.arguments) == 0
    monkeypatch.setenv("CXV_STORE", str(tmp_path / "another"))
    on_step = Checkpointer.on_step

    def struck(checkpointer: Checkpointer, learner: Any) -> None:
        if len(learner.history) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        on_step(checkpointer, learner)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpointer, "on_step", struck)
        assert main(halted.arguments) == 75
    assert not halted.files.metrics.exists()
    assert main(halted.arguments) == 0
    assert halted.record().interruptions == 1
    assert halted.repeated() == whole.repeated()


def until_said(process: "subprocess.Popen[str]", text: str) -> str:
    """Read standard error up to a line with ``text``, or to its end."""
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if text in line:
            break
    return "".join(lines)


@pytest.mark.slow
def test_a_process_that_is_signalled_exits_with_75(
    run: Run, digits: Fetched, tmp_path: Path
) -> None:
    command = Command(first(run, patience=None, max_epochs=1_000_000), digits, tmp_path)
    arguments = [sys.executable, "-m", "cxv", *command.arguments]
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = until_said(process, "epoch 1 of")
            process.send_signal(signal.SIGUSR1)
            _, rest = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 75, said + rest
    assert f"SIGUSR1: state saved to {tmp_path / 'states'}" in rest
    assert "Traceback" not in rest


def test_a_later_phase_needs_the_files_of_the_one_before(
    run: Run, digits: Fetched, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    short = (phase(run.phases[0], max_epochs=1), phase(run.phases[1], max_epochs=1))
    both = run.model_copy(update={"phases": short})
    later = Command(both, digits, tmp_path)
    assert both.parent
    earlier = Command(both.parent, digits, tmp_path)
    assert main(later.arguments) == 1
    assert f"{both.id} continues {both.parent.id}: give its --parent" in caplog.text
    assert main(earlier.arguments) == 0
    files = [str(earlier.files.metrics), "--weights", str(earlier.files.checkpoint)]
    assert main([*later.arguments, "--parent", *files]) == 0
    assert later.record().parent_sha256 == earlier.record().checkpoint_sha256


def test_code_that_was_edited_since_the_plan_trains_nothing(
    run: Run, digits: Fetched, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    command = Command(first(run), digits, tmp_path)
    assert main([*command.arguments, "--code", "0"]) == 1
    assert "the code changed after this was planned (0 -> " in caplog.text
    assert not any(tmp_path.iterdir())
