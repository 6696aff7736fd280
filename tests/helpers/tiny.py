"""Trainings of milliseconds: a small network, a few images of noise, a course made by hand."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from trained import phase

from cxv.augment.plan import Augment
from cxv.config.phases import Optimizer, Phase, Schedule
from cxv.data.tensors import Split
from cxv.training.trainer import Learner, TrainingSetup

IMAGES, SIDE, CLASSES = 10, 4, 3
BATCH, STEPS = 4, 3  # 4 + 4 + 2 images
PAUSES = STEPS + 1  # of an epoch: after every step, and after the one batch of the evaluation
SEEDS = {"order": 2, "augment": 3, "dropout": 4}
LOUD = 48
"""Gradients on pixels of up to 255 / 48 overflow float16 under the loss scale that torch begins
with, 2**16, and not under 2**15."""
SGD = Phase(
    name="sgd",
    optimizer=Optimizer(name="SGD", lr=0.1, momentum=0.5),
    batch=BATCH,
    patience=None,
    max_epochs=3,
)


ADAMW = Phase(
    name="adamw",
    optimizer=Optimizer(name="AdamW", lr=0.01, betas=[0.9, 0.99]),
    batch=BATCH,
    patience=None,
    max_epochs=4,
    schedule=Schedule(name="ExponentialLR", gamma=0.5),
)


class Clock:
    """Seconds that pass when ``tick`` says so; stands for the trainer's module ``time``."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    monotonic = perf_counter

    def time(self) -> float:
        return 1e9 + self.now

    def tick(self) -> None:
        self.now += 1


def split(images: int = IMAGES, seed: int = 0) -> Split:
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(256, (images, 3, SIDE, SIDE), generator=generator, dtype=torch.uint8)
    return Split(pixels, torch.randint(CLASSES, (images,), generator=generator))


def net(dropout: float = 0.0, seed: int = 1) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(3 * SIDE**2, 16),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(16, CLASSES),
    )


def prepare(images: Tensor) -> Tensor:
    return images / 255


def setup(phase_changes: Mapping[str, Any] | None = None, **changes: Any) -> TrainingSetup:
    """Return a course of SGD on ten images in batches of four, some settings changed."""
    settings: dict[str, Any] = {
        "phase": phase(SGD, **(phase_changes or {})),
        "train": split(),
        "select": split(7, seed=5),
        "prepare": prepare,
        "dtype": torch.float32,
        "dropout_seed": SEEDS["dropout"],
        "order": torch.Generator().manual_seed(SEEDS["order"]),
        "augment": Augment((), torch.Generator().manual_seed(SEEDS["augment"])),
    }
    return TrainingSetup(**settings | changes)


def learner(
    phase_changes: Mapping[str, Any] | None = None,
    model: nn.Module | None = None,
    **changes: Any,
) -> Learner:
    return Learner(model or net(), setup(phase_changes, **changes))


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def same(left: Mapping[str, Tensor], right: Mapping[str, Tensor]) -> bool:
    """Tell whether all tensors are equal to the last bit."""
    return left.keys() == right.keys() and all(torch.equal(left[x], right[x]) for x in left)
