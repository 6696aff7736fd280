"""Settings of each augmentation; the steps of a phase's ``augment`` list are applied in order."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from cxv.config.strict_model import Fraction, StrictModel


class Flip(StrictModel):
    """Mirror an image left to right."""

    name: Literal["flip"]
    probability: Fraction = 0.5


class Crop(StrictModel):
    """Put ``padding`` black pixels around an image; cut its size out anywhere."""

    name: Literal["crop"]
    padding: PositiveInt  # pixels on each side


class Cutout(StrictModel):
    """Blacken a square centred on any pixel of the image (arXiv:1708.04552)."""

    name: Literal["cutout"]
    side: PositiveInt  # pixels; the part outside the image is cut off


class RandAugment(StrictModel):
    """``operations`` of 14, drawn per image, each at ``magnitude`` of 0..30 (arXiv:1909.13719)."""

    name: Literal["randaugment"]
    operations: PositiveInt
    magnitude: Annotated[int, Field(ge=0, le=30)]


Augmentation = Annotated[Flip | Crop | Cutout | RandAugment, Field(discriminator="name")]

NAMES = frozenset({"flip", "crop", "cutout", "randaugment"})
"""What tells them apart."""
