"""A red F and a blue disc, in a file of each kind that is found among photos."""

import io
from typing import Any

import numpy as np
from odd_photos import huge, saved
from PIL import Image, ImageDraw, features
from PIL.TiffImagePlugin import AppendingTiffWriter

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How the pixels lie in a file, by the orientation in EXIF with which the motif is upright."""
SIZE = (48, 32)
FLOOR = 26
"""The rows from here on are white, or transparent where a format can say so."""
SHARP = {"quality": 95}
FULL = {**SHARP, "subsampling": 0}


def motif() -> Image.Image:
    image = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(image)
    for box in ((4, 3, 8, 24), (4, 3, 18, 7), (4, 12, 14, 16)):
        draw.rectangle(box, "red")
    draw.ellipse((24, 5, 42, 23), "blue")
    return image


def transparent() -> Image.Image:
    """Return the motif above a floor that is transparent, and black for who does not see that."""
    image = motif().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, FLOOR, *SIZE))
    return image


def palette() -> Image.Image:
    """Return the motif with a floor of the last colour of its palette, a green."""
    image = motif().quantize(8)
    colours = (image.getpalette() or [])[: 3 * 8]
    image.putpalette([*colours, *[0] * (3 * 15 - len(colours)), 0, 160, 0])
    image.paste(15, (0, FLOOR, *SIZE))
    return image


def turned(orientation: int, form: str, **how: Any) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = motif()
    if orientation in TURNS:
        image = image.transpose(TURNS[orientation])
    return saved(image, form, exif=exif, **how)


def grey_16() -> Image.Image:
    """Return the motif in grey, where white is 65535."""
    return Image.fromarray(np.asarray(motif().convert("L")).astype(np.uint16) * 257)


def frames(form: str, **how: Any) -> bytes:
    """Return the motif, and a second frame that is all green."""
    return saved(
        motif(), form, save_all=True, append_images=[Image.new("RGB", SIZE, "lime")], **how
    )


def with_small_copy() -> bytes:
    buffer = io.BytesIO()
    with AppendingTiffWriter(buffer) as file:
        motif().save(file, "TIFF")
        file.newFrame()
        motif().resize((12, 8)).save(file, "TIFF", tiffinfo={254: 1})
    return buffer.getvalue()


def keyed() -> bytes:
    """Return a PNG whose floor is of the one colour that is transparent."""
    image = motif()
    image.paste((0, 160, 0), (0, FLOOR, *SIZE))
    return saved(image, "PNG", transparency=(0, 160, 0))


def files() -> dict[str, bytes]:
    """Return the content of a file by its kind."""
    shown, clear, grey = motif(), transparent(), motif().convert("L")
    levels = bytes([255] * 15 + [0])
    return {
        **{f"JPEG, orientation {n}": turned(n, "JPEG", **FULL) for n in range(1, 9)},
        "PNG, orientation 6": turned(6, "PNG"),
        "TIFF, orientation 6": turned(6, "TIFF"),
        "WebP, orientation 6": turned(6, "WEBP", lossless=True),
        "JPEG": saved(shown, "JPEG", **FULL),
        "JPEG, progressive": saved(shown, "JPEG", progressive=True, **FULL),
        "JPEG, grey": saved(grey, "JPEG", **SHARP),
        "JPEG of a phone, with a second frame": frames("MPO", **FULL),
        "PNG": saved(shown, "PNG"),
        "PNG, grey": saved(grey, "PNG"),
        "BMP": saved(shown, "BMP"),
        "PPM": saved(shown, "PPM"),
        "TIFF": saved(shown, "TIFF"),
        "TIFF, packed by LZW": saved(shown, "TIFF", compression="tiff_lzw"),
        "JPEG 2000": saved(shown, "JPEG2000"),
        **({"AVIF": saved(shown, "AVIF", quality=95)} if features.check("avif") else {}),
        "WebP": saved(shown, "WEBP", lossless=True),
        "GIF": saved(shown, "GIF"),
        "PNG with alpha": saved(clear, "PNG"),
        "WebP with alpha": saved(clear, "WEBP", lossless=True, exact=True),
        "TIFF with alpha": saved(clear, "TIFF"),
        "PNG, grey with alpha": saved(clear.convert("LA"), "PNG"),
        "PNG of a palette": saved(shown.quantize(8), "PNG"),
        "PNG of a palette, a colour transparent": saved(palette(), "PNG", transparency=15),
        "PNG of a palette with alpha": saved(palette(), "PNG", transparency=levels),
        "PNG, a colour transparent": keyed(),
        "GIF, a colour transparent": saved(palette(), "GIF", transparency=15),
        "PNG of one bit": saved(shown.convert("1", dither=Image.Dither.NONE), "PNG"),
        "PNG, grey of 16 bits": saved(grey_16(), "PNG"),
        "TIFF, grey of 16 bits": saved(grey_16(), "TIFF"),
        "TIFF in CMYK": saved(shown.convert("CMYK"), "TIFF"),
        "JPEG in CMYK": saved(shown.convert("CMYK"), "JPEG", **FULL),
        "GIF of two frames": frames("GIF"),
        "PNG of two frames": frames("PNG"),
        "WebP of two frames": frames("WEBP", lossless=True),
        "TIFF with a smaller copy of its page": with_small_copy(),
        **refused(),
    }


def refused() -> dict[str, bytes]:
    """Return files that are not read."""
    cut = saved(motif(), "JPEG", **SHARP)
    return {
        "TIFF of two pages": frames("TIFF"),
        "TIFF, grey of 16 bits, 0 is white": saved(grey_16(), "TIFF", tiffinfo={262: 0}),
        "TIFF, grey of 32 bits": saved(motif().convert("I"), "TIFF"),
        "TIFF of floats": saved(motif().convert("F"), "TIFF"),
        "TIFF in Lab": saved(Image.new("LAB", SIZE, (128, 190, 90)), "TIFF"),
        "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "text": b"some words",
        "a JPEG cut short": cut[: len(cut) * 2 // 3],
        "a PNG of 50,000 x 50,000 pixels": huge(),
        "an empty file": b"",
    }
