"""Whether a network can be trained on single images, asked before its training starts."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from cxv.config.spec import Profile, Run
from cxv.errors import UserError


def refuse_one_image(run: Run, model: nn.Module, images: int, image_size: int) -> None:
    """Refuse a run whose steps come down to one image, if its network cannot take that.

    Args:
        run: the link.
        model: its network.
        images: of an epoch.
        image_size: pixels.

    Raises:
        UserError: names the keys of params.yaml.
    """
    batch, micro_batch = run.phase.batch, run.training.micro_batch
    if least_images(images, batch, micro_batch) == 1 and not takes_one_image(model, image_size):
        raise UserError(
            f"{run.id}: phases.{run.phase.name}.batch: {batch} with training.micro_batch:"
            f" {micro_batch or 'null'} leaves a single one of {images} images, and {ONE_VALUE}"
            f"{advice(images, batch)}"
        )


@contextmanager
def naming_the_size(spec: Run | Profile, image_size: int) -> Iterator[None]:
    """Turn the ValueError of a network that cannot be built for images of a size into a UserError.

    Only the images of a folder without ``image_size`` have a size that no check could know.
    """
    try:
        yield
    except ValueError as error:
        raise UserError(
            f"{spec.id}: datasets.{spec.dataset.name}: its images have {image_size} pixels a"
            f" side, and {spec.model.name}/{spec.variant.name} cannot be built for them: {error}"
            f" (set another datasets.{spec.dataset.name}.image_size, or other numbers under"
            f" models.{spec.model.name}.set)"
        ) from error


def takes_one_image(model: nn.Module, image_size: int) -> bool:
    """Tell whether a network can be trained on a single image.

    It cannot where a batch norm sees a map of one pixel: one value a channel has no variance.
    The model and torch's random numbers stay as they are.
    """
    if not any(isinstance(module, _BatchNorm) for module in model.modules()):
        return True
    twin = copy.deepcopy(model).cpu().train()
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        try:
            twin(torch.zeros(1, 3, image_size, image_size))
        except ValueError:
            return False
    return True


def least_images(images: int | None, batch: int, micro_batch: int | Literal["auto"] | None) -> int:
    """Return the least number of images whose gradients a phase computes at once.

    Args:
        images: of an epoch; None: not known, as if the last batch were as large as the others.
        batch: images of a step.
        micro_batch: as in params.yaml; ``auto`` may come down to one.
    """
    if micro_batch == "auto":
        return 1
    steps = {batch} if images is None else {min(batch, images), images % batch or batch}
    size = micro_batch or batch
    return min(min(size, step, step % size or step) for step in steps)


def advice(images: int | None, batch: int) -> str:
    """Return what to set in place of what comes down to one image: of a batch, or of its parts."""
    if least_images(images, batch, None) > 1:
        return "; set training.micro_batch to null, or so that no batch leaves a single image"
    for distance in range(1, MOST_FAR):
        for near in (batch - distance, batch + distance):
            if near > 1 and least_images(images, near, None) > 1:
                return f"; a batch of {near} would do"
    return "; set another batch"


MOST_FAR = 100
"""Images to either side of a batch within which one that works is looked for."""

ONE_VALUE = (
    "batch norms of this network see maps of one pixel there: they need two images or more at a"
    " time"
)
