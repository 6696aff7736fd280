"""How fast the steps of a network are, and how far they spread."""

from collections.abc import Sequence
from statistics import quantiles

from pydantic import PositiveFloat, PositiveInt

from cxv.config.strict_model import StrictModel


class Speed(StrictModel):
    """Images a second of one kind of step, when it is warm; quartiles, as its steps vary."""

    median_images_per_second: PositiveFloat
    lower_images_per_second: PositiveFloat  # a quarter were slower
    upper_images_per_second: PositiveFloat  # a quarter were faster
    timed: PositiveInt  # steps, or tens of them where one is too short for the clock

    @classmethod
    def of(cls, seconds: Sequence[float], images: int) -> "Speed":
        """Return the speed of steps that took some seconds each, on ``images`` at a time."""
        several = len(seconds) > 1
        found = quantiles(seconds, n=4, method="inclusive") if several else [*seconds] * 3
        low, middle, high = found
        return cls(
            median_images_per_second=images / middle,
            lower_images_per_second=images / high,
            upper_images_per_second=images / low,
            timed=len(seconds),
        )

    @property
    def spread(self) -> float:
        """What is between the quartiles, as a fraction of the median."""
        between = self.upper_images_per_second - self.lower_images_per_second
        return between / self.median_images_per_second
