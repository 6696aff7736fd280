"""The Slurm profile, read against the workflow; ``tests/cluster`` has it on a cluster."""

import re
from dataclasses import fields
from typing import Any

import pytest
import yaml
from shared_fixtures import ROOT

PROFILE = ROOT / "workflow/profiles/slurm/config.yaml"
MIN_JOB_AGE = 300  # seconds for which squeue shows a job that has ended, by Slurm's default


@pytest.fixture(scope="module")
def profile() -> dict[str, Any]:
    return yaml.safe_load(PROFILE.read_text())


def rules() -> dict[str, str]:
    """Return the text of each rule that computes; those of studies only collect."""
    found: dict[str, str] = {}
    for path in (ROOT / "workflow/rules").glob("*.smk"):
        _, *parts = re.split(r"^rule (\w+):", path.read_text(), flags=re.MULTILINE)
        found |= zip(parts[::2], parts[1::2], strict=True)
    return found


def test_every_rule_asks_for_memory_and_time_whatever_the_command_line_says() -> None:
    """What it sets takes the place of all that a profile sets, even for other rules."""
    assert rules().keys() >= {"fetch", "train", "profile", "report"}
    for name, text in rules().items():
        asked = set(re.findall(r"^        (mem_mb|runtime)=", text, re.MULTILINE))
        assert asked == {"mem_mb", "runtime"}, name


def test_a_profile_is_timed_with_the_same_threads_on_every_node(profile: dict[str, Any]) -> None:
    assert profile["set-threads"].keys() <= rules().keys()


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
