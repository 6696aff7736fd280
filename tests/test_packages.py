"""Packages import in one direction: what `make check` runs, and that it can fail."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shared_fixtures import ROOT


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold the package in a folder against the contracts of pyproject.toml."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "imported"),
    [
        (None, ""),
        ("statistics/estimate", "cxv.config.grid"),
        ("records/run", "cxv.training.trainer"),
        ("results/lookup", "cxv.paper.printed_against_ours"),
        ("networks/mixers/linear", "cxv.networks.registry"),
    ],
)
def test_an_import_that_is_turned_round_breaks_a_contract(
    tmp_path: Path, module: str | None, imported: str
) -> None:
    shutil.copytree(ROOT / "cxv", tmp_path / "cxv", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    if module:
        path = tmp_path / f"cxv/{module}.py"
        path.write_text(f"{path.read_text()}\nimport {imported}\n")
    done = lint(tmp_path)
    assert (done.returncode, "BROKEN" in done.stdout) == ((1, True) if module else (0, False))


OF_A_PAPER = re.compile(r"[Tt]able ?[1-4]|[Ff]igure ?[1-3]|cnv|cltv|cpv")
"""Words of one paper, which its folder alone may say."""


def test_only_networks_and_the_reader_of_papers_know_one_by_its_tables_or_models() -> None:
    apart = {"paper", "networks"}
    files = [
        path
        for path in (ROOT / "cxv").rglob("*")
        if path.is_file()
        and path.suffix != ".pyc"
        and path.relative_to(ROOT / "cxv").parts[0] not in apart
    ]
    assert {path.suffix for path in files} >= {".py", ".j2"}
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if OF_A_PAPER.search(line)
    ]
    assert found == []


def test_the_top_of_the_package_holds_five_files() -> None:
    names = sorted(path.name for path in (ROOT / "cxv").glob("*.py"))
    assert names == ["__init__.py", "__main__.py", "errors.py", "timm.py", "wrong_values.py"]
