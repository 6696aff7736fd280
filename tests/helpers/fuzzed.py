"""What is given odd inputs: settings, photos, archives, a paper, a run's files, command lines."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import random_files
import random_runs
import random_settings
from hypothesis import strategies as st


@dataclass(frozen=True, slots=True)
class Target:
    """Inputs, and what tells how one of them ends; whatever it raises is a fault of ours."""

    inputs: st.SearchStrategy[Any]
    outcome: Callable[[Any, Path], str]
    share: float
    """Of the time."""


def targets(folder: Path) -> Mapping[str, Target]:
    """Return all of them; what they need is made in a folder."""
    archives = random_files.Archives(folder / "archives")
    run = random_runs.TrainedRun(folder / "run")
    random_settings.make_photos(folder)
    return {
        "settings": Target(random_settings.settings(), random_settings.outcome, 0.5),
        "photos": Target(random_files.photo(), random_files.read_or_refused, 0.1),
        "folders of photos": Target(random_files.photo_folder(), random_files.read_folder, 0.1),
        "archives": Target(archives.case(), archives.outcome, 0.1),
        "a paper's files": Target(random_files.paper_file(), random_files.read_paper, 0.1),
        "a run's files": Target(run.case(), run.outcome, 0.05),
        "command lines": Target(random_runs.command(), random_runs.typed_in, 0.05),
    }
