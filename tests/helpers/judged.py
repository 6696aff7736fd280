"""A small grid of runs with known top-1, and claims about them."""

import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import samples
from look_up import every_record
from papers import PAPER
from profiled import save_profile

from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.config.vocabulary import NO_MEANS
from cxv.paper.claim_family import ClaimResult
from cxv.paper.claim_spec import Claim
from cxv.paper.claims_from_runs import judge_claim
from cxv.paper.judging_context import JudgingContext
from cxv.report.sections.differences import Axis, Difference, differences
from cxv.results.records import Records
from cxv.results.table import Table

STUDY = """
studies:
  small:
    title: Three networks
    runs:
      - {datasets: [cifar10], models: [cnv, cpv, resnet18], recipes: [adamw, dualopt]}
      - {datasets: [cifar10], models: [cnv], variants: [gelu], recipes: [dualopt]}
"""
Top1 = Callable[[Run], float | None]


def grid(root: Path, seeds: str = "[0, 1, 2]") -> Params:
    """Return settings of three seeds of three networks, each with AdamW and with DualOpT."""
    text = samples.GRID.partition("studies:")[0] + STUDY.lstrip()
    text = text.replace("seeds: [0, 1]", f"seeds: {seeds}").replace(
        "models: {", "models: {cpv: {}, "
    )
    return samples.grid(root, text)


def by_model(**percent: float) -> Top1:
    """Return the same top-1 for every run of a model."""
    return lambda run: percent.get(run.model.name, 80.0) / 100


ALIKE = by_model()


def make(
    params: Params,
    root: Path,
    top1: Top1 = ALIKE,
    *,
    missing: Collection[str] = (),
    diverged: Collection[str] = (),
) -> Records:
    """Write all records but the missing ones; return what is found."""
    for run in params.runs("small").values():
        if run.id not in missing:
            samples.save_run(root / "runs", run, diverged=run.id in diverged, top1=top1(run))
    for profile in params.profiles("small").values():
        if profile.id not in missing:
            save_profile(root / "profiles", profile)
    return found(params, root)


def found(params: Params, root: Path) -> Records:
    return every_record(params, root / "runs", root / "profiles", paper=PAPER.description)


def side(*models: str, **more: Any) -> dict[str, Any]:
    usual = {"datasets": ["cifar10"], "variants": ["base"], "recipes": ["dualopt"]}
    return usual | {"models": list(models), **more}


def claim(*tests: Mapping[str, Any]) -> Claim:
    entry = {
        "section": "1",
        "place": "1, sentence 1",
        "quote": "one is better",
        "claim": "One is better than the other.",
        "parts": [{"check": "unprinted", "why": "it is not"}],
        "tests": [dict(test) for test in tests],
    }
    return Claim.model_validate_json(json.dumps(entry))


def judge(records: Records, *tests: Mapping[str, Any]) -> ClaimResult:
    return judge_claim(claim(*tests), JudgingContext(records, PAPER.printed, PAPER.tolerances))


def better(*left: str, than: str = "resnet18", **more: Any) -> dict[str, Any]:
    """Return a test of the claim that models have a higher top-1, unless another bound is given."""
    bound = {} if more.keys() & {"above", "below", "within"} else {"above": 0}
    sides = {"left": side(*left), "right": side(than)}
    return {"rule": "top1", "why": "it says so", **sides, **bound, **more}


def differing(table: Table, axis: Axis) -> tuple[Difference, ...]:
    """Return what each recipe or variant adds, by the records of the table."""
    return differences(table, Records(NO_MEANS, table.runs, table.profiles), axis)
