"""Numbers and names that are legal by their type, and that no study can mean."""

import math
from collections.abc import Iterator
from itertools import chain
from typing import Any

from cxv.config.augmentation import Crop, Cutout, RandAugment
from cxv.config.faults import Fault, Key
from cxv.config.grid import Params, Selection
from cxv.config.phases import Phase
from cxv.config.vocabulary import SECTIONS

LONGEST_NAME = 100
"""Letters: names are parts of paths, and a file system takes 255 bytes for a part."""

MOST_RUNS = 100_000
"""Last links of chains that a block of a study may ask for."""

MOST_IMAGES = 1_000_000
"""At once, and pixels of a side."""

MOST_EPOCHS = 1_000_000
"""Of a phase: its schedule is tried over all of them."""

MOST_THREADS = 1024
"""Of a CPU: more than any machine has."""

LARGEST_SETTING = 10_000_000
"""Of a whole number of a network."""

LEAST_SECONDS = 1.0
"""A training takes about as long to start."""


def limit_faults(params: Params) -> Iterator[Fault]:
    """Yield names that are too long for a path, numbers that are absurd, and blocks too large."""
    yield from _long_names(params)
    for key, value, most, unit in _numbers(params):
        if value is not None and value > most:
            yield key, f"{value} {unit}: at most {most:,}"
    for name, phase in params.phases.items():
        if phase.max_seconds is not None and phase.max_seconds < LEAST_SECONDS:
            said = f"{phase.max_seconds} seconds end before the first epoch: at least 1"
            yield ("phases", name, "max_seconds"), said
    yield from _large_networks(params)
    for name, study in params.studies.items():
        for number, block in enumerate(study.runs):
            if (runs := _runs(params, block)) > MOST_RUNS:
                said = f"asks for {runs:,} runs: at most {MOST_RUNS:,}; shorten its lists"
                yield ("studies", name, "runs", number), said


def _large_networks(params: Params) -> Iterator[Fault]:
    for section, entries in (("models", params.models), ("variants", params.variants)):
        for name, entry in entries.items():
            for key, value in _whole_numbers(("set",), entry.set):
                if abs(value) > LARGEST_SETTING:
                    yield (section, name, *key), f"{value}: at most {LARGEST_SETTING:,}"


def _long_names(params: Params) -> Iterator[Fault]:
    for section in (*SECTIONS, "studies"):
        for name in getattr(params, section):
            if len(name) > LONGEST_NAME:
                said = f"a name of {len(name)} letters, a part of paths: at most {LONGEST_NAME}"
                yield (section, name), said


def _numbers(params: Params) -> Iterator[tuple[Key, int | None, int, str]]:
    """Yield the key of a number, its value, the most that it can be, and its unit."""
    training, micro_batch = params.training, params.training.micro_batch
    yield ("training", "cpu_threads"), training.cpu_threads, MOST_THREADS, "threads"
    if micro_batch != "auto":
        yield ("training", "micro_batch"), micro_batch, MOST_IMAGES, "images"
    yield ("profile_batch",), params.profile_batch, MOST_IMAGES, "images"
    for name, dataset in params.datasets.items():
        yield ("datasets", name, "image_size"), dataset.image_size, MOST_IMAGES, "pixels"
    for phase in params.phases.values():
        yield from _numbers_of_phase(phase)


def _numbers_of_phase(phase: Phase) -> Iterator[tuple[Key, int | None, int, str]]:
    yield ("phases", phase.name, "batch"), phase.batch, MOST_IMAGES, "images"
    yield ("phases", phase.name, "max_epochs"), phase.max_epochs, MOST_EPOCHS, "epochs"
    for number, step in enumerate(phase.augment):
        key: Key = ("phases", phase.name, "augment", number)
        match step:
            case Cutout():
                yield (*key, "side"), step.side, MOST_IMAGES, "pixels"
            case Crop():
                yield (*key, "padding"), step.padding, MOST_IMAGES, "pixels"
            case RandAugment():
                yield (*key, "operations"), step.operations, MOST_OPERATIONS, "operations"


MOST_OPERATIONS = 100
"""Of RandAugment on one image."""


def _whole_numbers(key: Key, value: Any) -> Iterator[tuple[Key, int]]:
    """Yield the whole numbers among nested settings, each with its key."""
    if isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        yield from chain.from_iterable(_whole_numbers((*key, name), x) for name, x in entries)
    elif isinstance(value, int):
        yield key, value


def _runs(params: Params, block: Selection) -> int:
    lists = (block.datasets, block.models, block.variants, block.recipes)
    return math.prod(map(len, lists)) * len(block.seeds or params.seeds)
