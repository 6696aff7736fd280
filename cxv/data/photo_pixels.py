"""The bytes of a photo to RGB, as a viewer shows them; what cannot be shown is refused."""

import io
import warnings

import numpy as np
from einops import rearrange
from jaxtyping import UInt8
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from cxv.config.photos import Resize
from cxv.data.archives import DataError

BACKGROUND = "white"
"""Below what is transparent, and around what is padded."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "AVIF", "PPM")
"""Of Pillow; a phone's MPO is a JPEG. No others: for EPS, a program runs what is in the file."""

MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
"""Of 8 bits a channel at most."""

GREY_16 = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
MOST = 65535  # level of 16 bits
HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")
SUBFILE_TYPE, BITS, PHOTOMETRIC = 254, 258, 262  # tags of TIFF 6.0
BLACK_IS_ZERO = 1
NOT_FULL_SIZE = 0b101
"""Of the subfile type of a page: it is a smaller copy of another one, or its mask."""


def read_photo(
    content: bytes, side: int | None = None, resize: Resize = "squash"
) -> tuple[UInt8[np.ndarray, "3 h w"], int]:
    """Return a photo, the first frame of its file, and how many frames there are.

    Args:
        content: of its file.
        side: pixels of both sides; None: as they are.
        resize: what becomes of a photo that is not square.

    Raises:
        DataError: it is damaged, or of a kind that is not read; the message lacks its name.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata, and of sizes below the limit
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                frames = _frames(image)
                rgb = _resized(_shown(image), side, resize)
    except DataError:
        raise
    except UnidentifiedImageError as error:
        raise DataError(_unknown(content)) from error
    except Image.DecompressionBombError as error:
        raise DataError(f"too many pixels: {error}") from error
    except Exception as error:  # Pillow promises no particular one on bad bytes
        raise DataError(f"unreadable image: {error}") from error
    return rearrange(np.asarray(rgb), "h w c -> c h w"), frames


def _unknown(content: bytes) -> str:
    if content[4:8] == b"ftyp" and content[8:12] in HEIF_BRANDS:
        return "unreadable image: HEIC; convert it to JPEG or PNG"
    return f"unreadable image: of no known format (read are {', '.join(FORMATS)})"


def _frames(image: Image.Image) -> int:
    """Count the frames; DataError if they are pages, which are photos of their own."""
    frames = int(getattr(image, "n_frames", 1))
    if isinstance(image, TiffImagePlugin.TiffImageFile) and frames > 1:
        pages = 0
        for page in range(frames):
            image.seek(page)
            kind = image.tag_v2.get(SUBFILE_TYPE, 0) if page else 0
            pages += not kind & NOT_FULL_SIZE
        image.seek(0)
        if pages > 1:
            raise DataError(f"{pages} pages; save each page as a file")
        return 1
    return frames


def _shown(image: Image.Image) -> Image.Image:
    """Return the image upright, opaque and of 8 bits a channel."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode in GREY_16:
        _require_16_bits(image)
        return _from_16_bits(upright)
    if upright.mode not in MODES:
        raise DataError(f"mode {upright.mode} is not read; save it with 8 or 16 bits a channel")
    if upright.has_transparency_data:
        below = Image.new("RGBA", upright.size, BACKGROUND)
        upright = Image.alpha_composite(below, upright.convert("RGBA"))
    return upright.convert("RGB")


def _require_16_bits(image: Image.Image) -> None:
    """Refuse a TIFF whose levels do not go from 0, black, to 65535, white."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    bits = image.tag_v2.get(BITS)
    zero = "black" if image.tag_v2.get(PHOTOMETRIC) == BLACK_IS_ZERO else "white"
    if (bits, zero) != ((16,), "black"):
        raise DataError(
            f"a TIFF of {bits[0] if bits else 1} bits a pixel, 0 is {zero}; of more than 8 bits,"
            " only 16 with 0 as black are read"
        )


def _from_16_bits(image: Image.Image) -> Image.Image:
    """Return grey of 8 bits: 0 to 0, 65535 to 255, rounded between."""
    levels = np.asarray(image)
    if levels.min() < 0 or levels.max() > MOST:
        raise DataError(
            f"mode {image.mode}: levels from {levels.min()} to {levels.max()}, not 0 to {MOST}"
        )
    grey = ((levels.astype(np.uint32) * 255 + MOST // 2) // MOST).astype(np.uint8)
    if "transparency" in image.info:
        grey[levels == image.info["transparency"]] = 255  # of BACKGROUND
    return Image.fromarray(grey).convert("RGB")


def _resized(image: Image.Image, side: int | None, resize: Resize) -> Image.Image:
    if side is None:
        return image
    size, method = (side, side), Image.Resampling.BILINEAR
    if resize == "crop":
        return ImageOps.fit(image, size, method)
    if resize == "pad":
        return ImageOps.pad(image, size, method, color=BACKGROUND)
    return image.resize(size, method)
