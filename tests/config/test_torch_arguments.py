"""What is known of torch's classes without importing torch is what torch itself says."""

import inspect
from collections.abc import Mapping
from typing import Any

import pytest

from cxv.config import torch_arguments
from cxv.config.torch_arguments import SWITCHED_BY, completed
from cxv.training.phase_faults import SET_HERE
from cxv.training.torch_classes import OPTIMIZERS, SCHEDULES, UNFIT

NOT_LISTED = {*SET_HERE, "lr", "last_epoch", "scale_fn", "schedulers"}
"""Arguments that are set elsewhere, that no number gives, or that every class has."""
OURS = {("ReduceLROnPlateau", "mode"): "max"}


def signatures(classes: Mapping[str, type]) -> dict[str, dict[str, Any]]:
    """Return the default of every argument; of one without, that it has none."""
    return {
        name: {
            argument: parameter.default
            for argument, parameter in inspect.signature(kind).parameters.items()
            if argument not in NOT_LISTED
        }
        for name, kind in classes.items()
        if name not in UNFIT and name != "ChainedScheduler"
    }


@pytest.mark.parametrize(
    ("known", "classes"),
    [(torch_arguments.OPTIMIZERS, OPTIMIZERS), (torch_arguments.SCHEDULES, SCHEDULES)],
    ids=["optimizers", "schedules"],
)
def test_every_class_has_torchs_arguments_and_defaults(
    known: Mapping[str, Mapping[str, Any]], classes: Mapping[str, type]
) -> None:
    wanted = signatures(classes)
    assert known.keys() == wanted.keys()
    for name, defaults in wanted.items():
        assert known[name].keys() == defaults.keys(), name
        for argument, default in defaults.items():
            here = known[name][argument]
            if isinstance(here, type):
                assert default is inspect.Parameter.empty, (name, argument)
            else:
                wanted_here = OURS.get((name, argument), default)
                is_tuple = isinstance(wanted_here, tuple)
                assert here == (list(wanted_here) if is_tuple else wanted_here), (name, argument)


def test_a_number_that_torch_annotates_as_a_float_is_one() -> None:
    for known, classes in (
        (torch_arguments.OPTIMIZERS, OPTIMIZERS),
        (torch_arguments.SCHEDULES, SCHEDULES),
    ):
        for name, arguments in known.items():
            parameters = inspect.signature(classes[name]).parameters
            for argument, here in arguments.items():
                said = str(parameters[argument].annotation)
                kind = here if isinstance(here, type) else type(here)
                if kind in {int, float}:
                    assert kind.__name__ in said, (name, argument)


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ({}, {}),
        ({"weight_decay": 0}, {}),
        ({"weight_decay": -0.0}, {}),
        ({"weight_decay": 1}, {"weight_decay": 1.0}),
        ({"dampening": 0.5}, {}),
        ({"dampening": 0.5, "momentum": 1}, {"dampening": 0.5, "momentum": 1.0}),
        ({"nesterov": 1, "momentum": 0.5}, {"nesterov": True, "momentum": 0.5}),
        ({"momentum": "much"}, {"momentum": "much"}),
        ({"momentun": 1}, {"momentun": 1}),
    ],
)
def test_an_argument_is_of_its_type_and_lacks_none(
    given: dict[str, Any], means: dict[str, Any]
) -> None:
    whole = {
        "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False
    }  # fmt: skip
    assert repr(completed(torch_arguments.OPTIMIZERS["SGD"], given)) == repr(whole | means)


def test_every_switched_argument_is_one_of_a_class() -> None:
    classes = [*torch_arguments.OPTIMIZERS.values(), *torch_arguments.SCHEDULES.values()]
    for argument, switch in SWITCHED_BY.items():
        assert any({argument, switch} <= known.keys() for known in classes)
