"""The Slurm profile: read against the workflow, and tried on a cluster of one machine."""

import json
import re
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import cluster
import pytest
import yaml
from processes import running, wait_for
from project import ADAMW_RUN, make_long
from shared_fixtures import ROOT

PROFILE = ROOT / "workflow/profiles/slurm/config.yaml"
SNAKEMAKE = ("snakemake", "--profile", "workflow/profiles/slurm")
ASKED_SOON = ("--slurm-init-seconds-before-status-checks", "2")
LIMITS = {"mem_mb": 4000, "runtime": 240}  # megabytes and minutes of a first attempt
MIN_JOB_AGE = 300  # seconds for which squeue shows a job that has ended, by Slurm's default


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    return yaml.safe_load(PROFILE.read_text())


def rules() -> set[str]:
    """Return the rules that compute; those of studies only collect."""
    files = (path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    return {name for text in files for name in re.findall(r"^rule (\w+):", text, re.MULTILINE)}


def test_every_rule_asks_for_memory_and_time_whatever_the_command_line_says(
    profile: dict[str, Any],
) -> None:
    """``--default-resources`` of a command line take the place of the profile's."""
    assert profile["set-resources"].keys() == rules() >= {"fetch", "train", "profile", "report"}
    for resources in profile["set-resources"].values():
        for name, most in LIMITS.items():
            asked = re.fullmatch(r"(\d+) \* min\(attempt, 3\)", resources[name])
            assert asked, resources
            assert 0 < int(asked[1]) <= most
    assert profile["set-resources"]["train"]["gpu"] == 1
    assert profile["set-threads"].keys() <= rules()


def test_the_end_of_a_job_is_asked_of_squeue(profile: dict[str, Any]) -> None:
    """Where its jobs stay for less than three intervals, the plugin asks sacct after all."""
    assert profile["slurm-status-command"] == "squeue"
    assert 3 * profile["slurm-init-seconds-before-status-checks"] <= MIN_JOB_AGE


@pytest.mark.slow  # the plugin looks for programs of Slurm when it is imported
def test_every_key_is_an_option_of_snakemake_or_of_its_plugin(profile: dict[str, Any]) -> None:
    plugin = pytest.importorskip("snakemake_executor_plugin_slurm")
    cli = pytest.importorskip("snakemake.cli")
    known = {f"slurm-{field.name.replace('_', '-')}" for field in fields(plugin.ExecutorSettings)}
    for action in cli.get_argument_parser()._actions:
        known |= {option.removeprefix("--") for option in action.option_strings}
    assert profile.keys() <= known


@pytest.mark.slow
def test_a_cancelled_training_is_submitted_again_and_resumes(tmp_path: Path) -> None:
    """Without accounting, where sacct knows no job at all."""
    cluster.require()
    project = make_long(tmp_path / "project", epochs=100)
    record = f"results/runs/{ADAMW_RUN}/metrics.json"
    command = (*SNAKEMAKE, *ASKED_SOON, "--", record)
    with (
        cluster.started(tmp_path / "cluster") as environment,
        running(*command, cwd=project.folder, variables=environment) as snakemake,
    ):
        saved = project.folder / ".cxv/unfinished"
        wait_for(lambda: list(saved.rglob("*.pt")), 240, snakemake)
        job = cluster.asked("squeue", "--states=running", "--format=%i", environment=environment)
        subprocess.run(["scancel", job], env=environment, check=True)
        said, _ = snakemake.communicate(timeout=300)
    assert snakemake.returncode == 0, said
    assert "SLURM status is: 'CANCELLED'" in said
    assert json.loads(project.read(record))["interruptions"] == 1
