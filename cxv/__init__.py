"""Every table, figure and claim of "Convolutional Xformers for Vision", by one workflow."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from cxv.networks.registry import NO_SETTINGS, ZOO, Settings, describe

if TYPE_CHECKING:
    import torch

__all__ = ["create_model", "list_models"]


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
        ValueError: a setting is impossible.
    """
    return describe(name, settings=settings, edits=edits).build(classes, image_size)
