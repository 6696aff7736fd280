"""Metadata of a dataset; readable without torch."""

from pathlib import Path

from pydantic import Field, ValidationError

from cxv.config.faults import in_words
from cxv.config.spec import Dataset
from cxv.config.strict_model import StrictModel
from cxv.data.archives import DataError
from cxv.records.seal import AlteredError, RecordError, read_sealed, sealed

Channels = tuple[float, float, float]


class Origin(StrictModel):
    """Where the images were taken from."""

    archive: str  # the file, folder or package that was read
    urls: tuple[str, ...]  # of the official archive and its byte-identical copies
    license: str
    official: bool  # the bytes are those published
    differing: tuple[str, ...]  # files whose MD5 is not the official one
    md5: dict[str, str]  # file -> MD5; of many images ("*"), one over all in order


class Photos(StrictModel):
    """How own photos were read, and what of them is odd."""

    background: str  # below what was transparent, and around what was padded
    resize: str | None  # None: they are as they were
    folders: dict[str, str]  # of train and test, or of the whole that was split
    split_seed: int | None  # None: nothing was split
    skipped: tuple[str, ...]  # files that could not be read, and why
    first_frames: int  # files of several frames; the first was read
    in_train_and_test: int  # test photos with the pixels of a training photo
    in_two_classes: int  # photos with the pixels of a photo of another class
    same_pixels: tuple[str, ...]  # some of these, in pairs


class Manifest(StrictModel):
    """The JSON file next to a dataset's tensors."""

    dataset: Dataset
    origin: Origin
    classes: tuple[str, ...]  # name of label 0, 1, ...
    train_images: tuple[int, ...]  # of each class
    test_images: tuple[int, ...]  # of each class
    shape: tuple[int, int, int]  # channels, height, width
    mean: Channels  # of the training images, on a scale of 0..1
    std: Channels
    sha256: str  # over names, types, shapes and bytes of the tensors, whatever their file format
    file_sha256: str | None = None  # of their file; None: there is none yet
    photos: Photos | None = Field(default=None, exclude_if=lambda photos: photos is None)

    def text(self) -> str:
        """Return the text of its file, sealed."""
        return sealed(self.model_dump_json())

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        """Return the manifest at ``path``; DataError if it is not one, or altered."""
        try:
            text = read_sealed(path)
        except AlteredError as error:
            raise DataError(str(error)) from error
        except RecordError as error:
            raise DataError(f"{path}: no manifest as `cxv fetch` writes it: {error}") from error
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            said = f"no manifest as `cxv fetch` writes it: {in_words(error, text)}"
            raise DataError(f"{path}: {said}") from error
