"""What the last good run left is there after a job that failed, and known to be out of date."""

import shutil
from pathlib import Path

import odd_photos
import pytest
import yaml
from built import built_once
from project import ADAMW_RUN, BLOCK, Project, checked_out
from small_workflow import GOOD, SNAKEFILE, Small

pytestmark = pytest.mark.slow


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A folder whose files are made of the first settings."""
    small = Small(tmp_path)
    small.make()
    assert small.files() == GOOD
    assert small.aside() == []
    return small


@pytest.mark.parametrize("withdraws", [False, True])
def test_a_job_that_fails_costs_nothing_and_is_still_to_be_done(
    small: Small, withdraws: bool
) -> None:
    if withdraws:
        small.write("withdraws", "")
    before = {path: path.stat().st_mtime_ns for path in small.folder.rglob("made/*")}
    small.write("settings", "two")
    small.write("job", "exit 1")
    small.make(1)
    assert small.files() == GOOD
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert small.aside() == []
    assert "Params have changed" in small.make(0, "-n")
    small.write("settings", "one")
    assert "Nothing to be done" in small.make(0, "-n")
    small.write("settings", "two")
    small.write("job", "exit 0")
    small.make()
    assert set(small.files().values()) == {b"two"}
    assert small.aside() == []


def test_what_shows_a_file_that_was_made_again_is_not_put_back(small: Small) -> None:
    small.write("withdraws", "")
    small.write("settings", "two")
    text = SNAKEFILE.replace("cat made/file > {output}", "false")
    small.write("Snakefile", text)
    small.make(1)
    assert small.files() == {"made/file": b"two", "made/folder/x": b"two"}
    assert small.aside() == []


def test_what_a_killed_command_set_aside_the_next_one_puts_back(small: Small) -> None:
    small.write("settings", "two")
    small.kill("rm -r made/file made/folder")
    assert small.files() == {"shown/table": b"one"}
    assert "Params have changed" in small.make(0, "-n")
    assert small.files() == GOOD


@pytest.fixture(scope="module")
def made_of_photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made study of own photos; nobody may change it."""

    def make(folder: Path) -> None:
        project = checked_out(folder)
        odd_photos.folder(folder / "photos", "train/", "test/", count=4)
        settings = yaml.safe_load(project.read("params.yaml"))
        settings["datasets"] = {
            "own": {"source": "image_folder", "path": "photos", "image_size": 8}
        }
        settings["studies"]["demo"]["runs"] = [BLOCK | {"datasets": ["own"]}]
        (folder / "params.yaml").write_text(yaml.safe_dump(settings))
        project.snakemake("demo")

    return built_once(tmp_path_factory, "photos", make)


@pytest.fixture
def photos(made_of_photos: Path, tmp_path: Path) -> Project:
    """A copy, free to be broken."""
    return Project(shutil.copytree(made_of_photos, tmp_path / "project", symlinks=True))


def state(project: Project) -> dict[str, tuple[bytes, int]]:
    """Return all outputs, with their dates."""
    return {
        str(path.relative_to(project.folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for name in ("data/raw", "results")
        for path in sorted((project.folder / name).rglob("*"))
        if path.is_file() and path.name != ".provenance.json"
    }


def attempts(project: Project, log: str) -> list[str]:
    return (project.folder / ".cxv/logs" / log).read_text().splitlines()


def test_a_photo_that_is_refused_costs_neither_dataset_nor_report(photos: Project) -> None:
    before = state(photos)
    run = ADAMW_RUN.replace("digits", "own")
    names = ("images.pt", "manifest.json")
    assert before.keys() > {
        *(f"data/raw/own/{name}" for name in names),
        *("results/studies/demo/report.html", "results/studies/demo/table.csv"),
        *(f"results/runs/{run}/metrics.json", f"results/runs/{run}/checkpoint.pt"),
    }
    broken = photos.folder / "photos/train/cat/9.png"
    broken.write_bytes(b"no photo")
    said = photos.snakemake("demo", code=1)
    assert "1 of 17 files cannot be read as photos" in said
    assert state(photos) == before
    photos.run("python", "-m", "cxv", "verify", "demo")
    assert "fetch own" in photos.planned()
    broken.unlink()
    assert photos.planned() == set()


def test_a_training_that_fails_costs_neither_weights_nor_report(photos: Project) -> None:
    before, log = state(photos), "train/" + ADAMW_RUN.replace("digits", "own") + ".log"
    written = len(attempts(photos, log))
    locks = photos.folder / ".cxv/store/locks"
    locks.rename(locks.with_name("aside"))
    locks.write_text("no folder: a disk that refuses")
    photos.edit("lr: 0.001", "lr: 0.002")
    try:
        photos.snakemake("demo", code=1)
        assert state(photos) == before
        refused = [line for line in attempts(photos, log)[written:] if "no access: " in line]
        assert len(refused) == 3  # a disk may have room the next time
    finally:
        photos.edit("lr: 0.002", "lr: 0.001")
        locks.unlink()
        locks.with_name("aside").rename(locks)
    assert photos.planned() == set()


def test_a_report_whose_table_is_gone_shows_no_run_that_was_trained_again(photos: Project) -> None:
    studies = photos.folder / "results/studies/demo"
    (studies / "table.csv").unlink()
    photos.edit("lr: 0.001", "lr: 0.002")
    photos.snakemake("demo_runs")
    assert not (studies / "report.html").exists()
