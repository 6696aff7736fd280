"""The Snakemake plugin as Snakemake meets it: arguments repaired, its report replaced."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest
from snakemake_logger_plugin_cxv import say_interrupted
from snakemake_logger_plugin_cxv.arguments import (
    DEFAULT_SNAKEFILES,
    KEY_VALUE_OPTIONS,
    MARKER,
    corrected,
    repaired,
)

SNAKEFILE = """
rule all:
    input: "good/a", "good/b", "bad/c"
rule good:
    output: "good/{name}"
    shell: "touch {output}"
rule bad:
    output: "bad/{name}"
    log: "logs/{name}.log"
    shell: "seq 100 130 > {log}; exit 3"
"""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("--cores 1 --resources gpu=1 all", "all --cores 1 --resources gpu=1"),
        ("--resources gpu=1 all -n", "all --resources gpu=1 -n"),
        ("--resources gpu=1 all table1 --cores 1", "all table1 --resources gpu=1 --cores 1"),
        ("--resources gpu=1 mem_mb=9 all", "all --resources gpu=1 mem_mb=9"),
        ("--resources gpu=1 all mem_mb=9", "all --resources gpu=1 mem_mb=9"),
        ("--res gpu=1 a --config key=1 b", "a b --res gpu=1 --config key=1"),
        ("-C key=value all -n", "all -C key=value -n"),
        ("--set-threads train=2 all", "all --set-threads train=2"),
        ("table1 -n --resources gpu=1 table2", "table1 table2 -n --resources gpu=1"),
        ("--cores 2 --logger cxv demo", "demo --cores 2 --logger cxv"),
        ("--logger cxv data/raw/a.b/c.json", "data/raw/a.b/c.json --logger cxv"),
        ("--resources gpu=1 all -- table1", "--resources gpu=1 -- all table1"),
    ],
)
def test_a_swallowed_target_joins_the_targets(typed: str, meant: str) -> None:
    assert repaired(typed.split()) == meant.split()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "all",
        "all --cores 1 --resources gpu=1",
        "--cores 1 --resources gpu=1",
        "--resources gpu=1 --cores 1 all",
        "--resources gpu=1 -n all",
        "--resources gpu=1 -- all",
        "--resources=gpu=1 all",
        "--logger demo",  # no such logger: Snakemake says it better
        "--resources all",  # Snakemake has its own words for a value without "="
        "-- --resources gpu=1 all",  # all targets, however they look
        "--forcerun train all",  # which of the two is a target, nobody can tell
        "--set-resources train:gpu=1 base64//dHJhaW46bWVtX21iPTk",  # from Snakemake to itself
    ],
)
def test_what_snakemake_reads_well_is_left_alone(typed: str) -> None:
    assert repaired(typed.split()) == typed.split()


@pytest.mark.slow
def test_snakemake_has_no_other_key_value_option_and_no_other_snakefile() -> None:
    from snakemake.cli import get_argument_parser  # noqa: PLC0415
    from snakemake.common import SNAKEFILE_CHOICES  # noqa: PLC0415

    pairs = {
        option
        for action in get_argument_parser()._actions
        if action.nargs in {argparse.ONE_OR_MORE, argparse.ZERO_OR_MORE}
        and ("=" in str(action.metavar) or action.dest.startswith("group"))
        for option in action.option_strings
    }
    assert pairs == KEY_VALUE_OPTIONS
    assert tuple(map(str, SNAKEFILE_CHOICES)) == DEFAULT_SNAKEFILES


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like this project, entered."""
    (tmp_path / MARKER).parent.mkdir(parents=True)
    (tmp_path / MARKER).touch()
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "Snakefile").write_text(SNAKEFILE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


SWALLOWED = ["--resources", "gpu=1", "all"]


@pytest.mark.parametrize("program", ["/bin/snakemake", "x/snakemake/__main__.py", "snakemake.exe"])
@pytest.mark.parametrize("options", [[], ["-d", "elsewhere"], ["-s", "Snakefile"], ["-sSnakefile"]])
def test_the_project_itself_is_repaired(project: Path, program: str, options: list[str]) -> None:
    meant = [program, "--rerun-incomplete", "all", *options, "--resources", "gpu=1"]
    assert corrected([program, *options, *SWALLOWED]) == meant


@pytest.mark.parametrize("option", ["--rerun-incomplete", "--ri", "--ignore-incomplete", "--ii"])
def test_what_is_asked_of_incomplete_files_is_left_as_it_is(project: Path, option: str) -> None:
    assert corrected(["snakemake", "all", option]) == ["snakemake", "all", option]


def test_ctrl_c_while_snakemake_plans_leaves_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say_interrupted(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert capsys.readouterr().err == "interrupted; type the same command again to go on\n"


def test_any_other_error_is_shown_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    say_interrupted(ValueError, ValueError("too small"), None)
    assert capsys.readouterr().err.endswith("ValueError: too small\n")


@pytest.mark.parametrize(
    ("program", "options"),
    [
        ("snakemake", ["--snakefile=elsewhere/Snakefile"]),
        ("snakemake", ["-s", "missing"]),
        ("snakemake", ["-s", "https://example.org/Snakefile"]),
        ("pytest", []),
        ("__main__.py", []),
    ],
)
def test_other_workflows_and_programs_are_not(
    project: Path, program: str, options: list[str]
) -> None:
    assert corrected([program, *options, *SWALLOWED]) == [program, *options, *SWALLOWED]


def test_no_arguments_or_no_snakefile_harm_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for argv in ([], [""], ["snakemake"], ["snakemake", "-s"], ["snakemake", *SWALLOWED]):
        assert corrected(argv) == argv


def snakemake(folder: Path, arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", *arguments.split()]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)


@pytest.mark.slow
def test_the_literal_command_is_accepted_here(project: Path) -> None:
    done = snakemake(project, "--cores 1 --resources gpu=1 all -n")
    assert (done.returncode, "good/a" in done.stdout) == (0, True)


@pytest.mark.slow
def test_the_literal_command_fails_elsewhere_as_ever(project: Path) -> None:
    done = snakemake(project / "elsewhere", "--cores 1 --resources gpu=1 all -n")
    assert done.returncode == 1
    assert "dictionary update sequence" in done.stderr


@pytest.mark.slow
def test_a_dry_run_shows_each_job_and_a_table_of_rules(project: Path) -> None:
    lines = snakemake(project, "-n --logger cxv").stdout.splitlines()
    assert "would run  good  a  no output yet" in lines
    assert lines[-5:] == [
        "rule   jobs  because",
        "bad       1  1 no output yet",
        "good      2  2 no output yet",
        "all       1  1 input remade",
        "total     4",
    ]
    assert len(lines) == 4 + 5


@pytest.mark.slow
def test_a_run_shows_counts_finished_jobs_and_the_end_of_a_failed_log(project: Path) -> None:
    done = snakemake(project, "--cores 1 --keep-going --logger cxv")
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert lines[0] == "4 jobs: bad 1, good 2, all 1"
    assert sum(line.startswith(("[1/4] good", "[2/4] good")) for line in lines) == 2
    failed = next(i for i, line in enumerate(lines) if line.startswith("failed  bad  c  after"))
    assert lines[failed + 1 : failed + 4] == [
        "    command: seq 100 130 > logs/c.log; exit 3",
        "    log: logs/c.log",
        "    | 116",
    ]
    assert lines[failed + 17] == "    | 130"
    assert "Command returned non-zero exit status 3." in lines
    assert lines[-1].startswith("2 done, 1 failed, 1 not run, ")


@pytest.mark.slow
def test_an_error_in_the_snakefile_reaches_the_user_whole(project: Path) -> None:
    (project / "Snakefile").write_text(f"raise WorkflowError('{'x' * 300}')")
    done = snakemake(project, "--cores 1 --logger cxv")
    assert done.returncode == 1
    assert "x" * 300 in done.stderr
