"""A folder with results and data, in which networks of a second were really trained."""

from pathlib import Path
from typing import Any

import pytest
import torch
from built import built_once
from shared_fixtures import digits_spec
from trained import Silent, first, outputs

from cxv.config.spec import Model, Run
from cxv.data.sources import fetch
from cxv.jobs.train import job
from cxv.training import run as training_run

HEADS = {"small": {"heads": 2, "head_dim": 4}, "four": {"heads": 4, "head_dim": 2}}
"""Of two networks whose weights have the same names and shapes; the first has the id of README."""
SMALL, FOUR = (f"digits/cltv_{name}/base/s0/adamw_demo" for name in HEADS)


def runs(like: Run) -> dict[str, Run]:
    """Return a run of each network, its dataset and phase those of another one."""
    return {name: _run(like, name, mixer) for name, mixer in HEADS.items()}


def _run(like: Run, name: str, mixer: dict[str, Any]) -> Run:
    settings = {"dim": 8, "depth": 1, "dropout": 0.1, "mixer": mixer}
    model = Model(name=f"cltv_{name}", zoo="cltv", set=settings)
    short = first(like, max_epochs=3, patience=None)
    return short.model_copy(update={"model": model, "dataset": digits_spec()})


def train_all(folder: Path, like: Run) -> None:
    """Fetch the scans of digits, and train both networks."""
    data = folder / "data/raw/digits"
    images, manifest = data / "images.pt", data / "manifest.json"
    fetch(digits_spec(), images=images, manifest=manifest, downloads=folder, mirror=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_run, "Live", Silent)
        for run in runs(like).values():
            out = outputs(folder / "results/runs" / run.id)
            out.metrics.parent.mkdir(parents=True)
            training_run.train(
                run,
                images=images,
                manifest=manifest,
                before=None,
                out=out,
                shown=training_run.Shown("tests", out.metrics),
                code=job(run).code,
                device=torch.device("cpu"),
                unfinished=training_run.Unfinished(folder / "unfinished", 300.0),
            )


def trained_project(factory: pytest.TempPathFactory, like: Run) -> Path:
    """Return the folder; nobody may change it."""
    return built_once(factory, "trained_project", lambda folder: train_all(folder, like))
