"""A crate checks itself with Python alone, and names what differs."""

import ast
import csv
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from crates import checked, crate, reported, sum_again, whole
from manuscripts import written
from resealed import edit, reseal

from cxv.crate import verify_crate
from cxv.records.predictions import Predictions
from cxv.records.sealed_folder import seal_folder

__all__ = ["crate", "reported", "whole", "written"]

RUN = Path("results/runs/digits/convolutions/base/s0/adamw/sgd")
STUDY = Path("results/studies/switch")


def test_a_crate_that_nobody_touched_has_no_fault(whole: Path) -> None:
    code, said = checked(whole)
    assert code == 0, said
    files = [path for path in whole.rglob("*") if path.is_file()]
    assert f"files: {len(files) - 1} found, {len(files) - 1} unaltered" in said
    with (whole / STUDY / "table.csv").open() as file:
        top1 = [x for x in csv.DictReader(file) if x["column"] in verify_crate.FROM_SCORES]
    rows = 4
    assert len(top1) == 4 * rows  # best, mean, sd, n
    numbers = len(top1) + 2 * rows  # the report shows best and mean
    assert f"numbers of top-1: {numbers} found, {numbers} derived" in said


KINDS = [
    "Snakefile", "workflow/rules/train.smk", "cxv/training/trainer.py", "params.yaml", "dvc.yaml",
    "requirements.lock", "LICENSE", "CITATION.cff", "README.md", "specification.json", "SHA256SUMS",
    "ro-crate-metadata.json", "verify.py", "data/raw/digits/manifest.json",
    "results/profiles/digits/convolutions/base/profile.json",
    *(f"{RUN}/{name}" for name in (
        "metrics.json", "history.csv", "timing.csv", "answers.npz", "predictions.npz"
    )),
    *(f"{STUDY}/{name}" for name in (
        "table.csv", "runs.csv", "metrics.json", "report.html", "report.md", "report.tex",
        "paper.csv", "seal.json", "figures/graph.png", "figures/graph.svg",
    )),
]  # fmt: skip


@contextmanager
def changed(path: Path, content: bytes | None) -> Iterator[None]:
    """Let a file be another one, or missing, for a while."""
    before = path.read_bytes() if path.exists() else None
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)


def last_words(crate: Path) -> str:
    """Let a crate be checked in this process; return what is said last."""
    said: list[str] = []
    assert verify_crate.main(crate, said.append) == 1
    return said[-1]


@pytest.mark.parametrize("name", KINDS)
def test_one_altered_byte_in_a_file_of_any_kind_is_named(whole: Path, name: str) -> None:
    content = bytearray((whole / name).read_bytes())
    content[len(content) // 2] ^= 1
    with changed(whole / name, bytes(content)):
        said = last_words(whole)
    assert name in said
    assert " differ; the first: " in said


@pytest.mark.parametrize("name", KINDS[::6])
def test_a_file_that_is_missing_is_named(whole: Path, name: str) -> None:
    with changed(whole / name, None):
        assert name in last_words(whole)


def test_a_file_that_was_added_is_named(whole: Path) -> None:
    with changed(whole / "results/more.csv", b"1"):
        said = last_words(whole)
    assert said == "1 differ; the first: results/more.csv: not in SHA256SUMS\n"


def test_an_altered_crate_ends_with_code_1_in_a_python_without_packages(whole: Path) -> None:
    with changed(whole / RUN / "predictions.npz", b"PK"):
        code, said = checked(whole)
    assert code == 1
    assert f"the first: {RUN}/predictions.npz: its SHA-256 is not the one in SHA256SUMS" in said
    derived = int(said.partition("numbers of top-1: ")[2].split(" found, ")[1].split()[0])
    assert derived == 24 - 4 - 2  # of the row and in the report


def better_record(crate: Path) -> None:
    path = crate / RUN / "metrics.json"
    path.write_text(path.read_text().replace('"top1": 0.', '"top1": 0.9', 1))


def other_predictions(crate: Path) -> None:
    shutil.copy(crate / RUN.parent / "predictions.npz", crate / RUN)


def better_predictions(crate: Path) -> None:
    """Let every prediction be right, and the record and its seal say so."""
    (crate / RUN / "checkpoint.pt").touch()
    found = Predictions.load(crate / RUN / "predictions.npz")
    better = Predictions(found.label, found.label, np.full_like(found.log_probability, -0.01))
    better.save(crate / RUN / "predictions.npz")
    reseal(crate / RUN)
    edit(crate / RUN / "metrics.json", lambda x: x["outcome"].update(top1=1.0, loss=better.loss))
    (crate / RUN / "checkpoint.pt").unlink()


def better_table(crate: Path) -> None:
    path = crate / STUDY / "table.csv"
    lines = path.read_text().splitlines()
    [mean] = [x for x in lines if "convolutions,base,dualopt,top1_mean" in x]
    path.write_text(path.read_text().replace(mean, mean.replace(",0.", ",0.9", 1)))
    seal_folder(crate / STUDY)


def better_report(crate: Path) -> None:
    path = crate / STUDY / "report.md"
    line = next(x for x in path.read_text().splitlines() if "| base | dualopt |" in x)
    path.write_text(path.read_text().replace(line, line.replace("| 9", "| 99", 1)))
    seal_folder(crate / STUDY)


FORGERIES: dict[Callable[[Path], None], str] = {
    better_record: f"{RUN}/metrics.json: its values are not those that were sealed",
    other_predictions: f"{RUN}/metrics.json: predictions.npz is not the file that it names",
    better_predictions: "convolutions/base/dualopt/top1_best is 0.91",
    better_table: "convolutions/base/dualopt/top1_mean is 0.99",
    better_report: "report.md: digits/",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_who_sums_again_what_was_forged_is_found_by_seals_and_predictions(
    crate: Path, forge: Callable[[Path], None]
) -> None:
    forge(crate)
    sum_again(crate)
    assert FORGERIES[forge] in last_words(crate)


def test_it_needs_python_3_9_and_nothing_else(whole: Path) -> None:
    tree = ast.parse((whole / "verify.py").read_text(), feature_version=(3, 9))
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else name.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= sys.stdlib_module_names


@pytest.mark.parametrize("kind", [np.int16, np.int64, np.uint8])
def test_the_top1_of_predictions_is_what_numpy_gives(
    tmp_path: Path, kind: type[np.generic]
) -> None:
    draws = np.random.default_rng(0)
    predicted, label = (draws.integers(0, 3, 70_000).astype(kind) for _ in range(2))
    np.savez_compressed(tmp_path / "p.npz", predicted=predicted, label=label)
    assert verify_crate.top1_of(tmp_path / "p.npz") == float((predicted == label).mean())
