"""A clone that pulls has nothing to do, and continues what was made elsewhere."""

import shutil
from pathlib import Path

import pytest
from built import built_once
from project import FOLLOWS, SGD_RUN, TABLE, Project, make_demo

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Project:
    """A copy of a project whose demo is made, with a remote to push to."""
    demo = built_once(tmp_path_factory, "made", make_demo)
    copy = Project(shutil.copytree(demo, tmp_path / "project", symlinks=True))
    copy.run("dvc", "remote", "add", "--default", "folder", str(tmp_path / "remote"))
    copy.run("git", "commit", "-qam", "remote")
    return copy


def cloned(project: Project, folder: Path) -> Project:
    """Push; return another place that has pulled, and knows no store of this one."""
    project.run("dvc", "push")
    project.run("git", "clone", "-q", str(project.folder), str(folder))
    clone = Project(folder)
    clone.run("dvc", "pull")
    return clone


@pytest.mark.parametrize("link", ["copy", "hardlink"])
def test_a_clone_has_nothing_to_do_however_dvc_links_its_files(
    project: Project, tmp_path: Path, link: str
) -> None:
    project.run("dvc", "config", "cache.type", link)
    project.run("git", "commit", "-qam", "link")
    clone = cloned(project, tmp_path / "clone")
    assert clone.read(TABLE) == project.read(TABLE)
    assert clone.planned() == set()
    assert "up to date" in clone.run("dvc", "status")


def test_dvc_and_snakemake_agree_here_and_in_a_clone(project: Project, tmp_path: Path) -> None:
    """With symbolic links, which a program may follow or replace."""
    project.run("dvc", "config", "cache.type", "symlink")
    project.run("dvc", "checkout", "--relink", "--force")
    assert "train" not in project.run("dvc", "repro")
    assert project.planned() == set()
    assert "up to date" in project.run("dvc", "status")
    project.run("git", "commit", "-qam", "link")

    clone = cloned(project, tmp_path / "a folder")
    assert clone.read(TABLE) == project.read(TABLE)
    assert clone.planned() == set()
    assert "up to date" in clone.run("dvc", "status")
    assert "digits-tiny-base-dualopt_tiny.json" in clone.run("dvc", "metrics", "show")

    clone.edit("momentum: 0.9", "momentum: 0.5")
    assert clone.planned() == {f"train {SGD_RUN}", *FOLLOWS}
    clone.snakemake("demo")
    assert clone.read(TABLE) != project.read(TABLE)
    clone.run("git", "commit", "-qam", "another momentum")
    clone.run("git", "checkout", "-q", "HEAD~1")
    clone.run("dvc", "checkout")
    assert clone.read(TABLE) == project.read(TABLE)
    assert clone.planned() == set()
    assert "Cache and remote 'folder' are in sync" in clone.run("dvc", "status", "--cloud")


def test_a_clone_that_has_not_pulled_is_told_to_and_keeps_what_the_lock_lists(
    project: Project, tmp_path: Path
) -> None:
    project.run("dvc", "push")
    project.run("git", "clone", "-q", str(project.folder), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    hint = "`dvc pull` brings them"
    for target in ("demo_data", "demo_profiles", "demo_runs"):  # what is made here is not the whole
        assert hint in clone.snakemake(target)
        assert clone.run("git", "status", "--short") == ""
    assert "Use `--force`" in clone.run("dvc", "pull", code=1)  # what was made is in no cache
    clone.run("dvc", "pull", "--force")
    assert hint not in clone.snakemake("--forcerun", "fetch", "--", "demo_data")
    assert clone.planned() == set()


def test_code_of_a_network_that_changes_in_a_clone_makes_its_counts_anew(
    project: Project, tmp_path: Path
) -> None:
    """The counts have no input: Snakemake's record of how they were made is all that tells."""
    clone = cloned(project, tmp_path / "clone")
    network = clone.folder / "cxv/networks/models/convmixer.py"  # which no run has
    network.write_text("# a comment\n" + network.read_text())
    assert clone.planned() == set()
    network.write_text(network.read_text().replace("nn.GELU()", "nn.ReLU()"))
    assert clone.planned() == {"counts parameters", "report demo"}  # of the networks of the paper
