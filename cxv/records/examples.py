"""A few images of a dataset and what augmentations make of them, as a report shows them."""

from pydantic import Base64Bytes, model_validator

from cxv.config.spec import Examples
from cxv.records.record import Record


class ExamplesRecord(Record):
    """``<dataset>_<digest>.json``: every strip is a PNG of the same images, side by side."""

    spec: Examples
    data_sha256: str
    classes: tuple[str, ...]  # of each image
    originals: Base64Bytes
    augmented: tuple[Base64Bytes, ...]  # by each list of ``spec.augment``

    @model_validator(mode="after")
    def _has_every_strip(self) -> "ExamplesRecord":
        if len(self.augmented) != len(self.spec.augment):
            raise ValueError(f"{len(self.augmented)} strips of {len(self.spec.augment)}")
        return self
