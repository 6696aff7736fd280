"""A folder with a file of each odd kind, and what becomes of each: `docs/photos.md`.

python tests/helpers/photo_kinds.py > docs/photos.md
python tests/helpers/photo_kinds.py --picture docs/photos.png
"""

import os
import socket
import sys
import tempfile
from pathlib import Path

import numpy as np
import photo_picture
from odd_photos import (
    LEVELS_16,
    frames,
    huge,
    own,
    palette,
    pixels,
    plain,
    put,
    saved,
    turned,
    with_small_copy,
)
from PIL import Image

from cxv.data.archives import DataError
from cxv.data.folder import listed
from cxv.data.photo_pixels import read_photo

HEAD = """# Files in a folder of photos

What is read of each kind of file below `train/<class>/`, and what is said of the others. All that cannot be read is named in one
message; `skip_unreadable: true` reads the others. `python tests/helpers/photo_kinds.py` makes this page from such a folder.

![The same motif in files of all kinds, as Pillow converts them and as they are read](photos.png)

The picture is made by `python tests/helpers/photo_kinds.py --picture docs/photos.png`. Orange frames: a file that a loader without
further care shows turned, with what is transparent in black or in another colour, or too bright.

| file | what happens |
|---|---|
"""  # noqa: E501 - a page

RGBA = pixels([[[0, 0, 0, 0], [0, 0, 0, 128], [200, 100, 0, 255]]], "RGBA")
LA = pixels([[[0, 0], [0, 128], [50, 255]]], "LA")
GREY_16 = Image.fromarray(LEVELS_16)
COLOURS = pixels([[[255, 0, 0], [0, 255, 0]]])
NOISE = saved(Image.frombytes("L", (64, 64), bytes(range(256)) * 16), "JPEG")

CONTENTS = {
    **{f"PNG, orientation {n} in EXIF": turned(n, "PNG") for n in range(1, 9)},
    "TIFF, orientation 6 in EXIF": turned(6, "TIFF"),
    "WebP, orientation 6 in EXIF": turned(6, "WEBP", lossless=True),
    "PNG in colours": saved(COLOURS, "PNG"),
    "BMP": saved(COLOURS, "BMP"),
    "PPM": saved(COLOURS, "PPM"),
    "TIFF": saved(COLOURS, "TIFF"),
    "JPEG 2000": saved(COLOURS.resize((8, 8), 0), "JPEG2000"),
    "PNG with alpha": saved(RGBA, "PNG"),
    "WebP with alpha": saved(RGBA, "WEBP", lossless=True, exact=True),
    "grey PNG with alpha": saved(LA, "PNG"),
    "PNG of a palette": saved(palette(), "PNG"),
    "PNG of a palette, a colour transparent": saved(palette(), "PNG", transparency=1),
    "PNG, a colour transparent": saved(COLOURS, "PNG", transparency=(255, 0, 0)),
    "GIF, a colour transparent": saved(palette(), "GIF", transparency=1),
    "PNG of one bit": saved(Image.fromarray(np.array([[False, True]])), "PNG"),
    "PNG, grey of 16 bits": saved(GREY_16, "PNG"),
    "TIFF, grey of 16 bits": saved(GREY_16, "TIFF"),
    "TIFF, grey of 16 bits, 0 is white": saved(GREY_16, "TIFF", tiffinfo={262: 0}),
    "TIFF, grey of 32 bits": saved(Image.new("I", (2, 2)), "TIFF"),
    "TIFF of floats": saved(Image.new("F", (2, 2)), "TIFF"),
    "TIFF in Lab": saved(Image.new("LAB", (2, 2)), "TIFF"),
    "TIFF in CMYK": saved(Image.new("CMYK", (2, 2), (255, 0, 0, 0)), "TIFF"),
    "JPEG in CMYK": saved(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), "JPEG", quality=100),
    "GIF of two frames": frames("GIF"),
    "PNG of two frames": frames("PNG"),
    "WebP of two frames": frames("WEBP"),
    "TIFF of two pages": frames("TIFF"),
    "TIFF with a smaller copy of its page": with_small_copy(),
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "text": b"some words",
    "a JPEG cut short": NOISE[:-300],
    "a PNG of 50,000 x 50,000 pixels": huge(),
    "an empty file": b"",
}
SPECIAL = {
    "pipe": "a named pipe",
    "socket": "a socket",
    "gone": "a symbolic link to nothing",
    "loop": "a symbolic link to itself",
    "sub": "a folder inside a class",
    os.fsdecode(b"\xe9t\xe9"): "a name that is not UTF-8",
}
LITTER = ("Thumbs.db", "desktop.ini", ".DS_Store", ".hidden.png")


def make(root: Path) -> None:
    """Write a file of each kind into one class."""
    files = {f"{number:02}": content for number, content in enumerate(CONTENTS.values())}
    names = {**files, **dict.fromkeys(LITTER, b"x"), os.fsdecode(b"\xe9t\xe9"): b"x", "sub/x": b"x"}
    put(root, {f"train/all/{name}": content for name, content in names.items()})
    put(root, {"test/all/one.png": plain(1)})
    here = root / "train/all"
    os.mkfifo(here / "pipe")
    (here / "gone").symlink_to("nothing")
    (here / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(here / "socket"))


def rows(root: Path) -> dict[str, str]:
    """Return what becomes of each kind of file."""
    known = listed(own(root))
    said = {Path(fault.name).name: f"refused: {fault.said}" for fault in known.faults}
    for photo in known.photos:
        said[Path(photo.name).name] = outcome((root / photo.name).read_bytes())
    kinds = {f"{number:02}": kind for number, kind in enumerate(CONTENTS)} | SPECIAL
    passed = {kind: "passed over, nothing is said" for kind in LITTER if kind not in said}
    return {kind: said[name] for name, kind in kinds.items()} | passed


def outcome(content: bytes) -> str:
    """Say how a photo is read: its size, and its first colours in hexadecimal digits."""
    try:
        image, count = read_photo(content)
    except DataError as error:
        return f"refused: {error}"
    flat = image.reshape(3, -1)[:, :6].T.tolist()
    colours = " ".join(dict.fromkeys(bytes(colour).hex() for colour in flat))
    frame = f", the first of {count} frames" if count > 1 else ""
    return f"read{frame}: {image.shape[2]} x {image.shape[1]} pixels, {colours}"


def page() -> str:
    """Return the text of the page."""
    with tempfile.TemporaryDirectory() as name:
        make(Path(name))
        found = rows(Path(name))
    return HEAD + "".join(f"| {kind} | {said} |\n" for kind, said in found.items())


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            sys.stdout.write(page())
        case ["--picture", path]:
            photo_picture.save(Path(path))
        case _:
            sys.exit("usage: python tests/helpers/photo_kinds.py [--picture PATH]")
