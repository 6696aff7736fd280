"""What makes a run, a measurement or a table another one: every setting that counts, and no other.

A setting left out of an identity shows numbers of old settings; one too many trains for nothing.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import samples
from papers import PAPER
from pydantic import ValidationError

from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.jobs import model_summary
from cxv.records.run import RunRecord
from cxv.records.seal import RecordError

OTHER = """
  other:
    title: Another question
    in_all: false
    runs: [{datasets: [cifar100], models: [cnv], variants: [gelu], recipes: [adamw], seeds: [7]}]
"""
FULL = f"""mirror: archives
gpus: {{share: none}}
checkpoint_seconds: 300
{samples.GRID.strip()}{OTHER}"""

NONE: set[str] = set()
TABLE = {"table"}
RUNS = {"runs", "table"}
COSTS = {"profiles", "table"}
BOTH = {"runs", "profiles", "table"}
EDITS = [
    ("mirror: archives", "mirror: elsewhere", NONE),
    ("share: none", "share: auto", NONE),
    ("checkpoint_seconds: 300", "checkpoint_seconds: 20", NONE),
    ("study: small", "study: other", NONE),
    ("title: Another question", "title: A third", NONE),
    ("recipes: [adamw], seeds: [7]", "recipes: [adamw, dualopt], seeds: [8]", NONE),
    ("cifar100: {source: cifar100}", "cifar100: {source: cifar100, per_class: {train: 9}}", NONE),
    ("title: A study", "title: The study", TABLE),
    ("seeds: [0, 1]", "seeds: [0, 2]", RUNS),
    ("seeds: [0, 1, 2]", "seeds: [0, 1, 3]", RUNS),
    ("select_on: validation", "select_on: test", RUNS),
    ("validation_fraction: 0.1", "validation_fraction: 0.2", RUNS),
    ("autocast_cuda: float16", "autocast_cuda: bfloat16", NONE),  # see test_precision_of_records
    ("autocast_cpu: float32", "autocast_cpu: bfloat16", NONE),
    ("cpu_threads: 1", "cpu_threads: 2", RUNS),
    ("memory: fused", "memory: lean", RUNS),
    ("memory: fused", "memory: fused\n  compile: true", RUNS),
    ("memory: fused", "memory: fused\n  micro_batch: 16", RUNS),
    ("lr: 0.001, betas", "lr: 0.002, betas", RUNS),
    ("eps: 1.0e-8", "eps: 1.0e-7", RUNS),
    ("momentum: 0.9", "momentum: 0.8", RUNS),
    ("name: SGD", "name: RMSprop", RUNS),
    ("batch: 64\n", "batch: 32\n", RUNS),
    ("patience: 3\n", "patience: null\n", RUNS),
    ("patience: 3\n", "patience: 3\n    tolerance: 0.01\n", RUNS),
    ("patience: 3\n", "patience: 3\n    max_seconds: 60\n", RUNS),
    ("patience: 3\n", "patience: 3\n    schedule: {name: ConstantLR}\n", RUNS),
    ("patience: 3\n", "patience: 3\n    label_smoothing: 0.1\n", RUNS),
    ("patience: 3\n", "patience: 3\n    mix: {mixup: 0.8}\n", RUNS),
    ("max_epochs: 5", "max_epochs: 6", RUNS),
    ("magnitude: 1", "magnitude: 2", RUNS | {"examples"}),
    ("operations: 1", "operations: 2", RUNS | {"examples"}),
    ("magnitude: 1", "magnitude: 1, deviation: 0.5", RUNS | {"examples"}),
    ("dualopt: [adamw, sgd]", "dualopt: [sgd, adamw]", RUNS),
    ("profile_batch: 8", "profile_batch: 9", COSTS),
    ("set: {dim: 32}", "set: {dim: 64}", BOTH),
    ("zoo: cpv", "zoo: cltv", BOTH),
    ("resnet18: {}", "resnet18: {set: {width: 32}}", BOTH),
    ("cnv: {}", "cnv: {set: {dim: 64}}", BOTH | {"model_summaries"}),
    ("edits: [gelu_after_conv]", "edits: [batch_norm]", BOTH),
    ("edits: [gelu_after_conv]", "set: {depth: 3}", BOTH),
    ("digits: {source: digits}", "digits: {source: digits, per_class: {train: 9}}", BOTH),
    ("cifar10: {source: cifar10}", "cifar10: {source: cifar10, per_class: {train: 9}}",
     BOTH | {"examples", "model_summaries"}),  # drawn is what is trained on the paper's data
]  # fmt: skip


def identities(params: Params) -> dict[str, set[str]]:
    """Return the identities of all that the small study makes, by kind."""
    drawn = model_summary.jobs(params, "small", PAPER.description)
    specs = {
        "runs": params.runs("small"),
        "profiles": params.profiles("small"),
        "model_summaries": {name: job.settings for name, job in drawn.items()},
        "examples": params.examples("small"),
        "table": {"table": params.only("small")},
    }
    return {
        kind: {one.on_any_device.canonical() for one in found.values()}
        for kind, found in specs.items()
    }


@pytest.fixture
def base(tmp_path: Path) -> dict[str, set[str]]:
    return identities(samples.grid(tmp_path, FULL))


@pytest.mark.parametrize(("old", "new", "moved"), EDITS)
def test_a_setting_moves_the_identities_that_it_is_about_and_no_other(
    base: dict[str, set[str]], tmp_path: Path, old: str, new: str, moved: set[str]
) -> None:
    assert old in FULL
    after = identities(samples.grid(tmp_path, FULL.replace(old, new, 1)))
    assert {kind for kind in base if base[kind] != after[kind]} == moved


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where every value of a specification is; an empty list or mapping is one."""
    if not isinstance(value, dict | list) or not value:
        yield path
        return
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(child, (*path, key))


VALUES: tuple[Any, ...] = (
    *(7, 0.25, True, None, "elsewhere", "cifar100", "test", "bfloat16", "lean"),
    *(
        {"train": 9},
        {"dim": 64},
        {"name": "ConstantLR"},
        {"mixup": 0.8},
        ["batch_norm"],
        [{"name": "flip"}],
    ),
)
"""One of them is allowed in the place of almost any value."""


def changed(fields: dict[str, Any], path: tuple[str | int, ...]) -> Run | None:
    """Return the specification with one value changed; None if no other value is allowed."""
    for value in VALUES:
        copy = json.loads(json.dumps(fields))
        inner = copy
        for key in path[:-1]:
            inner = inner[key]
        if inner[path[-1]] != value:
            inner[path[-1]] = value
            with suppress(ValidationError):
                return Run.model_validate_json(json.dumps(copy))
    return None


def test_every_value_of_a_run_is_part_of_its_identity_and_a_record_of_another_is_refused(
    tmp_path: Path,
) -> None:
    params = samples.grid(tmp_path, FULL)
    run = params.runs("small")["cifar10/cnv/base/s2/adamw_ra/adamw/sgd"]
    record = samples.save_run(tmp_path / "runs", run)
    path = tmp_path / "runs" / run.id / "metrics.json"
    assert RunRecord.load(path, run) == record
    fields = json.loads(run.canonical())
    others = {".".join(map(str, where)): changed(fields, where) for where in leaves(fields)}
    fixed = {"dataset.path", "dataset.image_size", "phases.0.augment.0.name"}
    assert {key for key, other in others.items() if other is None} == fixed  # go with others
    apart = {"training.autocast_cuda", "training.autocast_cpu"}  # see test_precision_of_records
    for key, other in others.items():
        assert other is None or other.digest != run.digest, key
        if other is not None and key not in apart:
            with pytest.raises(RecordError) as caught:
                RunRecord.load(path, other)
            assert f" {key}" in str(caught.value)
