"""What a network is to answer for the images of a batch."""

from collections.abc import Iterator
from dataclasses import dataclass

from jaxtyping import Int64
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Targets:
    """The classes of b images, and of those that are mixed into them."""

    labels: Int64[Tensor, " b"]
    others: Int64[Tensor, " b"] | None = None  # None: nothing is mixed
    share: float = 1.0  # of the image itself, and so of its label; the rest is the other's

    def __len__(self) -> int:
        """Count the images."""
        return len(self.labels)

    def split(self, size: int) -> Iterator["Targets"]:
        """Yield the targets of ``size`` images at a time and then of the rest."""
        for first in range(0, len(self), size):
            here = slice(first, first + size)
            others = None if self.others is None else self.others[here]
            yield Targets(self.labels[here], others, self.share)
