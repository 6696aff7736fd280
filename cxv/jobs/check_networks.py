"""Faults of networks: what cannot be built, or cannot take the images and the steps of a study."""

from collections.abc import Iterator, Mapping
from functools import cache

from cxv.config.faults import Fault, Key
from cxv.config.grid import Params
from cxv.config.sources import IMAGES
from cxv.config.spec import Dataset, Model, Profile, Run, Variant, described
from cxv.jobs.expected_images import Counts, epoch_images
from cxv.profiling.network_trial import MOST_BYTES, Trial, as_bytes, try_network
from cxv.training.batch_limits import ONE_VALUE, advice, least_images

AllCounts = Mapping[str, Counts | None]
"""Of images, by name of a dataset."""

BASE = Variant(name="base")

USUAL = {images.side for images in IMAGES.values()}
"""Pixels of a side. Every model of the registry, and every edit, takes images of each of them."""

LARGE = 32
"""Pixels at which no batch norm of the registry's models is left with a single one."""

CLASSES = 2
"""Of a dataset that only its files tell of."""


def network_faults(params: Params, counts: AllCounts) -> Iterator[Fault]:
    """Yield the key and the fault of models, and of the networks that studies ask for.

    A fault of a model alone is not repeated for its variants.

    Args:
        params: settings.
        counts: of the images of each dataset.
    """
    found = list(_impossible(params))
    yield from found or [*_too_large(params, counts), *_single_images(params, counts)]


def side_of(dataset: Dataset) -> int | None:
    """Return the pixels of a side of a dataset's images, as far as settings say it."""
    known = IMAGES.get(dataset.source)
    return known.side if known else dataset.image_size


def _impossible(params: Params) -> Iterator[Fault]:
    """Yield why networks cannot be described, or not be built for their images."""
    sound = set()
    for model in params.models.values():
        try:
            described(model, BASE)
            sound.add(model.name)
        except ValueError as error:
            yield ("models", model.name, "set"), f"with model {model.name}: {error}"
    networks = (one for study in params.studies for one in params.profiles(study).values())
    distinct = {(one.model.name, one.variant.name, side_of(one.dataset)): one for one in networks}
    for (name, variant, side), one in distinct.items():
        key: Key = ("variants", variant) if one.variant.is_edited else ("models", name, "set")
        for where, said in _misfits(one) if name in sound else ():
            on_images = f" on images of {side} pixels" if where == "images" else ""
            yield key, f"with model {name}{on_images}: {said}"


def _misfits(one: Profile) -> Iterator[tuple[str, ValueError]]:
    """Yield why a variant does not fit its model, or the network not the images."""
    try:
        described(one.model, one.variant)
    except ValueError as error:
        yield "model", error
        return
    if isinstance(tried := _tried(one), ValueError):
        yield "images", tried


def _too_large(params: Params, counts: AllCounts) -> Iterator[Fault]:
    """Yield the steps for which no device has the memory."""
    micro_batch = params.training.micro_batch
    at_once = 1 if micro_batch == "auto" else micro_batch
    for run in distinct_runs(params):
        tried, images = _tried(run), _images(run, params, counts)
        step = min(run.phase.batch, at_once or run.phase.batch, images or run.phase.batch)
        if isinstance(tried, Trial) and tried.image_bytes * step > MOST_BYTES:
            is_own = run.dataset.image_size is not None
            key: Key = ("phases", run.phase.name, "batch")
            one, all_of_step = as_bytes(tried.image_bytes), as_bytes(tried.image_bytes * step)
            yield (
                ("datasets", run.dataset.name, "image_size") if is_own else key,
                f"{side_of(run.dataset)} pixels: one map of {run.model.name}/{run.variant.name}"
                f" takes {one} an image, {all_of_step} for"
                f" the {step} of a step: at most {as_bytes(MOST_BYTES)}; set smaller images, a"
                f" smaller phases.{run.phase.name}.batch or a training.micro_batch",
            )


def _single_images(params: Params, counts: AllCounts) -> Iterator[Fault]:
    """Yield the phases that come down to one image, where their network cannot take it."""
    micro_batch = params.training.micro_batch
    for run in distinct_runs(params):
        images, batch = _images(run, params, counts), run.phase.batch
        if least_images(images, batch, micro_batch) > 1:
            continue
        side = side_of(run.dataset)
        tried = None if side is None or _takes_one(run, side) else _tried(run, always=True)
        if isinstance(tried, Trial) and not tried.takes_one_image:
            by_batch = least_images(images, batch, None) == 1
            key: Key = ("phases", run.phase.name, "batch")
            of = f", the last of {images} by {batch}," if images and batch > 1 and by_batch else ""
            yield (
                key if by_batch else ("training", "micro_batch"),
                f"comes down to one image of {side} pixels{of} with"
                f" {run.model.name}/{run.variant.name}: {ONE_VALUE}"
                f"{advice(images, batch)}",
            )


def _images(run: Run, params: Params, counts: AllCounts) -> int | None:
    name = run.dataset.name
    return epoch_images(params.datasets[name], counts[name], params.training)


def distinct_runs(params: Params) -> list[Run]:
    """Return a run of each network, dataset and phase."""
    runs = (run for study in params.studies for run in params.runs(study).values())
    named = {
        (run.model.name, run.variant.name, run.dataset.name, run.phase.name): run for run in runs
    }
    return [*named.values()]


def _tried(one: Run | Profile, *, always: bool = False) -> Trial | ValueError | None:
    """Return what was found of a network, or why there is none; None: it is known to be sound."""
    side, model, variant = side_of(one.dataset), one.model, one.variant
    known = IMAGES.get(one.dataset.source)
    if side is not None and _is_known(model, variant, side) and not always:
        side = None
    classes = known.classes if known else CLASSES
    return _trial(model.canonical(), variant.canonical(), classes, side)


@cache
def _trial(model: str, variant: str, classes: int, side: int | None) -> Trial | ValueError | None:
    if side is None:
        return None
    description = described(Model.model_validate_json(model), Variant.model_validate_json(variant))
    try:
        return try_network(description, classes, side)
    except ValueError as error:
        return error


def _takes_one(run: Run, side: int) -> bool:
    return side >= LARGE and _is_known(run.model, run.variant, side)


def _is_known(model: Model, variant: Variant, side: int) -> bool:
    """Tell whether a network is one of the registry's, edited or not, on images of a usual size."""
    return not (model.set or variant.set) and side in USUAL
