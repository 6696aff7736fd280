"""The settings that README.md shows: sound as they stand there, and trained as it says."""

import math
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch
import yaml
from settings_table import dataset
from shared_fixtures import ROOT

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.config.spec import Run
from cxv.jobs import check
from cxv.networks.dropout import Dropout
from cxv.networks.mixers.performer import PerformerAttention
from cxv.training.setup import network, prepare_training
from cxv.training.trainer import Learner

README = (ROOT / "README.md").read_text()
SHIPPED: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
SHIPPED["paper"] = str(ROOT / SHIPPED["paper"])


def examples() -> list[dict[str, Any]]:
    """Return the indented blocks of README.md that name sections of params.yaml."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", README, re.M)
    sections = "|".join(SHIPPED)
    found = [yaml.safe_load(dedent(x)) for x in blocks if re.match(rf"\s*(?:{sections}):\n", x)]
    assert all(isinstance(x, dict) for x in found)
    return found


EXAMPLES = examples()
Example = Callable[[str], Params]


@pytest.fixture(scope="module")
def with_example(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Params]:
    """Return the shipped settings and those of the example that has an entry of a name."""
    return cache(partial(settings_with, tmp_path_factory.mktemp("readme")))


def settings_with(folder: Path, name: str) -> Params:
    [example] = [x for x in EXAMPLES if any(name in entries for entries in x.values())]
    path = folder / "params.yaml"
    merged = {section: SHIPPED[section] | entries for section, entries in example.items()}
    path.write_text(yaml.safe_dump(SHIPPED | merged, sort_keys=False))
    return load(path, also=check.faults)


def learner(run: Run) -> Learner:
    data, manifest = dataset()
    setup, _ = prepare_training(run, data, manifest, torch.device("cpu"))
    return Learner(network(run, manifest, None), setup)


def test_every_example_of_the_readme_is_found() -> None:
    assert [list(example) for example in EXAMPLES] == [
        ["variants", "studies"],
        ["variants", "studies"],
        ["phases"],
        ["datasets"],
    ]


@pytest.mark.parametrize("name", ["eight_heads", "sweeps", "nadam_flipped", "flowers"])
def test_an_example_is_sound_as_it_stands_in_the_readme(with_example: Example, name: str) -> None:
    with_example(name)


def test_the_ablation_of_the_readme_is_cpv_with_eight_narrow_heads_and_no_dropout(
    with_example: Example,
) -> None:
    runs = with_example("eight_heads").runs("heads")
    base, narrow = (
        [run for run in runs.values() if run.variant.name == name]
        for name in ("base", "eight_heads")
    )
    assert len(base) == len(narrow) == 3 * 2  # seeds, links
    assert {run.id for run in base} <= set(with_example("eight_heads").runs("table1"))
    trained = learner(narrow[0])
    mixers = [x for x in trained.model.modules() if isinstance(x, PerformerAttention)]
    assert [(x.split.heads, x.projection.shape[-1]) for x in mixers] == 5 * [(8, 16)]
    rates = [x.p for x in trained.model.modules() if isinstance(x, Dropout)]
    assert rates == 5 * [0.5, 0.0, 0.0]  # behind attention, twice in the perceptron
    assert math.isfinite(trained.epoch().loss)


def test_the_sweeps_of_the_readme_are_its_heads_and_its_four_sizes(with_example: Example) -> None:
    runs = with_example("sweeps").final_runs("sweeps").values()
    found = {run.variant.name: run.variant.set for run in runs}
    assert found == {"base": {}} | {
        f"heads_{heads}": {"mixer": {"heads": heads}} for heads in (2, 8)
    } | {
        f"size_dim_{dim}_depth_{depth}": {"dim": dim, "depth": depth}
        for dim in (64, 256) for depth in (2, 6)
    }  # fmt: skip
    assert len(runs) == 3 * 7  # seeds, networks


def test_the_phase_of_the_readme_trains_at_the_rates_of_its_schedule(with_example: Example) -> None:
    params = with_example("nadam_flipped")
    [run, *_] = params.runs("demo").values()
    phase = params.phases["nadam_flipped"]
    trained = learner(run.model_copy(update={"phases": (phase,)}))
    assert type(trained._optimizer) is torch.optim.NAdam
    assert [step.name for step in phase.augment] == ["flip", "crop", "randaugment", "cutout"]
    rates = [trained.epoch().lr for _ in range(3)]
    cosine = [0.002 * (1 + math.cos(math.pi * epoch / 100)) / 2 for epoch in range(3)]
    assert rates == pytest.approx(cosine)
    assert (phase.patience, phase.max_epochs, phase.max_seconds) == (None, 100, None)
