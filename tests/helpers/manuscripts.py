"""The manuscript of ``examples/manuscript``, with made-up records of its study and its macros."""

import shutil
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
import samples
from shared_fixtures import ROOT

from cxv.cli.manuscript import audited, write_macros
from cxv.config.grid import Params
from cxv.config.load import load
from cxv.manuscript.findings import Audit

EXAMPLE = ROOT / "examples/manuscript"
RESULTS, DATA = Path("results"), Path("data/raw")
BOTH = "switch/digits/convolutions/base/dualopt"
ALONE = "switch/digits/convolutions/base/adamw_alone"


def top1_of(recipe: str, model: str = "convolutions") -> list[float]:
    """Return the top-1 of each seed in percent, from its predictions and by no code of ours."""
    folders = (RESULTS / f"runs/digits/{model}/base/s{seed}/{recipe}" for seed in (0, 1))
    found = [np.load(folder / "predictions.npz") for folder in folders]
    return [100 * float((x["predicted"] == x["label"]).mean()) for x in found]


def mean(recipe: str = "adamw/sgd") -> float:
    """Return the mean top-1 in percent, of the convolutions."""
    return fmean(top1_of(recipe))


@dataclass(frozen=True)
class Paper:
    """A copy of the manuscript in the working folder, free to be broken."""

    params: Params

    def edit(self, name: str, old: str, new: str) -> int:
        """Replace a text that stands there once; return the number of its line."""
        path = Path(f"{name}.tex")
        text = path.read_text()
        assert text.count(old) == 1, text.count(old)
        path.write_text(text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def audit(self) -> Audit:
        return audited(self.params, Path("paper.tex"), None, results=RESULTS)

    def write_macros(self) -> None:
        write_macros(self.params, "switch", results=RESULTS, out=None)


def add(paper: Paper, typed: str) -> int:
    """Write a sentence into the file that is input; return its line."""
    after = "A first draft of ours"
    return paper.edit("results", after, f"We get {typed}.\n{after}")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that a paper is made of; nobody may change it."""
    folder = tmp_path_factory.mktemp("manuscript") / "paper"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("results", "data", ".*"))
    with chdir(folder):
        params = load(Path("params.yaml"))
        samples.make(params, "switch", RESULTS)
        Paper(params).write_macros()
    return folder


@pytest.fixture
def paper(written: Path, tmp_path: Path) -> Iterator[Paper]:
    """A copy of it, as the working folder."""
    folder = shutil.copytree(written, tmp_path / "paper")
    with chdir(folder):
        yield Paper(load(Path("params.yaml")))
