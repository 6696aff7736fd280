"""An edit of a file that a number needs is named, and the number goes or comes back."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from project import ADAMW_RUN, FOLLOWS, PROFILE, SGD_RUN, TABLE, Project
from resealed import edit

pytestmark = pytest.mark.slow

RUNS = Path("results/runs")
METRICS, PREDICTIONS = RUNS / ADAMW_RUN / "metrics.json", RUNS / SGD_RUN / "predictions.npz"
COSTS, COUNTS = (
    Path("results/profiles", PROFILE, "profile.json"),
    Path("results/counts/networks.json"),
)
REPORT = TABLE.with_name("report.md")


def top1(value: float) -> Callable[[Path], None]:
    def forge(path: Path) -> None:
        fields = json.loads(path.read_text())
        fields["outcome"]["top1"] = value
        path.write_text(json.dumps(fields))

    return forge


def last_byte(path: Path) -> None:
    """Change it in place, as an editor does that follows a hard link."""
    with path.open("r+b") as file:
        file.seek(-1, 2)
        last = file.read()[0]
        file.seek(-1, 2)
        file.write(bytes([last ^ 1]))


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


FORGERIES: list[tuple[Path, Callable[[Path], None], str]] = [
    (METRICS, top1(7.5), f"train {ADAMW_RUN}"),
    (PREDICTIONS, last_byte, f"train {SGD_RUN}"),
    (COSTS, cut_short, f"profile {PROFILE}"),
    (COUNTS, lambda path: path.write_text(path.read_text().replace("1", "2")), "counts"),
    (TABLE, last_byte, "table demo"),
    (REPORT, cut_short, "report demo"),
]


def test_altered_files_are_named_and_come_back_as_they_were(project: Project) -> None:
    """Speeds too, which a second measurement would not repeat."""
    before = {path: project.read(path) for path, _, _ in FORGERIES}
    for path, forge, _ in FORGERIES:
        forge(project.folder / path)
    said = project.snakemake("-n", "demo")
    for path, _, job in FORGERIES:
        assert f"{path}: altered: " in said
        assert f"would run {job}" in " ".join(said.split())
    project.snakemake("demo")
    assert {path: project.read(path) for path in before} == before
    assert project.planned("demo") == set()


def test_without_another_copy_nothing_is_published_and_nothing_trained(
    project: Project,
) -> None:
    shutil.rmtree(project.folder / ".cxv/store")
    path = PREDICTIONS
    last_byte(project.folder / path)
    altered = project.read(path)
    record = path.with_name("metrics.json")
    said = project.snakemake("demo", code=1)
    assert f"{path}: altered: " in said
    assert f"rm {record}; then type the same command" in said
    project.snakemake("-n", "demo")  # would put back what was merely set aside
    assert not (project.folder / TABLE).exists()
    assert not (project.folder / REPORT).exists()
    assert project.read(path) == altered
    (project.folder / record).unlink()
    project.snakemake("demo")
    assert project.planned("demo") == set()


def test_what_proves_its_numbers_can_be_accepted_with_a_reason(project: Project) -> None:
    shutil.rmtree(project.folder / ".cxv/store")
    record, timing = METRICS, METRICS.with_name("timing.csv")
    last_byte(project.folder / timing)
    project.snakemake("demo", code=1)
    project.run(
        "python", "-m", "cxv", "accept", str(record), "--because", "a line break of an editor"
    )
    assert project.planned("demo") == set(FOLLOWS)
    project.snakemake("demo")
    assert "a line break of an editor" in project.read(TABLE.with_name("report.html")).decode()
    edit(project.folder / record, lambda fields: fields["outcome"].update(top1=0.9999))
    said = project.run("python", "-m", "cxv", "accept", str(record), "--because", "mine", code=1)
    assert "altered: top-1 0.9999, its files give" in said


def test_a_run_of_another_study_does_not_stop_this_one(project: Project) -> None:
    """What a command does not need, it does not look at."""
    shutil.rmtree(project.folder / ".cxv/store")
    last_byte(project.folder / PREDICTIONS)
    assert project.planned("demo_profiles") == set()
