"""The suite itself: what a unit test may start, in which order tests run, what is built once."""

import os
import re
import subprocess
import sys
from pathlib import Path

import prepared
import pytest
import whole_programs
from built import built_once
from conftest import ROOT


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
@pytest.mark.parametrize("arguments", [["--version"], ["--no-such-option"]])
@pytest.mark.parametrize("program", prepared.PROGRAMS)
def test_a_prepared_program_is_the_one_that_is_typed(program: str, arguments: list[str]) -> None:
    typed = Path(sys.executable).with_name(program)
    done = subprocess.run([typed, *arguments], capture_output=True, text=True, check=False)
    code, said = prepared.run([program, *arguments], ROOT, os.environ)
    assert code == done.returncode
    assert _words(said) == _words(done.stdout + done.stderr)


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
    unit = mixed[sum(slow) :]
    groups = [item.get_closest_marker("xdist_group") for item in unit]
    assert [group and group.args for group in groups] == [(item.path.stem,) for item in unit]


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
