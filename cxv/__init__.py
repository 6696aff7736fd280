"""Every table, figure and claim of "Convolutional Xformers for Vision", by one workflow."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from cxv.networks.registry import NO_SETTINGS, ZOO, Settings, describe

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from cxv.training.classifier import Classifier

__all__ = ["create_model", "list_models", "load"]

OF_ONE_SIZE = frozenset({"mlp_mixer"})
"""Networks whose weights fit one size of image."""


def list_models(pattern: str = "*") -> tuple[str, ...]:
    """Return the names that ``create_model`` knows, in the order of the registry.

    Args:
        pattern: with the wildcards of a shell, such as ``"c*v"``.
    """
    return tuple(name for name in ZOO if fnmatchcase(name, pattern))


def create_model(
    name: str,
    *,
    classes: int = 10,
    image_size: int = 32,
    edits: Sequence[str] = (),
    settings: Settings = NO_SETTINGS,
) -> "torch.nn.Module":
    """Return an untrained network mapping (b, 3, h, w) images to (b, classes) logits.

    Args:
        name: one of ``list_models()``.
        classes: number of logits.
        image_size: pixels; beyond 32 the first convolution has stride 2.
        edits: ablations in order, keys of ``cxv.networks.registry.ABLATIONS``.
        settings: numbers that differ from the paper's, such as ``{"mixer": {"heads": 2}}``.

    Raises:
        KeyError: a name is unknown.
        ValueError: a setting is impossible; when it is called, of a network whose weights fit one
            size of image, the images have another.
    """
    model = describe(name, settings=settings, edits=edits).build(classes, image_size)
    if name in OF_ONE_SIZE:
        model.register_forward_pre_hook(partial(_refuse_other_sizes, name, image_size))
    return model


def load(
    run: "str | Path",
    *,
    results: "str | Path" = "results",
    data: "str | Path | None" = None,
    device: "str | torch.device | None" = None,
) -> "Classifier":
    """Return the trained network of a run, which classifies images; see ``cxv.trained.load``.

    Args:
        run: its folder, its record, or its id below ``results``.
        results: the folder of all records.
        data: the folder of all datasets; by default the one of the run's own checkout.
        device: where it computes; by default on a GPU if there is one.

    Raises:
        UserError: the run or what it needs is missing, altered, or of another specification.
    """
    from cxv.trained.load import load as loaded  # noqa: PLC0415 - building needs only torch

    return loaded(run, results=results, data=data, device=device)


def _refuse_other_sizes(
    name: str, image_size: int, _: "torch.nn.Module", images: tuple["torch.Tensor", ...]
) -> None:
    height, width = images[0].shape[-2:]
    if (height, width) != (image_size, image_size):
        raise ValueError(
            f"{name}: built for images of {image_size} x {image_size} pixels, not {height} x"
            f" {width}: its weights fit one size; create it with image_size={height}"
        )
