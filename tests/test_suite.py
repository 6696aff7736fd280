"""The suite itself: what a unit test may start, in which order and how long tests run, what is
built once."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import prepared
import pytest
import whole_programs
from built import built_once
from processes import PATH
from shared_fixtures import ROOT

TELLS = """
import atexit, os, sys, torch, traceback
print(os.getcwd(), sys.argv[1:], sys.stdin.read(), sep="\\n")
print(os.environ["MINE"], "HOME" in os.environ)
atexit.register(print, torch.get_num_threads())
try:
    raise ValueError("from cxv")
except ValueError:
    traceback.print_exc()
sys.exit(3)
"""


@pytest.mark.parametrize(
    "command",
    [["snakemake", "--version"], ["dvc", "version"], [sys.executable, "-m", "cxv", "check"]],
)
def test_a_test_without_the_mark_starts_no_whole_program(command: list[str]) -> None:
    with pytest.raises(RuntimeError, match="is not marked slow"):
        subprocess.run(command, check=False)


def test_a_test_without_the_mark_starts_git_and_a_few_lines_of_python() -> None:
    assert subprocess.run(["git", "--version"], check=True, capture_output=True).stdout
    subprocess.run([sys.executable, "-c", "pass"], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["snakemake", "--version"],
        ["snakemake", "--no-such-option"],
        ["dvc", "--version"],
        ["dvc", "--no-such-option"],
        ["python", "-m", "cxv", "plan", "demo"],
        ["python", "-m", "cxv", "plan", "no_such_study"],
        ["python", "-c", "import sys; print(sys.argv, sys.path); sys.exit('ends')", "word"],
    ],
)
def test_a_prepared_program_is_the_one_that_is_typed(command: list[str]) -> None:
    typed, prepared_ = (
        subprocess.run(
            command, cwd=ROOT, env=os.environ | {"PATH": path}, capture_output=True, text=True,
            check=False,
        )
        for path in (PATH, f"{prepared.programs()}{os.pathsep}{PATH}")
    )  # fmt: skip
    assert prepared_.returncode == typed.returncode
    assert _words(prepared_.stdout) == _words(typed.stdout)
    assert _words(prepared_.stderr) == _words(typed.stderr)


@pytest.mark.slow
def test_a_prepared_program_is_in_its_own_folder_and_has_the_threads_that_it_is_granted(
    tmp_path: Path,
) -> None:
    """``cxv`` is that of the folder, as with ``python -m`` that is typed there."""
    (tmp_path / "cxv").mkdir()
    (tmp_path / "cxv/__init__.py").touch()
    (tmp_path / "cxv/__main__.py").write_text(TELLS)
    path = f"{prepared.programs()}{os.pathsep}{PATH}"
    said = subprocess.run(
        ["python", "-m", "cxv", "--word"], input="in", cwd=tmp_path, capture_output=True, text=True,
        env={"PATH": path, "OMP_NUM_THREADS": "1", "MINE": "yes"}, check=False,
    )  # fmt: skip
    assert said.returncode == 3
    assert said.stdout.splitlines() == [str(tmp_path), "['--word']", "in", "yes False", "1"]
    assert "ValueError: from cxv" in said.stderr


def _words(text: str) -> list[str]:
    """Return the words in a fixed order: Snakemake lists choices in that of a set."""
    return sorted(re.split(r"[\s,{}]+", text))


def test_slow_tests_come_first_and_the_others_stay_with_their_file(
    request: pytest.FixtureRequest,
) -> None:
    items = list(request.session.items)
    mixed = items[::2] + items[1::2]
    whole_programs.pytest_collection_modifyitems(mixed)
    slow = [item.get_closest_marker("slow") is not None for item in mixed]
    assert slow == sorted(slow, reverse=True)
    made = ["made" in getattr(item, "fixturenames", ()) for item in mixed[: sum(slow)]]
    assert made[:1] + sorted(made[1:]) == made
    assert any(made[:1]) == any(made)
    unit = mixed[sum(slow) :]
    groups = [item.get_closest_marker("xdist_group") for item in unit]
    assert [group and group.args for group in groups] == [(item.path.stem,) for item in unit]


@pytest.mark.parametrize(("minutes", "starts"), [("0.5", False), ("2", True), (None, True)])
def test_after_a_limit_no_slow_test_is_started_and_every_quick_one_is(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    minutes: str | None,
    starts: bool,
) -> None:
    monkeypatch.setattr(whole_programs, "STARTED", time.monotonic() - 60)
    monkeypatch.delenv(whole_programs.LIMIT, raising=False)
    if minutes:
        monkeypatch.setenv(whole_programs.LIMIT, minutes)
    whole_programs.pytest_runtest_setup(request.node)
    request.node.add_marker(pytest.mark.slow)
    if starts:
        whole_programs.pytest_runtest_setup(request.node)
    else:
        with pytest.raises(pytest.skip.Exception, match=r"CXV_SLOW_MINUTES: the 0\.5 minutes"):
            whole_programs.pytest_runtest_setup(request.node)


def test_a_process_is_handed_a_whole_file_of_unit_tests(request: pytest.FixtureRequest) -> None:
    """Else each process would make the fixtures of every module; xdist names groups in ids."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("one process runs all tests")
    assert request.node.nodeid.endswith("@test_suite")


def test_what_is_built_once_is_built_again_by_nobody(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    built: list[Path] = []

    def build(path: Path) -> None:
        built.append(path)
        path.write_text("whole")

    paths = [built_once(tmp_path_factory, "of_a_test", build) for _ in range(2)]
    assert [path.read_text() for path in paths] == ["whole", "whole"]
    assert built == paths[:1]
