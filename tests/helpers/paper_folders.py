"""Copies of a paper's folder, for tests that edit them."""

import shutil
from pathlib import Path

from shared_fixtures import ROOT

from cxv.records.sealed_folder import NAME


def copied(folder: Path, paper: Path = ROOT / "data/paper") -> Path:
    """Copy a paper's folder without its seal."""
    return shutil.copytree(paper, folder, ignore=shutil.ignore_patterns(NAME))
