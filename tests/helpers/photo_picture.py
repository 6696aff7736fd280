"""The picture of `docs/photos.md`: files of all kinds as Pillow converts them, and as cxv does."""

import io
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from photo_motifs import files
from PIL import Image, ImageDraw, ImageFont

from cxv.data.archives import DataError
from cxv.data.photo_pixels import read_photo

COLUMNS = 5
ZOOM = 2
PANEL = 100  # pixels of both sides: the longer side of the motif, enlarged, and a frame
CELL = (230, 138)
HEAD = 58
MARGIN = 12
INK, MUTED, PAGE, GREY, WARN = "#1c1f23", "#5a6169", "#f3f3ee", "#c4c6c8", "#d55e00"
VISIBLE = 40
"""By how much a level differs that is seen; a lossy file differs by less."""
TITLE = "The same motif in files of all kinds"
LEGEND = (
    'Left: PIL.Image.open(file).convert("RGB"), in orange where it is not what a viewer shows.'
    "  Right: what cxv reads."
)


@dataclass(frozen=True)
class Compared:
    """One kind of file, in two readings; None where there is no image."""

    kind: str
    converted: Image.Image | None
    read: Image.Image | None
    reason: str  # why it is not read

    @property
    def differs(self) -> bool:
        """Tell whether one sees the difference."""
        if self.converted is None or self.read is None:
            return False
        if self.converted.size != self.read.size:
            return True
        one, other = (np.asarray(x).astype(int) for x in (self.converted, self.read))
        return bool(abs(one - other).max() > VISIBLE)


def compared() -> list[Compared]:
    """Read a file of each kind."""
    return [_compared(kind, content) for kind, content in files().items()]


def _compared(kind: str, content: bytes) -> Compared:
    try:
        image, reason = Image.fromarray(read_photo(content)[0].transpose(1, 2, 0)), ""
    except DataError as error:
        image, reason = None, str(error) if content else "is empty"
    return Compared(kind, _converted(content), image, reason)


def _converted(content: bytes) -> Image.Image | None:
    if content.startswith(b"%!PS"):  # Pillow would start Ghostscript, where there is one
        return None
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.convert("RGB")
    except Exception:
        return None


def sheet(found: list[Compared]) -> Image.Image:
    """Draw all kinds, row by row."""
    lines = -(-len(found) // COLUMNS)
    image = Image.new("RGB", (COLUMNS * CELL[0] + MARGIN, HEAD + lines * CELL[1]), PAGE)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, 8), TITLE, INK, _font(18))
    draw.text((MARGIN, 33), LEGEND, MUTED, _font(12))
    for number, one in enumerate(found):
        row, column = divmod(number, COLUMNS)
        _draw(image, (MARGIN + column * CELL[0], HEAD + row * CELL[1]), one)
    return image


def _draw(image: Image.Image, at: tuple[int, int], one: Compared) -> None:
    draw = ImageDraw.Draw(image)
    draw.text(at, one.kind, INK, _font(11))
    left, top = at[0], at[1] + 18
    _panel(image, (left, top), one.converted, "cannot be opened", warn=one.differs)
    _panel(image, (left + PANEL + 6, top), one.read, one.reason, warn=False)


def _panel(
    image: Image.Image, at: tuple[int, int], shown: Image.Image | None, words: str, *, warn: bool
) -> None:
    draw = ImageDraw.Draw(image)
    x, y = at
    if shown is None:
        draw.rectangle((x, y, x + PANEL - 1, y + PANEL - 1), GREY)
        lines = textwrap.wrap(words, 18, max_lines=8, placeholder=" ...")
        draw.multiline_text((x + 5, y + 5), "\n".join(lines), INK, _font(9), spacing=2)
        return
    large = shown.resize((shown.width * ZOOM, shown.height * ZOOM), Image.Resampling.NEAREST)
    x, y = x + (PANEL - large.width) // 2, y + (PANEL - large.height) // 2
    width = 2 if warn else 1
    frame = (x - width, y - width, x + large.width + width - 1, y + large.height + width - 1)
    draw.rectangle(frame, WARN if warn else MUTED)
    image.paste(large, (x, y))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def save(path: Path) -> None:
    """Draw the picture into a PNG."""
    colours = sheet(compared()).quantize(128, method=Image.Quantize.MAXCOVERAGE, dither=0)
    colours.save(path, "PNG", optimize=True)
