"""Whether a network can be built and run for images of a size, and what it takes at the least.

It is built without memory first, so that absurd settings cost neither time nor memory.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_modules
from torch.nn.modules.batchnorm import _BatchNorm

from cxv.networks.registry import Description

MOST_MODULES = 20_000
"""Of a network. The deepest residual networks that were published have a tenth as many."""

MOST_BYTES = 10**12
"""Of weights, or of one map for the images of a step: no device has as much memory."""

SMALL_BYTES, SMALL_SIDE = 2**28, 64
"""Weights and pixels of a side up to which a network is run on numbers: that is the fastest."""


class TooLargeError(ValueError):
    """No device has the memory for a network."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found of a network for images of one size."""

    image_bytes: int  # of the largest map for one image, or of the image, in float32
    takes_one_image: bool  # no batch norm is left with one value a channel


@dataclass(slots=True)
class _Seen:
    modules: int = 0
    weight_bytes: int = 0
    image_bytes: int = 0
    least_values: int | None = None  # a channel, that a batch norm sees of one image

    def count_module(self, *_: object) -> None:
        self.modules += 1
        if self.modules > MOST_MODULES:
            raise TooLargeError(f"has more than {MOST_MODULES:,} modules: set a lower depth")

    def count_weight(self, _: nn.Module, name: str, weight: Tensor | None) -> None:
        self.weight_bytes += weight.nbytes if weight is not None else 0
        if self.weight_bytes > MOST_BYTES:
            raise TooLargeError(
                f"takes {as_bytes(self.weight_bytes)} for weights or more, where {name} is made:"
                f" at most {as_bytes(MOST_BYTES)}; set lower numbers, or smaller images"
            )

    def note(self, module: nn.Module, inputs: tuple[Any, ...], made: object) -> None:
        if isinstance(made, Tensor):
            self.image_bytes = max(self.image_bytes, made.numel() * 4)
        if isinstance(module, _BatchNorm):
            values = inputs[0].numel() // inputs[0].shape[1]
            self.least_values = min(values, self.least_values or values)


def try_network(description: Description, classes: int, image_size: int) -> Trial:
    """Build a network and run it on one image.

    Args:
        description: of the network.
        classes: of the dataset.
        image_size: pixels.

    Raises:
        ValueError: it cannot be built or run for such images, or takes more than any device has.
    """
    seen = _Seen(image_bytes=12 * image_size**2)
    build = partial(description.build, classes=classes, image_size=image_size)
    with _plain_errors(image_size):
        model = _built_without_memory(build, seen)
        is_small = seen.weight_bytes <= SMALL_BYTES and image_size <= SMALL_SIDE
        with torch.random.fork_rng(devices=[]):
            _run(build() if is_small else model, image_size, seen)
    return Trial(seen.image_bytes, seen.least_values != 1)


def _built_without_memory(build: Callable[[], nn.Module], seen: _Seen) -> nn.Module:
    """Return a network of shapes alone; its modules and weights are counted as they are made."""
    with ExitStack() as hooks:
        for register, hook in (
            (torch_modules.register_module_module_registration_hook, seen.count_module),
            (torch_modules.register_module_parameter_registration_hook, seen.count_weight),
        ):
            hooks.callback(register(hook).remove)
        hooks.enter_context(torch.device("meta"))
        return build()


def _run(model: nn.Module, image_size: int, seen: _Seen) -> None:
    """Score one image; maps and batch norms are seen as they go by."""
    device = next(model.parameters()).device
    for part in model.modules():
        part.register_forward_hook(seen.note)
    # Torch knows no autocast for tensors of shapes alone; nothing here switches it on.
    no_autocast = patch("torch.autocast", lambda *_, **__: nullcontext())
    with torch.no_grad(), no_autocast if device.type == "meta" else nullcontext():
        model.eval()(torch.zeros(1, 3, image_size, image_size, device=device))


@contextmanager
def _plain_errors(image_size: int) -> Iterator[None]:
    """Turn what torch raises about shapes into a ValueError that says for which images."""
    try:
        yield
    except ValueError:
        raise
    except (RuntimeError, TypeError, OverflowError, MemoryError) as error:
        said = str(error).partition("\n")[0]
        plain = next((ours for theirs, ours in MEANT.items() if theirs in said), said)
        raise ValueError(
            f"cannot take images of {image_size} pixels: {plain}; set numbers that fit them"
        ) from error


MEANT = MappingProxyType(
    {
        "Kernel size can't be greater": "a kernel is larger than the map that it moves over",
        "Storage size calculation overflowed": "a map is larger than any memory",
        "Output size is too small": "strides leave nothing of a map",
    }
)
"""By what torch says: what that means here."""


def as_bytes(count: int) -> str:
    """Return bytes as a reader takes them: 7.68 TB."""
    value, units = float(count), iter(("B", "kB", "MB", "GB", "TB", "PB"))
    unit = next(units)
    while value >= 1000 and (larger := next(units, None)):  # noqa: PLR2004 - of a prefix
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}"
