"""Arguments of torch's optimizers and schedules with torch's defaults, without importing torch.

tests/config/test_torch_arguments.py holds them against the installed torch.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import JsonValue

Arguments = Mapping[str, Any]
"""By name: the default of an argument, or the type of one that has none.

An argument whose default is None takes whole numbers.
"""

_ADAM: Arguments = {
    "betas": [0.9, 0.999],
    "eps": 1e-8,
    "weight_decay": 0.0,
    "maximize": False,
}
_DECOUPLED: Arguments = {"decoupled_weight_decay": False}

OPTIMIZERS: Mapping[str, Arguments] = MappingProxyType(
    {
        "ASGD": {"lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0.0, "maximize": False},
        "Adadelta": {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.0, "maximize": False},
        "Adafactor": {
            "beta2_decay": -0.8,
            "eps": [None, 1e-3],
            "d": 1.0,
            "weight_decay": 0.0,
            "maximize": False,
        },
        "Adagrad": {
            "lr_decay": 0.0,
            "weight_decay": 0.0,
            "initial_accumulator_value": 0.0,
            "eps": 1e-10,
            "maximize": False,
        },
        "Adam": {**_ADAM, "amsgrad": False, **_DECOUPLED},
        "AdamW": {**_ADAM, "weight_decay": 0.01, "amsgrad": False},
        "Adamax": _ADAM,
        "NAdam": {**_ADAM, "momentum_decay": 4e-3, **_DECOUPLED},
        "RAdam": {**_ADAM, **_DECOUPLED},
        "RMSprop": {
            "alpha": 0.99,
            "eps": 1e-8,
            "weight_decay": 0.0,
            "momentum": 0.0,
            "centered": False,
            "maximize": False,
        },
        "Rprop": {"etas": [0.5, 1.2], "step_sizes": [1e-6, 50.0], "maximize": False},
        "SGD": {
            "momentum": 0.0,
            "dampening": 0.0,
            "weight_decay": 0.0,
            "nesterov": False,
            "maximize": False,
        },
    }
)
"""By class; each has a rate ``lr`` too, which every phase states."""

SCHEDULES: Mapping[str, Arguments] = MappingProxyType(
    {
        "ConstantLR": {"factor": 1 / 3, "total_iters": 5},
        "CosineAnnealingLR": {"T_max": int, "eta_min": 0.0},
        "CosineAnnealingWarmRestarts": {"T_0": int, "T_mult": 1, "eta_min": 0.0},
        "CyclicLR": {
            "base_lr": float,
            "max_lr": float,
            "step_size_up": 2000,
            "step_size_down": None,
            "mode": "triangular",
            "gamma": 1.0,
            "scale_mode": "cycle",
            "cycle_momentum": True,
            "base_momentum": 0.8,
            "max_momentum": 0.9,
        },
        "ExponentialLR": {"gamma": float},
        "LinearLR": {"start_factor": 1 / 3, "end_factor": 1.0, "total_iters": 5},
        "MultiStepLR": {"milestones": list, "gamma": 0.1},
        "OneCycleLR": {
            "max_lr": float,
            "total_steps": None,
            "epochs": None,
            "steps_per_epoch": None,
            "pct_start": 0.3,
            "anneal_strategy": "cos",
            "cycle_momentum": True,
            "base_momentum": 0.85,
            "max_momentum": 0.95,
            "div_factor": 25.0,
            "final_div_factor": 1e4,
            "three_phase": False,
        },
        "PolynomialLR": {"total_iters": 5, "power": 1.0},
        "ReduceLROnPlateau": {
            "mode": "max",  # torch's is min; a phase watches top-1, which is to rise
            "factor": 0.1,
            "patience": 10,
            "threshold": 1e-4,
            "threshold_mode": "rel",
            "cooldown": 0,
            "min_lr": 0.0,
            "eps": 1e-8,
        },
        "SequentialLR": {"milestones": list},
        "StepLR": {"step_size": int, "gamma": 0.1},
    }
)
"""By class."""

SWITCHED_BY = MappingProxyType(
    {
        "dampening": "momentum",
        "decoupled_weight_decay": "weight_decay",
        "base_momentum": "cycle_momentum",
        "max_momentum": "cycle_momentum",
    }
)
"""Arguments that torch reads only where another one is not 0 or false."""


def completed(known: Arguments, given: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the arguments of a class, each of its type, with the defaults of those not given.

    One that torch would not read has its default; one that is None by default is left out then.
    An argument that the class has not is returned as it is: ``cxv.jobs.check`` refuses it.
    """
    defaults = {name: x for name, x in known.items() if not isinstance(x, type)}
    typed = {name: of_type(known[name], x) if name in known else x for name, x in given.items()}
    values = {**defaults, **typed}
    full = {name: values[name] for name in (*known, *typed) if name in values}
    for name, switch in SWITCHED_BY.items():
        if name in defaults and switch in full and not full[switch]:
            full[name] = defaults[name]
    if full.get("mode") in {"triangular", "triangular2"}:
        full["gamma"] = defaults["gamma"]
    if full.get("last_epoch") == -1:
        del full["last_epoch"]
    return {name: value for name, value in full.items() if value is not None}


def fits(known: Arguments, given: Mapping[str, Any]) -> bool:
    """Tell whether these are all arguments of a class that takes no None, each of its type."""
    kinds = {name: x if isinstance(x, type) else type(x) for name, x in known.items()}
    return given.keys() == kinds.keys() and all(type(given[name]) is kinds[name] for name in kinds)


def of_type(known: Any, value: JsonValue) -> JsonValue:
    """Return a value as one of the type of a default (or of a type): 0 as 0.0, 4.0 as 4.

    What is of another type altogether is returned as it is.
    """
    kind = known if isinstance(known, type) else type(known)
    if isinstance(value, list) and kind is list:
        parts = (
            known if isinstance(known, list) and len(known) == len(value) else [int] * len(value)
        )
        return [of_type(part, one) for part, one in zip(parts, value, strict=True)]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if kind is float:
        return value + 0.0  # -0.0 too becomes 0.0
    if kind is bool and value in {0, 1}:
        return bool(value)
    return int(value) if kind in {int, type(None)} and value == value // 1 else value
