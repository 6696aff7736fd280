"""The classes that a network mistakes for each other: a square of counts."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Integer
from matplotlib.figure import Figure

from cxv.report.figures.drawing import house_style

INCHES = 4.2
LEGIBLE = 20
"""Up to so many classes, names and counts can be read."""
DARK = 0.5  # of the colour scale: on it, counts are white

Classes = Integer[np.ndarray, " images"]
Counts = Integer[np.ndarray, "n n"]


def confusion(label: Classes, predicted: Classes, classes: int) -> Counts:
    """Return how many images of each class (row) were given each class (column)."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (label, predicted), 1)
    return counts


class ConfusionPanel:
    """The square of some classes, again and again on one figure: its axes take long to make."""

    def __init__(self, names: Sequence[str]) -> None:
        """Lay out the axes; up to ``LEGIBLE`` classes have their names at them."""
        self.names = names
        with house_style():
            self.figure = Figure(figsize=(INCHES, INCHES))
            self.figure.subplots_adjust(left=0.2, right=0.98, bottom=0.2, top=0.98)
            self.axes = self.figure.subplots()
            self.axes.set_xlabel("predicted class")
            self.axes.set_ylabel("class")
            if self.is_legible:
                upright = 90 if any(len(name) > 1 for name in names) else 0
                self.axes.set_xticks(range(len(names)), names, rotation=upright)
                self.axes.set_yticks(range(len(names)), names)
            nothing = np.zeros((len(names), len(names)))
            self.image = self.axes.imshow(nothing, cmap="Blues", vmin=0, vmax=1)

    @property
    def is_legible(self) -> bool:
        """Whether names and counts can be read."""
        return len(self.names) <= LEGIBLE

    def draw(self, counts: Counts) -> Figure:
        """Draw the share of each class's images; the figure lasts until the next call."""
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        self.image.set_data(share)
        for text in [*self.axes.texts]:
            text.remove()
        if self.is_legible:
            with house_style():
                for row, column in zip(*counts.nonzero(), strict=True):
                    color = "white" if share[row, column] > DARK else "black"
                    text = self.axes.text(column, row, f"{counts[row, column]}", color=color)
                    text.set(ha="center", va="center")
        return self.figure
