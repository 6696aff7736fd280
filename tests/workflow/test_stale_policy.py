"""Where stale records are reported, an edit of code trains nothing, and every report says so."""

from pathlib import Path

import pytest
from project import ADAMW_RUN, FOLLOWS, PROFILE, SGD_RUN, Project

pytestmark = pytest.mark.slow

MIXER = Path("cxv/networks/mixers/performer.py")
REPORT = "results/studies/demo/report.md"
RECORD = f"results/runs/{SGD_RUN}/metrics.json"
MADE_AGAIN = {f"train {ADAMW_RUN}", f"train {SGD_RUN}", f"profile {PROFILE}"}


def edit_mixer(project: Project) -> None:
    path = project.folder / MIXER
    assert "1e-3" in path.read_text()
    path.write_text(path.read_text().replace("1e-3", "1e-2"))


def test_an_edit_trains_again_or_is_reported(project: Project) -> None:
    edit_mixer(project)
    assert project.planned("demo") - {*FOLLOWS, "counts parameters"} == MADE_AGAIN
    record = project.read(RECORD)
    project.edit("stale: retrain", "stale: report")
    assert project.planned("demo") == set(FOLLOWS)
    said = project.snakemake("demo")
    assert "Stale: 13 of 13 numbers of the tables" in said
    assert project.planned("demo") == set()
    assert project.read(RECORD) == record
    assert project.read(REPORT).decode().splitlines()[2].startswith("Stale: 13 of 13 numbers")
    named = project.run("python", "-m", "cxv", "stale", "demo")
    assert "code: cxv.networks.mixers.performer:relu_attention changed" in named
    project.run("python", "-m", "cxv", "verify", "demo")
    project.edit("stale: report", "stale: retrain")
    assert project.planned("demo") >= MADE_AGAIN


def test_what_is_forced_or_of_other_settings_is_trained_all_the_same(project: Project) -> None:
    edit_mixer(project)
    project.edit("stale: retrain", "stale: report")
    project.snakemake("--force", RECORD)
    assert not any(job.startswith("train") for job in project.planned("demo"))
    assert "1 of 1 stale" not in project.run("python", "-m", "cxv", "trace", CELL)
    project.edit("lr: 0.001\n      momentum", "lr: 0.002\n      momentum")
    assert {x for x in project.planned("demo") if x.startswith("train")} == {f"train {SGD_RUN}"}


CELL = "demo/digits/tiny/base/dualopt_tiny/top1_mean"
