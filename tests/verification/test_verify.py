"""`cxv verify` finds what hashes cannot: who forges a seal too is found one depth below."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from project import ADAMW_RUN, SGD_RUN, Project
from resealed import better_predictions, other_weights

from cxv.records.sealed_folder import seal_folder

pytestmark = pytest.mark.slow

STUDY = Path("results/studies/demo")
RUNS = Path("results/runs")


def verify(project: Project, *options: str, code: int = 0) -> str:
    return project.run("python", "-m", "cxv", "verify", "demo", *options, code=code)


def test_what_nobody_touched_is_verified_to_the_last_depth_and_its_report_says_so(
    project: Project,
) -> None:
    said = verify(project, "--weights", "--replay", "2")
    assert "2 checkpoints give their predictions bit for bit" in said
    assert "2 trainings repeated bit for bit" in said
    assert "verified to depth 4 of 4" in said
    for form in ("report.html", "report.md"):
        assert "Verified to depth 4 of 4" in project.read(STUDY / form).decode()
    assert project.planned("demo") == set()
    again = verify(project)
    assert "4 records and their files; datasets: 1" in again
    numbers, derived = (int(x) for x in again.split() if x.isdigit() and int(x) > 1000)
    assert numbers == derived


def table_cell(project: Project) -> None:
    path = project.folder / STUDY / "table.csv"
    path.write_text(path.read_text().replace(",fraction of 1,1,", ",fraction of 1,2,"))


def sentence(project: Project) -> None:
    path = project.folder / STUDY / "report.html"
    path.write_text(path.read_text().replace("10.00 % [", "90.00 % ["))


def picture(project: Project) -> None:
    path = next((project.folder / STUDY / "figures").glob("*.png"))
    path.write_bytes(path.read_bytes() + b"0")


FORMS = {"table.csv": table_cell, "report.html": sentence, "figures/": picture}


def test_forms_that_were_sealed_again_are_not_what_their_records_give(project: Project) -> None:
    for forge in FORMS.values():
        forge(project)
    for depth in ("seals", "numbers"):
        said = verify(project, code=1)
        assert f"demo: {depth}: " in said
        for form in FORMS:
            assert f"{STUDY / form}" in said
        seal_folder(project.folder / STUDY)
    assert "says 90.00 where 10.00 is derived" in said


def published(project: Project, forge: Callable[[Path], None]) -> None:
    """Forge a run, and have tables and reports made of it."""
    forge(project.folder / RUNS / SGD_RUN)
    shutil.rmtree(project.folder / ".cxv")
    project.snakemake("--forcerun", "table", "--", "demo")


def test_who_forges_predictions_record_and_seals_is_found_by_the_weights(project: Project) -> None:
    published(project, better_predictions)
    assert "100.00" in project.read(STUDY / "report.md").decode()
    assert "verified to depth 2" in verify(project)
    said = verify(project, "--weights", code=1)
    assert f"{RUNS / SGD_RUN / 'predictions.npz'}: not what checkpoint.pt answers" in said


def test_who_swaps_the_weights_too_is_found_by_a_second_training(project: Project) -> None:
    published(project, other_weights)
    assert "verified to depth 3" in verify(project, "--weights")
    said = verify(project, "--replay", "2", code=1)
    assert f"{RUNS / SGD_RUN / 'predictions.npz'}: a second training leaves other bytes" in said


def test_a_study_that_is_not_made_is_said(project: Project) -> None:
    shutil.rmtree(project.folder / "results/studies")
    said = project.run("python", "-m", "cxv", "verify", code=1)
    assert "no report of a study of params.yaml" in said
    (project.folder / RUNS / ADAMW_RUN / "metrics.json").unlink()
    assert "1 records not made" in verify(project, code=1)
