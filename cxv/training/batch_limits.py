"""Whether a network can be trained on single images, asked before its training starts."""

import copy
from typing import Literal

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from cxv.config.spec import Run
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
        )


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


ONE_VALUE = (
    "batch norms of this network see maps of one pixel there: they need two images or more at a"
    " time"
)
