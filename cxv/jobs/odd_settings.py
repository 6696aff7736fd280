"""Settings that can be trained and are surely not meant: ``cxv check`` warns of them."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from cxv.config.augmentation import (
    Augmentation,
    Crop,
    Cutout,
    Erasing,
    RandAugment,
    ResizedCrop,
)
from cxv.config.faults import Fault, Key
from cxv.config.grid import Params
from cxv.config.phases import Optimizer, Phase, Schedule
from cxv.config.spec import Dataset
from cxv.data.archives import DataError
from cxv.data.folder import listed
from cxv.jobs.check_networks import distinct_runs, side_of
from cxv.jobs.expected_images import all_counts, epoch_images

SMALL_RATE, LARGE_RATE = 1e-12, 10.0
"""Of learning: below, a step is lost in the rounding of float32; no default of torch is above 1."""

OPERATIONS = 14
"""That RandAugment draws from."""

MAGNITUDES = 30


def odd_settings(params: Params) -> Iterator[Fault]:
    """Yield the key of a setting, and what it does."""
    yield from _of_training(params)
    for name, phase in params.phases.items():
        for where, said in _of_phase(phase):
            yield ("phases", name, *where), said
    seen, counts = set(), all_counts(params)
    yield from _of_photos(params.datasets[name] for name in counts if counts[name] is None)
    for run in distinct_runs(params):
        name, side = run.dataset.name, side_of(run.dataset)
        images = epoch_images(params.datasets[name], counts[name], params.training)
        for where, said in _on_images(run.phase, run.dataset.name, images, side):
            key: Key = ("phases", run.phase.name, *where)
            if (key, said) not in seen:
                seen.add((key, said))
                yield key, said


def _of_photos(uncounted: Iterable[Dataset]) -> Iterator[Fault]:
    """Yield the folders of own photos that no fetch can use: what was fetched before is used on."""
    for dataset in uncounted:
        try:
            listed(dataset)
        except DataError as error:
            yield ("datasets", dataset.name, "path"), str(error)


def _of_training(params: Params) -> Iterator[Fault]:
    threads, there = params.training.cpu_threads, os.cpu_count()
    if there and threads > there:
        said = f"{threads} threads take turns on the {there} of this machine: that is slower"
        yield ("training", "cpu_threads"), said
    held_out = params.training.validation_fraction
    if held_out and held_out > 0.5:  # noqa: PLR2004 - half of the images
        said = f"{held_out} of the images are held out: fewer train than validate"
        yield ("training", "validation_fraction"), said


def _of_phase(phase: Phase) -> Iterator[Fault]:
    for key, said in _of_optimizer(phase.optimizer):
        yield ("optimizer", key), said
    if phase.schedule:
        for key, said in _of_schedule(phase.schedule, phase):
            yield ("schedule", key), said
    if phase.tolerance >= 1:
        yield ("tolerance",), f"no gain of top-1 is above {phase.tolerance}: none counts"
    for number, step in enumerate(phase.augment):
        for where, said in _of_randaugment(step):
            yield ("augment", number, where), said


def _of_randaugment(step: Augmentation) -> Iterator[tuple[str, str]]:
    if isinstance(step, RandAugment):
        if step.operations > OPERATIONS:
            yield "operations", f"{step.operations} of {OPERATIONS}: little is left of an image"
        if step.deviation > MAGNITUDES:
            yield "deviation", f"{step.deviation}, and the highest magnitude is {MAGNITUDES}"


def _of_optimizer(settings: Optimizer) -> Iterator[tuple[str, str]]:
    given: dict[str, Any] = settings.model_extra or {}
    if settings.lr > LARGE_RATE:
        yield "lr", f"a learning rate of {settings.lr} is above {LARGE_RATE}: losses hardly fall"
    if settings.lr < SMALL_RATE:
        yield "lr", f"a learning rate of {settings.lr} is below {SMALL_RATE}: no weight changes"
    if given.get("maximize"):
        yield "maximize", "the loss is raised, not lowered"
    if given.get("momentum", 0) >= 1:
        yield "momentum", f"{given['momentum']}: from 1 on, steps grow without end"
    decay = given.get("weight_decay", 0)
    if settings.name == "AdamW" and settings.lr * decay >= 1:
        yield "weight_decay", f"{decay} times lr is 1 or more: a step leaves nothing of a weight"


def _of_schedule(settings: Schedule, phase: Phase) -> Iterator[tuple[str, str]]:
    given: dict[str, Any] = settings.model_extra or {}
    epochs = phase.max_epochs
    if settings.name == "CosineAnnealingLR" and given["T_max"] < epochs:
        yield (
            "T_max",
            f"{given['T_max']} is below max_epochs, {epochs}: the rate rises again (once down"
            f" and up: CosineAnnealingWarmRestarts; once down: T_max: {epochs})",
        )
    if given.get("eta_min", 0) > phase.optimizer.lr:
        yield "eta_min", f"{given['eta_min']} is above optimizer.lr, {phase.optimizer.lr}"
    late = [epoch for epoch in given.get("milestones", []) if epoch >= epochs]
    if late:
        yield "milestones", f"{late[0]} is not below max_epochs, {epochs}: nothing begins there"


def _on_images(
    phase: Phase, dataset: str, images: int | None, side: int | None
) -> Iterator[tuple[Key, str]]:
    if images and phase.batch > images:
        said = f"{phase.batch} images, and an epoch of {dataset} has {images}: it is one step"
        yield ("batch",), said
    for number, step in enumerate(phase.augment):
        for where, said in _on_side(step, side) if side else ():
            yield ("augment", number, where), f"{said} (an image of {dataset} has {side})"


def _on_side(step: Augmentation, side: int) -> Iterator[tuple[str, str]]:
    match step:
        case Cutout() if step.side > side:
            yield "side", f"a square of {step.side} pixels can hide a whole image"
        case Crop() if step.padding >= side:
            yield "padding", f"a crop moved by {step.padding} pixels can miss the whole image"
        case ResizedCrop() | Erasing() if step.scale[1] * side**2 < 1:
            yield "scale", f"{step.scale[1]} of an image is not one pixel: nothing is done"
        case _:
            return
