"""DVC keeps every study that was made, and claims of none that it is up to date when it is not."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from built import built_once
from project import ADAMW_RUN, BLOCK, FOLLOWS, SGD_RUN, Project, make_demo

pytestmark = pytest.mark.slow

OTHER = "other"
OTHER_RUN = ADAMW_RUN.replace("s0", "s1")
LOST = ("results", ".cxv", ".snakemake")
"""What a disk that ends takes: the store of finished jobs too."""


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Project:
    """A copy of a project whose demo is made, with a second study that is not."""
    demo = built_once(tmp_path_factory, "made", make_demo)
    copy = Project(shutil.copytree(demo, tmp_path / "project", symlinks=True))
    params = yaml.safe_load(copy.read("params.yaml"))
    block = BLOCK | {"recipes": ["adamw_tiny"], "seeds": [1]}
    params["studies"][OTHER] = {"title": "Other", "runs": [block]}
    (copy.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    copy.run("dvc", "repro")
    copy.run("git", "commit", "-qam", "a second study")
    return copy


def lose(project: Project) -> None:
    for name in LOST:
        shutil.rmtree(project.folder / name)


def test_a_study_that_study_yaml_does_not_name_is_kept_too(project: Project) -> None:
    said = project.snakemake(OTHER)
    assert "git add dvc.lock && git commit" in said
    assert "up to date" in project.run("dvc", "status")  # the demo still is
    lose(project)
    project.run("dvc", "checkout")
    assert project.planned(OTHER) == project.planned("demo") == set()
    assert (project.folder / f"results/studies/{OTHER}/report.html").exists()


def test_a_demo_that_is_not_made_as_asked_is_not_called_up_to_date(project: Project) -> None:
    project.edit("momentum: 0.9", "momentum: 0.5")
    project.snakemake(OTHER)
    assert "changed deps" in project.run("dvc", "status")
    project.edit("momentum: 0.5", "momentum: 0.9")
    assert "changed deps" in project.run("dvc", "status")  # nobody has looked since
    assert "Nothing to be done" in project.run("dvc", "repro")
    assert "up to date" in project.run("dvc", "status")
    lose(project)
    project.run("dvc", "checkout")
    assert project.planned(OTHER) == set()


def test_a_study_made_before_the_one_of_study_yaml_is_kept(project: Project) -> None:
    (project.folder / "dvc.lock").unlink()
    shutil.rmtree(project.folder / "results/studies/demo")
    project.snakemake(OTHER)
    assert "changed deps" in project.run("dvc", "status")
    lose(project)
    project.run("dvc", "checkout")
    assert project.planned(OTHER) == set()
    assert project.planned("demo") == set(FOLLOWS)


def test_metrics_of_a_study_are_a_line_a_row_and_few_columns(project: Project) -> None:
    numbers = json.loads(project.run("dvc", "metrics", "show", "--json"))[""]["data"]
    [(path, row)] = numbers.items()
    assert path == "results/studies/demo/summary/digits-tiny-base-dualopt_tiny.json"
    assert row["data"].keys() == {"runs", "top1", "top1_high", "top1_low"}
    record = json.loads(project.read(f"results/runs/{SGD_RUN}/metrics.json"))
    assert row["data"]["top1"] == record["outcome"]["top1"]
