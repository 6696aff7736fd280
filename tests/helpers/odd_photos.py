"""Files of odd kinds that lie in folders of photos, made by Pillow or by hand."""

import io
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from cxv.config.spec import Dataset

SIZE = (8, 8)
LEVELS_16 = np.array([[0, 257, 32768, 65535, 200 * 257 + 128, 200 * 257 + 129]], np.uint16)
"""The last two lie on both sides of the middle between 200 and 201."""


def saved(image: Image.Image, form: str, **how: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


def pixels(values: Any, mode: str | None = None) -> Image.Image:
    """Return an image of 8-bit values; the mode tells what four channels are."""
    array = np.array(values, np.uint8)
    return (
        Image.fromarray(array)
        if mode is None
        else Image.frombytes(mode, (array.shape[1], array.shape[0]), array.tobytes())
    )


def plain(level: int, size: tuple[int, int] = SIZE) -> bytes:
    return saved(Image.new("RGB", size, (level,) * 3), "PNG")


def palette() -> Image.Image:
    image = pixels([[0, 1, 2]], "P")
    image.putpalette([0, 0, 0, 10, 20, 30, 200, 100, 50])
    return image


def turned(orientation: int, form: str, **how: Any) -> bytes:
    """Return an image of the rows 10 20 30 and 40 50 60, with its orientation in EXIF."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(pixels([[10, 20, 30], [40, 50, 60]]), form, exif=exif, **how)


def frames(form: str) -> bytes:
    """Return a red frame and a green one."""
    red, green = (Image.new("RGB", SIZE, color) for color in ("red", "lime"))
    lossless = {"lossless": True} if form == "WEBP" else {}
    return saved(red, form, save_all=True, append_images=[green], **lossless)


def with_small_copy() -> bytes:
    """Return a TIFF whose second page is a smaller copy of the first."""
    buffer = io.BytesIO()
    with AppendingTiffWriter(buffer) as file:
        Image.new("RGB", SIZE, "red").save(file, "TIFF")
        file.newFrame()
        Image.new("RGB", (2, 2), "lime").save(file, "TIFF", tiffinfo={254: 1})
    return buffer.getvalue()


def huge() -> bytes:
    """Return a PNG of a few bytes that claims 50,000 x 50,000 pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"")


def put(root: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def folder(root: Path, *parts: str, count: int = 2, **more: bytes) -> Path:
    """Make two classes in each part, all photos different; without a part, the classes alone."""
    return put(
        root,
        {
            f"{part}{name}/{number}.png": plain(100 * label + 10 * which + number)
            for which, part in enumerate(parts or [""])
            for label, name in enumerate(("cat", "dog"))
            for number in range(1, count + 1)
        }
        | more,
    )


def own(root: Path, **settings: Any) -> Dataset:
    return Dataset(name="own", source="image_folder", path=str(root), **settings)
