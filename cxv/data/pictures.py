"""Pictures of users, by path or as PIL has them, read as the images of a dataset are."""

import io
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from cxv.config.photos import SQUASH, Resize
from cxv.data.archives import DataError
from cxv.data.folder_layout import SUFFIXES
from cxv.data.photo_pixels import read_photo

Picture = str | Path | Image.Image
PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA")
"""Of pictures that PNG holds as they are; TIFF holds the others."""


def read_picture(
    picture: Picture, side: int, resize: Resize = SQUASH
) -> UInt8[np.ndarray, "3 h w"]:
    """Return a picture as RGB of ``side`` pixels a side, as own photos are read.

    Raises:
        DataError: it is missing, damaged, or of a kind that is not read.
    """
    name = "a picture of PIL" if isinstance(picture, Image.Image) else str(picture)
    try:
        content = _encoded(picture) if isinstance(picture, Image.Image) else _content(picture)
        return read_photo(content, side, resize)[0]
    except DataError as error:
        raise DataError(f"{name}: {error}") from error


def _content(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"no image can be read there: {error.strerror}") from error


def pictures_in(folder: Path) -> list[Path]:
    """Return the pictures in a folder and those below it, hidden ones left out, by their names.

    Raises:
        DataError: there is none.
    """
    found = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES]
    seen = [path for path in found if not _hidden(path.relative_to(folder)) and path.is_file()]
    if not seen:
        raise DataError(f"{folder}: holds no images")
    return sorted(seen)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _encoded(picture: Image.Image) -> bytes:
    """Return a file that holds all of a picture, so that both go through the same reader."""
    file = io.BytesIO()
    kind = "PNG" if picture.mode in PNG_MODES else "TIFF"
    try:
        picture.save(file, kind, exif=picture.getexif())
    except (OSError, ValueError) as error:
        raise DataError(f"mode {picture.mode} cannot be read: {error}") from error
    return file.getvalue()
