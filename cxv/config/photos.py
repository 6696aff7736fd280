"""Where images come from, and the settings of those that are own photos."""

from typing import Any, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from cxv.config.strict_model import FolderPath, Fraction, Specification

Resize = Literal["squash", "crop", "pad"]
"""Of a photo that is not square: both sides to one length, the middle of it, or all of it with a
margin."""

OWN = "image_folder"
SQUASH: Resize = "squash"


def _is_unset(value: Any) -> bool:
    return value in (None, False, SQUASH)


class ImageSource(Specification):
    """A source of images; all but itself goes with ``image_folder`` alone.

    A dataset that sets none of the last three has none of them in its text: it is the dataset that
    it was before they were there.
    """

    source: Literal["digits", "cifar10", "cifar100", "tiny_imagenet", "image_folder"]
    path: FolderPath | None = None  # from the folder of params.yaml, or from ~; None: in any folder
    image_size: PositiveInt | None = None  # pixels; None: as they are
    resize: Resize = Field(default=SQUASH, exclude_if=_is_unset)
    split: Fraction | None = Field(default=None, exclude_if=_is_unset)  # of each class, to test on
    skip_unreadable: bool = Field(default=False, exclude_if=_is_unset)

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        known = [
            name
            for name, field in ImageSource.model_fields.items()
            if name != "source" and getattr(self, name) != field.default
        ]
        if known and self.source != OWN:
            raise ValueError(f"{', '.join(known)}: of source {OWN} alone, not of {self.source}")
        if self.image_size is None:  # nothing is resized
            self._settle(resize=SQUASH)
        return self

    @property
    def in_any_folder(self) -> Self:
        """The same without what only its fetch needs: the photos count, not where they were read.

        The manifest has their checksum.
        """
        if self.source != OWN:
            return self
        return self.model_copy(update={"path": None, "skip_unreadable": False})
