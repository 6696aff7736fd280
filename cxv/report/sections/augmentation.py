"""What augmentations make of images: originals in the first row, a row for each list below."""

from collections.abc import Sequence
from io import BytesIO
from textwrap import wrap

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure
from numpy import ndarray
from PIL import Image

from cxv.config.augmentation import Augmentation
from cxv.records.examples import ExamplesRecord
from cxv.report.wording import format_settings

INCHES = 0.78  # of an image
LABEL = 2.15  # inches, left of a row
CHARACTERS = 42  # of a line of the label


def augmentation_figure(record: ExamplesRecord) -> Figure:
    """Draw every image of a record, its pixels as they are."""
    strips = (record.originals, *record.augmented)
    names = ("as they are", *map(_in_lines, record.spec.augment))
    columns = len(record.classes)
    width, height = LABEL + columns * INCHES, 0.2 + len(strips) * INCHES
    figure = Figure(figsize=(width, height))
    grid = figure.subplots(
        len(strips), columns, squeeze=False,
        gridspec_kw={
            "left": LABEL / width, "right": 1, "bottom": 0, "top": 1 - 0.2 / height,
            "wspace": 0.06, "hspace": 0.06,
        },
    )  # fmt: skip
    for line, data, name in zip(grid, strips, names, strict=True):
        for axes, image in zip(line, _cut(data, columns), strict=True):
            axes.imshow(image, interpolation="none")  # nearest, and in SVG no pixel is resampled
            axes.set_axis_off()
        line[0].annotate(
            name, (0, 0.5), xycoords="axes fraction", xytext=(-6, 0), textcoords="offset points",
            ha="right", va="center", fontsize=7,
        )  # fmt: skip
    for axes, name in zip(grid[0], record.classes, strict=True):
        axes.set_title(name, fontsize=7, pad=3)
    return figure


def _cut(data: bytes, count: int) -> Sequence[UInt8[ndarray, "h w 3"]]:
    """Return the images of a strip."""
    return np.split(np.asarray(Image.open(BytesIO(data)).convert("RGB")), count, axis=1)


def _in_lines(steps: Sequence[Augmentation]) -> str:
    """Return a line per step, and more where its settings are longer than the figure has room."""
    named = (format_settings(step.model_dump(mode="json")) for step in steps)
    return "\n".join(line for text in named for line in wrap(text, CHARACTERS))
