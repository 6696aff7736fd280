"""Faults of ``params.yaml`` that only models and torch can tell: numbers that they do not take.

Importing them loads torch, so Snakemake does this once a command and not once a job.
"""

from collections.abc import Iterator
from pathlib import Path

from cxv.config.augmentation import Cutout, ResizedCrop
from cxv.config.faults import Fault, Key
from cxv.config.grid import Params
from cxv.jobs.check_networks import AllCounts, distinct_runs, network_faults, side_of
from cxv.jobs.expected_images import all_counts
from cxv.paper.config_search import described_by, has_own_network
from cxv.paper.description import Description
from cxv.paper.load_claims import Paper, load_paper
from cxv.paper.paper_spec import SearchFile
from cxv.paper.strict_file import load_file, refuse
from cxv.training import phase_faults


def faults(params: Params) -> Iterator[Fault]:
    """Yield the key and the fault of phases, datasets, models, and networks of studies."""
    for phase in params.phases.values():
        for where, said in phase_faults.faults(phase):
            yield ("phases", phase.name, *where.split(".")), said
    counts = all_counts(params)
    for key in _single_photos(params, counts):
        yield key, "one image of a class: none can be held out for training.select_on: validation"
    yield from _too_many(params, counts)
    yield from _useless_augmentations(params)
    yield from network_faults(params, counts)


def _useless_augmentations(params: Params) -> Iterator[Fault]:
    """Yield the augmentations that leave nothing of any image, or cannot count its pixels."""
    for run in distinct_runs(params):
        side = side_of(run.dataset)
        for number, step in enumerate(run.phase.augment if side else ()):
            key: Key = ("phases", run.phase.name, "augment", number)
            if isinstance(step, Cutout) and side and step.side >= 2 * side:
                said = f"{step.side} pixels blacken all {side} of every image: at most {side}"
                yield (*key, "side"), said
            if isinstance(step, ResizedCrop) and side and side > LARGEST_STRETCHED:
                said = f"takes images of at most {LARGEST_STRETCHED} pixels, not {side}"
                yield key, said


LARGEST_STRETCHED = 1400
"""Pixels of a side that ``cxv.augment.resized_crop`` counts in 32 bits."""


def _too_many(params: Params, known: AllCounts) -> Iterator[Fault]:
    """Yield the datasets that ask for more images of a class than there are."""
    for name, dataset in params.datasets.items():
        counts, asked = known[name], dataset.per_class
        if counts is None or asked is None:
            continue
        for part, wanted, there in (
            ("train", asked.train, counts.train),
            ("test", asked.test, counts.test),
        ):
            if wanted is not None and wanted > min(there):
                said = f"{wanted} images of a class, but one has {min(there)}: that is the most"
                yield ("datasets", name, "per_class", part), said


def _single_photos(params: Params, known: AllCounts) -> Iterator[Key]:
    """Yield what gives one image of a class, where some are to be held out."""
    for name, dataset in params.datasets.items() if params.training.validation_fraction else ():
        counts = known[name]
        if dataset.per_class is not None and dataset.per_class.train == 1:
            yield "datasets", name, "per_class", "train"
        elif counts and min(counts.train) == 1:
            yield "datasets", name, "path"


def sound_paper(folder: Path) -> Paper:
    """Return a paper without faults, before a job starts and not when a report is due.

    Raises:
        PaperError: one line a fault: file, line, key, what is wrong.
    """
    paper, path = load_paper(folder), folder / "search.yaml"
    if paper.description.spaces:
        _, lines = load_file(path, SearchFile)
        refuse(path, lines, _impossible_searches(paper.description))
    return paper


def _impossible_searches(paper: Description) -> Iterator[Fault]:
    """Yield the values that a network cannot take, and spaces without the paper's own network."""
    for name, spec in paper.searches().items():
        key: Key = ("spaces", name)
        sound = True
        for setting, values in spec.space.settings.items():
            for value in values:
                try:
                    described_by(spec.model, {setting: value}, ())
                except ValueError as error:
                    sound = False
                    yield (*key, "settings", setting), str(error)
        if sound and not has_own_network(spec):
            yield key, "leaves out the network that means.yaml has"
