"""Snakemake plans nothing after an edit that means the same, and else what the edit is about."""

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from project import ADAMW_RUN, FOLLOWS, PROFILE, SGD_RUN, Project

Edit = Callable[[dict[str, Any]], object]
ADAMW, SGD, FOLLOWING = f"train {ADAMW_RUN}", f"train {SGD_RUN}", set(FOLLOWS)


def _optimizers(params: dict[str, Any]) -> None:
    adamw, sgd = (params["phases"][name]["optimizer"] for name in ("adamw_tiny", "sgd_tiny"))
    del adamw["eps"]
    sgd |= {"weight_decay": 0, "nesterov": False}


def _unused(params: dict[str, Any]) -> None:
    params["training"] |= {"validation_fraction": 0.3, "autocast_cuda": "float16"}
    params["phases"]["sgd_tiny"]["patience"] = 2  # of one epoch


def _network(params: dict[str, Any]) -> None:
    params["models"]["tiny"]["set"] |= {"expansion": 2, "dropout": 0.5}


def _spelling(params: dict[str, Any]) -> None:
    params["phases"] = dict(reversed(params["phases"].items()))
    params["studies"]["demo"]["runs"][0]["variants"] = ["base"]
    params["studies"]["demo"]["in_all"] = False


def _momentum(params: dict[str, Any]) -> None:
    params["phases"]["sgd_tiny"]["optimizer"]["momentum"] = 0.8


def _precision(params: dict[str, Any]) -> None:
    params["training"]["autocast_cpu"] = "bfloat16"


def _width(params: dict[str, Any]) -> None:
    params["models"]["tiny"]["set"]["dim"] = 16


def _title(params: dict[str, Any]) -> None:
    params["studies"]["demo"]["title"] = "Small"


@pytest.mark.slow
def test_snakemake_plans_what_an_edit_is_about_and_nothing_for_the_same_meaning(
    project: Project,
) -> None:
    path = project.folder / "params.yaml"
    made = path.read_text()
    edits: list[tuple[Edit, set[str]]] = [
        (_optimizers, set()),
        (_unused, set()),
        (_network, set()),
        (_spelling, set()),
        (_momentum, {SGD, *FOLLOWING}),
        (_precision, {ADAMW, SGD, *FOLLOWING}),
        (_width, {ADAMW, SGD, f"profile {PROFILE}", *FOLLOWING}),
        (_title, FOLLOWING),
    ]
    for edit, wanted in edits:
        params = yaml.safe_load(made)
        edit(params)
        path.write_text(yaml.safe_dump(params, sort_keys=False))
        assert project.planned("demo") == wanted, edit.__name__
