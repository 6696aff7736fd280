"""Untrusted bytes to tensors: image files, and pickles allowed to hold nothing but arrays."""

import hashlib
import io
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from einops import rearrange
from jaxtyping import UInt8
from PIL import Image, UnidentifiedImageError

from cxv.data.archives import DataError
from cxv.data.tensors import Split

CIFAR_SIDE = 32  # pixels
EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")


def _latin1(text: str, _encoding: str) -> bytes:
    return text.encode("latin1")  # protocol 2 writes bytes so; nothing else is wanted


PICKLED: Mapping[tuple[str, str], Any] = MappingProxyType(  # all that an array needs
    {
        ("_codecs", "encode"): _latin1,
        ("numpy", "dtype"): np.dtype,
        ("numpy", "ndarray"): np.ndarray,
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy._core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy._core.numeric", "_frombuffer"): np.empty(0).__reduce_ex__(5)[0],
    }
)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in PICKLED:
            raise pickle.UnpicklingError(f"{module}.{name} is refused: only arrays are allowed")
        return PICKLED[module, name]


def unpickle(content: bytes, name: str) -> dict[str, Any]:
    """Return the dictionary of a CIFAR file without running anything that it might hold.

    Raises:
        DataError: it asks for anything but an array, or is no pickled dictionary.
    """
    try:
        found = _Unpickler(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # pickle promises no particular one on bad bytes
        raise DataError(f"{name}: not a CIFAR file: {error}") from error
    if not isinstance(found, dict):
        raise DataError(f"{name}: not a CIFAR file: it holds a {type(found).__name__}")
    return found


def cifar_classes(content: bytes, name: str, key: str) -> tuple[str, ...]:
    """Return the names of the classes; DataError if ``key`` does not hold them."""
    found = unpickle(content, name).get(key)
    if not (isinstance(found, list) and found and all(isinstance(word, str) for word in found)):
        raise DataError(f"{name}: {key!r} holds no names of classes")
    return tuple(found)


def cifar_split(content: bytes, name: str, classes: int) -> Split:
    """Return the images and (fine) labels of one batch; DataError if they are not as official."""
    batch = unpickle(content, name)
    pixels, labels = batch.get("data"), batch.get("labels", batch.get("fine_labels"))
    if not (isinstance(labels, list) and all(label in range(classes) for label in labels)):
        raise DataError(f"{name}: labels are not numbers from 0 to {classes - 1}")
    if not (
        isinstance(pixels, np.ndarray)
        and pixels.dtype == np.uint8
        and pixels.shape == (len(labels), 3 * CIFAR_SIDE**2)
    ):
        raise DataError(f"{name}: 'data' is not an image of {CIFAR_SIDE}x{CIFAR_SIDE} a label")
    images = rearrange(pixels, "n (c h w) -> n c h w", c=3, h=CIFAR_SIDE)
    return Split(torch.tensor(images), torch.tensor(labels, dtype=torch.int64))


def decode(content: bytes, name: str) -> UInt8[np.ndarray, "3 h w"]:
    """Return an image file as RGB.

    Raises:
        DataError: it is unreadable, or has more than 8 bits a channel.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.mode not in EIGHT_BIT_MODES:
                raise DataError(f"{name}: mode {image.mode} has more than 8 bits a channel")
            rgb = image.convert("RGB")
    except UnidentifiedImageError as error:
        raise DataError(f"{name}: unreadable image: of no known format") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{name}: unreadable image: {error}") from error
    return rearrange(np.asarray(rgb), "h w c -> c h w")


def stack(where: Path, listed: Sequence[tuple[str, int]], read: Callable[[str], bytes]) -> Split:
    """Decode image files in ``where``, given by name and label, into one split.

    Raises:
        DataError: there is none, one is unreadable, or one differs in size from the first.
    """
    if not listed:
        raise DataError(f"{where}: holds no images")
    first, _ = listed[0]
    shape = decode(read(first), f"{where}/{first}").shape
    images = np.empty((len(listed), *shape), np.uint8)
    for image, (name, _) in zip(images, listed, strict=True):
        pixels = decode(read(name), f"{where}/{name}")
        if pixels.shape != shape:
            raise DataError(f"{where}/{name}: {_size(pixels.shape)}, but {first} is {_size(shape)}")
        image[:] = pixels
    return Split(torch.from_numpy(images), torch.tensor([label for _, label in listed]))


def md5_of_all(contents: Iterable[bytes]) -> str:
    """MD5 of all contents, one after the other."""
    digest = hashlib.md5(usedforsecurity=False)
    for content in contents:
        digest.update(content)
    return digest.hexdigest()


def _size(shape: tuple[int, ...]) -> str:
    _, height, width = shape
    return f"{width}x{height} pixels"
