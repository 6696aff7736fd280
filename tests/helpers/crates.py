"""The crate of a study that was made up, for tests that break it."""

import hashlib
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from manuscripts import RESULTS
from shared_fixtures import Fetched

from cxv.cli.export import exported
from cxv.config.load import load
from cxv.verification.numbers import make_again

SETTINGS, DATA = Path("params.yaml"), Path("data/raw")


def export(out: Path, *, weights: bool = False) -> str:
    """Export the study of the working folder."""
    return exported(SETTINGS, "switch", results=RESULTS, data=DATA, out=out, weights=weights)


@pytest.fixture(scope="session")
def reported(written: Path, digits: Fetched, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with records, dataset and report of one study; nobody may change it."""
    folder = shutil.copytree(written, tmp_path_factory.mktemp("export") / "project")
    (folder / DATA / "digits").mkdir(parents=True)
    for file in digits:
        shutil.copy(file, folder / DATA / "digits")
    with chdir(folder):
        study = RESULTS / "studies/switch"
        make_again(load(SETTINGS).only("switch"), study, results=RESULTS, data=Path("data/raw"))
    return folder


@pytest.fixture(scope="session")
def whole(reported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its crate; nobody may change it."""
    out = tmp_path_factory.mktemp("crate") / "switch"
    with chdir(reported):
        export(out)
    return out


@pytest.fixture
def crate(whole: Path, tmp_path: Path) -> Path:
    """A copy of the crate, free to be broken."""
    return shutil.copytree(whole, tmp_path / "crate")


def checked(crate: Path, python: str = sys.executable) -> tuple[int, str]:
    """Let a Python without any package check a crate; return its exit code and words."""
    done = subprocess.run(
        [python, "-I", "-S", "verify.py"], cwd=crate, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def sum_again(crate: Path) -> None:
    """Write SHA256SUMS and the metadata again, as a forger does."""
    sums = {}
    for line in (crate / "SHA256SUMS").read_text().splitlines():
        old, name = line.split("  ", 1)
        new = hashlib.sha256((crate / name).read_bytes()).hexdigest()
        metadata = crate / "ro-crate-metadata.json"
        if new != old and name != metadata.name:
            metadata.write_text(metadata.read_text().replace(old, new))
        sums[name] = new
    sums["ro-crate-metadata.json"] = hashlib.sha256(
        (crate / "ro-crate-metadata.json").read_bytes()
    ).hexdigest()
    lines = [f"{found}  {name}\n" for name, found in sorted(sums.items())]
    (crate / "SHA256SUMS").write_text("".join(lines))
