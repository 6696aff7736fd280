"""Git sees what people write and nothing that a workflow makes."""

import inspect
import re
import subprocess
from pathlib import Path

import pytest
from shared_fixtures import ROOT

from cxv.jobs.fetch import fetch
from cxv.jobs.train import train
from cxv.tracking import store
from workflow.snakemake_metadata import SEEN

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")

RULES = "".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
MADE_BY_RULES = {
    re.sub(r"\{+\w[\w.]*\}+", "one", path)
    for path in re.findall(r'"((?:results|logs|data/raw)/[^"*]*)"', RULES)
}
UNFINISHED = inspect.signature(train).parameters["unfinished"].default
DOWNLOADS = inspect.signature(fetch).parameters["downloads"].default
MADE_BESIDE = [
    f"{UNFINISHED}/digits/cpv/base/s0/adamw.pt",
    f"{DOWNLOADS}/cifar-10-python.tar.gz",
    store.HERE.removeprefix("sqlite:///"),
    f"{store.HERE.removeprefix('sqlite:///')}-wal",
    SEEN.as_posix(),
    "results/runs/digits/cpv/base/s0/adamw/checkpoint.pt",
    "results/.provenance.json",
    "data/raw/.provenance.json",
    "mlruns/0/meta.yaml",
    "dvc_plots/index.html",
    ".snakemake/log/today.log",
    ".snakemake/slurm_logs/rule_train/1.log",
    ".dvc/cache/files/md5/00/0",
    ".dvc/tmp/lock",
    ".venv/bin/python",
    ".pytest_cache/README.md",
    ".mypy_cache/x.json",
    ".ruff_cache/x",
    "cxv/__pycache__/train.cpython-312.pyc",
]
WRITTEN = [
    *("params.yaml", "dvc.yaml", "dvc.lock", "data/paper/table1.csv", "data/paper/new.yaml"),
    *("cxv/data/new.py", "tests/test_new.py", "workflow/rules/new.smk", ".dvc/config"),
]


def ignored(path: str) -> bool:
    command = ["git", "-C", str(ROOT), "check-ignore", "--no-index", "-q", path]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.returncode == 0


def test_no_path_that_a_rule_makes_is_seen_by_git() -> None:
    assert len(MADE_BY_RULES) > 20
    assert {path for path in MADE_BY_RULES if not ignored(path)} == set()


@pytest.mark.parametrize("path", MADE_BESIDE)
def test_nor_is_what_is_made_by_the_way(path: str) -> None:
    assert ignored(path)


@pytest.mark.parametrize("path", WRITTEN)
def test_what_people_write_is_seen(path: str) -> None:
    assert not ignored(path)


def test_every_folder_that_is_made_is_one_of_those_tried() -> None:
    tried = {Path(path).parts[0] for path in (*MADE_BESIDE, *MADE_BY_RULES)}
    made = {"results", "logs", "data", ".cxv", "mlruns", "mlflow.db", ".snakemake", "dvc_plots"}
    assert made <= tried
