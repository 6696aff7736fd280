"""The shipped paper, its names as the small grids of tests have them: made-up runs count."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import samples
import yaml
from paper_folders import copied
from shared_fixtures import ROOT

from cxv.config.load import MEANS, load_means
from cxv.config.vocabulary import SECTIONS, Means
from cxv.paper.load_claims import Paper, load_paper

PROTOCOL = ("select_on", "validation_fraction")
SHIPPED: Paper = load_paper(ROOT / "data/paper")


def means_like_the_grid(path: Path) -> Means:
    """Write the shipped ``means.yaml`` with the grid's phases and recipes in it; return it.

    Epochs are selected on the images on which the grid selects them.
    """
    shipped: dict[str, Any] = yaml.safe_load((ROOT / "data/paper" / MEANS).read_text())
    grid = yaml.safe_load(samples.GRID)
    # an ablation, a chain and phases are shorter there; other models and data are the test's own
    grid = {section: grid[section] for section in ("variants", "phases", "recipes")}
    means = {section: shipped[section] | grid.get(section, {}) for section in SECTIONS}
    training = {key: yaml.safe_load(samples.GRID)["training"][key] for key in PROTOCOL}
    path.write_text(yaml.safe_dump(means | {"training": training}))
    return load_means(path)


def folder_like_the_grid(folder: Path) -> Path:
    """Return a copy of the paper's folder whose names are the grid's, without its seal."""
    copied(folder)
    means_like_the_grid(folder / MEANS)
    return folder


def paper_like_the_grid() -> Paper:
    """Return the shipped paper with the grid's names."""
    with tempfile.TemporaryDirectory() as folder:
        means = means_like_the_grid(Path(folder, MEANS))
    return replace(SHIPPED, description=replace(SHIPPED.description, means=means))


PAPER = paper_like_the_grid()
