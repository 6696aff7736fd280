"""How often a real Slurm is given a training that came to nothing, and one that advanced."""

import pytest
from processes import wait_for
from submitted import BEGUN_SECONDS, EPOCHS, Submitted, ended, files_of

pytest_plugins = ["slurm_fixtures"]
pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.xdist_group("slurm")]

CANCELLED = 3
"""Attempts; the profile allows as many in all to a job that comes to nothing."""


def test_attempts_that_advanced_are_no_failed_tries(
    submitted: Submitted, unharmed: dict[str, object]
) -> None:
    with submitted.command() as snakemake:
        for attempt in range(CANCELLED):
            trained = len(submitted.epochs) + 1
            wait_for(lambda least=trained: len(submitted.epochs) > least, BEGUN_SECONDS, snakemake)
            (job,) = submitted.cluster.running_jobs()
            submitted.cluster.ask("scancel", job)
            saved = attempt + 1
            wait_for(lambda least=saved: submitted.log.count("rerun to resume") == least, 60)
        ended(snakemake)
    assert submitted.record()["interruptions"] == CANCELLED
    assert submitted.epochs == list(range(1, EPOCHS + 1))
    assert files_of(submitted.project) == unharmed


def test_a_failure_that_cannot_get_better_is_tried_once(submitted: Submitted) -> None:
    images = submitted.project.folder / "data/raw/digits/images.pt"
    content = bytearray(images.read_bytes())
    content[len(content) // 2] ^= 1
    images.write_bytes(content)
    with submitted.command() as snakemake:
        said, _ = snakemake.communicate(timeout=BEGUN_SECONDS)
    assert snakemake.returncode == 1
    assert "SHA-256" in said
    assert len(submitted.processes) == 1
    assert said.count("has been submitted with SLURM jobid") == 1
