"""Every setting that params.yaml and README.md document, each as a row of docs/settings.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, get_args

import yaml
from registry_rows import TABLE1

from cxv.networks import Memory
from cxv.training import torch_classes

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = yaml.safe_load((ROOT / "params.yaml").read_text())
MODELS: dict[str, Any] = {name: SHIPPED["models"][f"{name}_small"] for name in TABLE1}
"""The rows of Table 1, small."""

ONE_LAYER = {name: {"depth": 1} for name in TABLE1} | {
    "resnet18": {"blocks": [1, 1]},
    "resnet34": {"blocks": [1, 1]},
    "cvt": {"depths": [1]},
}
"""Changes of what is compiled, which takes as long as there are layers."""

IMAGES, BATCH = 10, 6
"""An epoch has a batch of six images and one of four; of two, where some images are held out."""

MEMORY_ENDS_ABOVE = 3  # images
RATE = 0.001

SCHEDULES: Mapping[str, dict[str, Any]] = {
    "ChainedScheduler": {
        "schedulers": [
            {"name": "ConstantLR", "factor": 0.5, "total_iters": 2},
            {"name": "ExponentialLR", "gamma": 0.5},
        ]
    },
    "ConstantLR": {"factor": 0.5, "total_iters": 2},
    "CosineAnnealingLR": {"T_max": 4},
    "CosineAnnealingWarmRestarts": {"T_0": 2},
    "CyclicLR": {"base_lr": RATE, "max_lr": 3 * RATE, "step_size_up": 2},
    "ExponentialLR": {"gamma": 0.5},
    "LinearLR": {"start_factor": 0.5, "total_iters": 2},
    "MultiStepLR": {"milestones": [1, 3], "gamma": 0.5},
    "OneCycleLR": {"max_lr": RATE, "total_steps": 4},
    "PolynomialLR": {"total_iters": 4},
    "ReduceLROnPlateau": {"factor": 0.5, "patience": 0, "threshold": 99.0},
    "SequentialLR": {
        "schedulers": [
            {"name": "LinearLR", "start_factor": 0.5, "total_iters": 2},
            {"name": "CosineAnnealingLR", "T_max": 2},
        ],
        "milestones": [1],
    },
    "StepLR": {"step_size": 2, "gamma": 0.1},
}
"""Arguments of those that torch can make from numbers."""

AUGMENTATIONS: tuple[dict[str, Any], ...] = (
    {"name": "flip"},
    {"name": "crop", "padding": 1},
    {"name": "cutout", "side": 3},
    {"name": "resized_crop", "scale": [0.8, 1.0]},
    {"name": "erasing", "probability": 0.25, "scale": [0.02, 0.33]},
    {"name": "randaugment", "operations": 2, "magnitude": 9},
    {"name": "randaugment", "operations": 2, "magnitude": 9, "deviation": 0.5},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a row of the table sets, over the defaults.

    ``moves`` says whether the trained weights differ from those under the defaults, or are the
    same to the last bit; None where a model decides.
    """

    training: dict[str, Any] = field(default_factory=dict)
    phase: dict[str, Any] = field(default_factory=dict)
    moves: bool | None = None
    in_suite: bool = False  # tried on every model by every run of the tests

    @property
    def text(self) -> str:
        """As in params.yaml."""
        phase = {"schedule": self.phase["schedule"]} if "schedule" in self.phase else self.phase
        return ", ".join(f"{key}: {_plain(x)}" for key, x in (self.training | phase).items())

    @property
    def compiles(self) -> bool:
        """Tell what torch has to compile first, which takes a minute a model."""
        return self.training == {"compile": True}


def settings() -> Iterator[Setting]:
    """Yield the rows of the table."""
    yield Setting(moves=False)
    held_out = {"select_on": "validation", "validation_fraction": 0.1}
    yield Setting(training=held_out, moves=True, in_suite=True)
    yield Setting(training={"select_on": "validation", "validation_fraction": 0.4}, moves=True)
    yield from _of_precision_and_memory()
    yield Setting(training={"cpu_threads": 2})
    for micro_batch in (1, 4, 5, 100, "auto"):
        yield Setting(training={"micro_batch": micro_batch}, in_suite=micro_batch in {5, "auto"})
    for batch in (1, 3, 100):
        yield Setting(phase={"batch": batch}, moves=True, in_suite=batch < BATCH)
    yield Setting(phase={"patience": None}, moves=False)
    yield Setting(phase={"patience": 1, "tolerance": 0.5}, moves=False)
    yield Setting(phase={"max_epochs": 2})
    yield Setting(phase={"max_seconds": 1000.0}, moves=False)
    for name in torch_classes.OPTIMIZERS:
        yield Setting(phase={"optimizer": {"name": name, "lr": RATE}}, moves=name != "AdamW")
    for name in torch_classes.SCHEDULES:
        schedule = {"name": name, **SCHEDULES.get(name, {})}
        yield Setting(phase={"schedule": schedule, "max_epochs": 2, "optimizer": MOMENTUM})
    for smoothing in (0.1, 0.9):
        yield Setting(phase={"label_smoothing": smoothing}, moves=True)
    for mix in ({"mixup": 0.8}, {"cutmix": 1.0}, {"mixup": 0.8, "cutmix": 1.0}):
        yield Setting(phase={"mix": mix}, moves=True)
    for steps in (*([one] for one in AUGMENTATIONS), list(AUGMENTATIONS)):
        yield Setting(phase={"augment": steps}, moves=True)
    yield Setting(training={"compile": True}, moves=True)
    yield Setting(training={"compile": True, "memory": "lean"}, in_suite=True)


def _of_precision_and_memory() -> Iterator[Setting]:
    """Yield all pairs; ``fused`` and ``lean`` compute the same, and half precision does not."""
    for precision, memory in product(("float32", "bfloat16", "float16"), get_args(Memory)):
        moves = True if precision != "float32" else None if memory == "eager" else False
        quick = {("float32", "lean"), ("bfloat16", "eager"), ("float16", "lean")}
        yield Setting(
            training={"autocast_cpu": precision, "memory": memory},
            moves=moves,
            in_suite=(precision, memory) in quick,
        )


MOMENTUM = {"name": "SGD", "lr": RATE, "momentum": 0.9}


def _plain(value: object) -> str:
    return (
        yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False)
        .removesuffix("...\n")
        .strip()
    )
