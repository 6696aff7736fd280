"""Settings of each augmentation; the steps of a phase's ``augment`` list are applied in order."""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    PositiveInt,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from cxv.config.strict_model import NonNegative, Positive, Specification


def _rising(bounds: tuple[float, float]) -> tuple[float, float]:
    least, most = bounds
    if least > most:
        raise ValueError(f"[{least}, {most}] has its bounds the wrong way round: least, then most")
    return bounds


Share = Annotated[float, Field(gt=0, le=1)]
Areas = Annotated[tuple[Share, Share], AfterValidator(_rising)]
"""Least and most of an image's area, as fractions of it."""

Ratios = Annotated[tuple[Positive, Positive], AfterValidator(_rising)]
"""Least and most ratio of two sides."""


class Flip(Specification):
    """Mirror an image left to right."""

    name: Literal["flip"]
    probability: Share = 0.5


class Crop(Specification):
    """Put ``padding`` black pixels around an image; cut its size out anywhere."""

    name: Literal["crop"]
    padding: PositiveInt  # pixels on each side


class ResizedCrop(Specification):
    """Cut a rectangle out and stretch it to the image's size (arXiv:1409.4842, sec. 6)."""

    name: Literal["resized_crop"]
    scale: Areas = (0.08, 1.0)
    ratio: Ratios = (3 / 4, 4 / 3)  # of width to height


class Erasing(Specification):
    """Blacken a rectangle within the image (arXiv:1708.04896)."""

    name: Literal["erasing"]
    probability: Share = 0.5
    scale: Areas = (0.02, 0.33)
    ratio: Ratios = (0.3, 3.3)  # of height to width


class Cutout(Specification):
    """Blacken a square centred on any pixel of the image (arXiv:1708.04552)."""

    name: Literal["cutout"]
    side: PositiveInt  # pixels; the part outside the image is cut off


class RandAugment(Specification):
    """``operations`` of 14, drawn per image, each at ``magnitude`` of 0..30 (arXiv:1909.13719).

    With a ``deviation`` each operation on each image has a magnitude of its own: of the normal
    distribution about ``magnitude``, rounded, and cut off at 0 and 30.
    """

    name: Literal["randaugment"]
    operations: PositiveInt
    magnitude: Annotated[int, Field(ge=0, le=30)]
    deviation: NonNegative = 0.0  # standard deviation, in magnitudes

    @model_serializer(mode="wrap")
    def _without_no_deviation(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out a deviation of 0: records from before there was one keep their names."""
        fields: dict[str, Any] = dump(self)
        return {key: value for key, value in fields.items() if key != "deviation" or value}


Augmentation = Annotated[
    Flip | Crop | ResizedCrop | Cutout | Erasing | RandAugment, Field(discriminator="name")
]
