"""Faults of ``params.yaml`` that only models and torch can tell: numbers that they do not take.

Importing them loads torch, so Snakemake does this once a command and not once a job.
"""

from collections.abc import Iterator
from pathlib import Path

from cxv.config.grid import Params
from cxv.config.sources import IMAGES
from cxv.config.spec import Dataset, Model, Variant, described
from cxv.config.yaml_file import Fault, Key
from cxv.paper.config_search import described_by, has_own_network
from cxv.paper.description import Description
from cxv.paper.load_claims import Paper, load_paper
from cxv.paper.paper_spec import SearchFile
from cxv.paper.strict_file import load_file, refuse
from cxv.training import phase_faults
from cxv.training.batch_limits import ONE_VALUE, least_images, takes_one_image

BASE = Variant(name="base")

USUAL = {images.side for images in IMAGES.values()}
"""Pixels of a side. Every model of the registry, and every edit, takes images of each of them."""

LARGE = 32
"""Pixels at which no batch norm of the registry's models is left with a single one."""


def faults(params: Params) -> Iterator[Fault]:
    """Yield the key and the fault of phases, of models, and of the variants that studies ask for.

    A fault of a model alone is not repeated for its variants.
    """
    for phase in params.phases.values():
        for where, said in phase_faults.faults(phase):
            yield ("phases", phase.name, *where.split(".")), said
    for name in _single_photos(params):
        said = "one image of a class: none can be held out for training.select_on: validation"
        yield ("datasets", name, "per_class", "train"), said
    found = list(_networks(params))
    yield from found or _single_images(params)


def _networks(params: Params) -> Iterator[Fault]:
    sound = set()
    for model in params.models.values():
        wrong = list(_impossible(("models", model.name, "set"), model, BASE))
        yield from wrong
        if not wrong:
            sound.add(model.name)
    networks = (one for study in params.studies for one in params.profiles(study).values())
    distinct = {(one.model.name, one.variant.name, side_of(one.dataset)): one for one in networks}
    for (name, variant, side), one in distinct.items():
        if name in sound:
            key = ("variants", variant) if one.variant.is_edited else ("models", name, "set")
            yield from _impossible(key, one.model, one.variant, side)


def _impossible(
    key: Key, model: Model, variant: Variant, side: int | None = None
) -> Iterator[Fault]:
    """Yield why a network cannot be described, or not be built for images of ``side`` pixels."""
    on_images = ""
    try:
        description = described(model, variant)
        if side and not _is_known(model, variant, side):
            on_images = f" on images of {side} pixels"
            description.build(classes=2, image_size=side)
    except ValueError as error:
        yield key, f"with model {model.name}{on_images}: {error}"


def _single_photos(params: Params) -> Iterator[str]:
    """Yield the datasets of one image a class, where some are to be held out."""
    for name, dataset in params.datasets.items():
        single = dataset.per_class is not None and dataset.per_class.train == 1
        if single and params.training.select_on == "validation":
            yield name


def _single_images(params: Params) -> Iterator[Fault]:
    """Yield the networks that cannot take one image, where a phase comes down to it."""
    micro_batch = params.training.micro_batch
    runs = (run for study in params.studies for run in params.runs(study).values())
    single = (run for run in runs if least_images(None, run.phase.batch, micro_batch) == 1)
    distinct = {
        (run.model.name, run.variant.name, side): run
        for run in single
        if (side := side_of(run.dataset))
    }
    for (name, variant, side), run in distinct.items():
        if side >= LARGE and _is_known(run.model, run.variant, side):
            continue
        network = described(run.model, run.variant).build(classes=2, image_size=side)
        if not takes_one_image(network, side):
            batch = ("phases", run.phase.name, "batch")
            key = batch if run.phase.batch == 1 else ("training", "micro_batch")
            yield (
                key,
                f"comes down to one image of {side} pixels with {name}/{variant}: {ONE_VALUE}",
            )


def _is_known(model: Model, variant: Variant, side: int) -> bool:
    """Tell whether a network is one of the registry's, edited or not, on images of a usual size."""
    return not (model.set or variant.set) and side in USUAL


def side_of(dataset: Dataset) -> int | None:
    """Return the pixels of a side of a dataset's images, as far as settings say it."""
    known = IMAGES.get(dataset.source)
    return known.side if known else dataset.image_size


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
