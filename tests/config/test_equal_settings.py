"""Settings that mean the same are equal, and have one digest; settings that do not, have two.

What they mean is asked of torch and of the registry of networks, which know nothing of digests.
Every draw is seeded: a failure repeats.
"""

import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from settings_rows import BATCH, SCHEDULES, SHIPPED, Setting, settings
from torch import nn

from cxv.config.phases import Optimizer, Phase, Schedule
from cxv.config.spec import Model, Run, Variant
from cxv.networks.own_settings import OWN
from cxv.networks.registry import ZOO, describe
from cxv.training.schedules import schedule as made
from cxv.training.torch_classes import OPTIMIZERS, UNFIT

DRAWS = 40
EPOCHS = 6
RATE = 0.1
ADAMW = {"name": "AdamW", "lr": 0.001}


def run(setting: Setting, **phase: Any) -> dict[str, Any]:
    """Return the specification of a run as JSON has it."""
    base = {"name": "one", "optimizer": ADAMW, "batch": BATCH, "patience": 3, "max_epochs": 9}
    return {
        "dataset": {"name": "digits", "source": "digits"},
        "model": {"name": "cpv", "zoo": "cpv"},
        "variant": {"name": "base"},
        "seed": 0,
        "phases": [base | setting.phase | phase],
        "training": SHIPPED["training"] | setting.training,
    }


def spelled_again(value: Any, draws: random.Random) -> Any:
    """Return the same value with keys in another order, and whole floats as whole numbers."""
    if isinstance(value, Mapping):
        items = list(value.items())
        draws.shuffle(items)
        return {key: spelled_again(child, draws) for key, child in items}
    if isinstance(value, list | tuple):
        return [spelled_again(child, draws) for child in value]
    if isinstance(value, float) and value.is_integer() and draws.random() < 0.5:
        return int(value)
    return value


def parsed(fields: Any) -> Run:
    return Run.model_validate_json(json.dumps(fields))


ROWS = [row for row in settings() if row.text != "compile: true, memory: lean"]  # is refused


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.text or "defaults")
def test_every_documented_setting_is_one_however_it_is_spelled(row: Setting) -> None:
    draws, one = random.Random(row.text), parsed(run(row))
    again = parsed(json.loads(one.canonical()))
    assert (again, again.canonical()) == (one, one.canonical())
    copy = one.model_copy(update={"seed": 1}).model_copy(update={"seed": 0})
    assert copy.canonical() == one.canonical()
    for _ in range(5):
        other = parsed(spelled_again(json.loads(one.canonical()), draws))
        assert (other, other.digest) == (one, one.digest)
        assert parsed(spelled_again(run(row), draws)).digest == one.digest


def test_documented_settings_are_one_only_where_they_mean_the_same() -> None:
    same: dict[str, set[str]] = {}
    for row in ROWS:
        same.setdefault(parsed(run(row)).digest, set()).add(row.text)
    default = {
        "", "micro_batch: 100", "autocast_cpu: float32, memory: fused",
        "optimizer: {name: AdamW, lr: 0.001}",
    }  # fmt: skip
    assert [group for group in same.values() if len(group) > 1] == [default]


def drawn(own: Mapping[str, Any], draws: random.Random) -> dict[str, Any]:
    """Return some settings of a network: its own values, spelled so or so, and others."""
    found: dict[str, Any] = {}
    for key in [key for key in own if draws.random() < 0.3]:
        value = own[key]
        if isinstance(value, dict):
            found[key] = drawn(value, draws)
        elif isinstance(value, list | str | bool):
            found[key] = value
        elif isinstance(value, float):
            found[key] = draws.choice([value, 0, 0.0, 0.25])
        else:
            found[key] = draws.choice([value, 2 * value])
    return found


def description(zoo: str, model: dict[str, Any], variant: dict[str, Any]) -> Any:
    try:
        return describe(zoo, settings=model, variant_settings=variant)
    except ValueError:  # too small, or not a multiple
        return None


@pytest.mark.parametrize("zoo", ZOO)
def test_two_networks_have_one_text_if_they_are_described_alike(zoo: str) -> None:
    draws, texts = random.Random(zoo), []
    for _ in range(DRAWS):
        model, variant = drawn(OWN[zoo], draws), drawn(OWN[zoo], draws)
        if (found := description(zoo, model, {})) is not None:
            texts.append((Model(name="m", zoo=zoo, set=model).canonical(), repr(found)))
        if found and (edited := description(zoo, model, variant)) is not None:
            of = Model(name="m", zoo=zoo, set=model)
            on = Variant(name="v", set=variant).on(of)
            assert description(zoo, of.set, on.set) == edited
            assert bool(on.set) == (edited != found)
    assert len(texts) > DRAWS / 2
    by_text, by_meaning = dict(texts), {meaning: text for text, meaning in texts}
    assert len(by_text) == len(by_meaning) == len(set(texts)) > 1


UNREAD = {"dampening": "momentum", "decoupled_weight_decay": "weight_decay"}


def arguments(name: str, draws: random.Random) -> dict[str, Any]:
    """Return some arguments of an optimizer: torch's defaults, spelled so or so, and others."""
    known = OPTIMIZERS[name](torch_weights(), lr=0.5).defaults  # type: ignore[call-arg]
    skipped = {"lr", "foreach", "fused", "capturable", "differentiable", "nesterov"}
    found = {"lr": draws.choice([1, 1.0, 0.5])}
    for key in sorted(known.keys() - skipped):
        value = known[key]
        if isinstance(value, bool):
            choices = [value, not value]
        elif isinstance(value, tuple | list):
            choices = [list(value)]
        else:
            choices = [value, float(value), 0.25, 1, 1.0]
        if draws.random() < 0.5:
            found[key] = draws.choice(choices)
    return found


def torch_weights() -> list[nn.Parameter]:
    return [nn.Parameter(torch.ones(2, 2))]


def as_floats(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [as_floats(one) for one in value]
    return float(value) if type(value) is int else value


@pytest.mark.parametrize("name", sorted(OPTIMIZERS.keys() - UNFIT.keys()))
def test_two_optimizers_have_one_text_if_torch_makes_one_of_both(name: str) -> None:
    draws, texts = random.Random(name), set()
    for _ in range(DRAWS):
        given = arguments(name, draws)
        if name == "AdamW":
            given.pop("decoupled_weight_decay", None)
        try:
            means = dict(OPTIMIZERS[name](torch_weights(), **given).defaults)  # type: ignore[call-arg]
        except ValueError:
            continue
        for argument, switch in UNREAD.items():
            if argument in means and not means[switch]:
                del means[argument]
        whole = {key: as_floats(x) for key, x in means.items()}
        text = Optimizer.model_validate_json(json.dumps({"name": name, **given})).canonical()
        texts.add((text, repr(sorted(whole.items(), key=str))))
    assert len(dict(texts)) == len({meaning for _, meaning in texts}) == len(texts) > 1


def schedules(draws: random.Random) -> Iterator[dict[str, Any]]:
    """Yield schedules with arguments near those at which they change nothing."""
    gamma, step = draws.choice([1, 1.0, 0.5]), draws.randint(1, EPOCHS + 1)
    yield {"name": "StepLR", "step_size": step, "gamma": gamma}
    yield {"name": "ExponentialLR", "gamma": gamma}
    yield {"name": "MultiStepLR", "milestones": sorted({step, EPOCHS}), "gamma": gamma}
    yield {"name": "MultiStepLR", "milestones": []}
    yield {"name": "ConstantLR", "factor": gamma, "total_iters": draws.randint(0, 3)}
    ends = {"start_factor": gamma, "end_factor": draws.choice([1, 0.5])}
    yield {"name": "LinearLR", "total_iters": draws.randint(1, 3), **ends}
    inner = {"name": "StepLR", "step_size": step}
    yield {"name": "SequentialLR", "schedulers": [inner], "milestones": []}
    yield {"name": "ChainedScheduler", "schedulers": [inner]}
    yield {"name": "ChainedScheduler", "schedulers": [inner, {"name": "ExponentialLR", "gamma": 1}]}
    name = draws.choice(sorted(SCHEDULES))
    yield {"name": name, **SCHEDULES[name]}


OF_FACTORS = ("StepLR", "ExponentialLR", "MultiStepLR", "ConstantLR", "LinearLR")
"""Schedules that are left out if they keep the rate; of longer chains that is not claimed."""


def rates(settings: Schedule | None) -> list[float]:
    """Return the rate of every epoch, as torch steps it."""
    steps = torch.optim.SGD(torch_weights(), lr=RATE, momentum=0.9)
    stepped, found = made(settings, steps), []
    for _ in range(EPOCHS):
        found.append(float(steps.param_groups[0]["lr"]))
        steps.step()
        if stepped:
            stepped.step(0.0)
    return found


@pytest.mark.parametrize("seed", range(DRAWS // 4))
def test_the_one_form_of_a_schedule_sets_the_same_rates(seed: int) -> None:
    phase = run(Setting())["phases"][0] | {"max_epochs": EPOCHS}
    for given in schedules(random.Random(seed)):
        if given["name"] == "OneCycleLR":  # ends after as many steps as it was made for
            given["total_steps"] = EPOCHS + 1
        as_given = Schedule.model_validate_json(json.dumps(given))
        kept = Phase.model_validate_json(json.dumps(phase | {"schedule": given})).schedule
        assert rates(kept) == rates(as_given), given
        is_claimed = given["name"] in OF_FACTORS or len(given.get("schedulers", ())) == 1
        assert (kept is None) == (is_claimed and set(rates(as_given)) == {RATE}), given
