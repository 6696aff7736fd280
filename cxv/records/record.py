"""The base of every record: the settings that it was made from, and where and with what."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from cxv.config.faults import in_words
from cxv.config.strict_model import Specification, StrictModel, differences
from cxv.records.seal import RecordError, read_sealed, sealed

CPU = "cpu"
"""The name of the one device that is no GPU."""


class Stamp(StrictModel):
    """Where and with what a number was made."""

    commit: str | None  # None: not a git checkout
    dirty: bool  # tracked files differed from the commit
    code: str  # fingerprint of the code that computed, comments left out
    packages: dict[str, str]
    device: str
    precision: str
    undetermined: tuple[str, ...]  # what may have let the numbers differ from those of a second run
    cpu_threads: int
    seconds: float
    peak_bytes: int | None  # allocated on the device; None on a CPU

    @property
    def on_gpu(self) -> bool:
        """Tell a GPU from a CPU."""
        return self.device != CPU

    @property
    def deterministic(self) -> bool:
        """Tell whether a second run on the same machine gives the same numbers, bit for bit."""
        return not self.undetermined


class OtherSettingsError(RecordError):
    """A record is not the one asked for."""


class OtherPrecisionError(RecordError):
    """A record was computed in another precision than is asked for on its device."""


Loaded = TypeVar("Loaded", bound="Record")


class Record(StrictModel):
    """What a job leaves behind, with the specification that it was made from."""

    spec: Specification
    stamp: Stamp

    def text(self) -> str:
        """Return the text of its file, sealed."""
        return sealed(self.model_dump_json())

    @classmethod
    def load(cls: type[Loaded], path: Path, spec: Specification) -> Loaded:
        """Return the record at ``path``, if it is the one of ``spec``.

        Raises:
            AlteredError: it is not what was written.
            OtherSettingsError: it was made under others.
            OtherPrecisionError: they ask for another type for AMP on its device.
            RecordError: it is missing, or another version of this code wrote it.
        """
        record = cls.read(path)
        if record.spec.on_any_device != spec.on_any_device:
            raise OtherSettingsError(
                f"{path}: was made under other settings ({record.spec.digest}) than asked for"
                f" ({spec.digest}): {', '.join(differences(record.spec, spec))}"
            )
        if not record.has_precision_of(spec):
            made, asked = record.stamp, ", ".join(differences(record.spec, spec))
            raise OtherPrecisionError(
                f"{path}: was computed in {made.precision} on {made.device}: {asked}"
            )
        return record

    @classmethod
    def read(cls: type[Loaded], path: Path) -> Loaded:
        """Return the record at ``path``, whatever its settings.

        Raises:
            AlteredError: it is not what was written.
            RecordError: it is missing, or another version of this code wrote it.
        """
        try:
            text = read_sealed(path)
        except FileNotFoundError as error:
            raise RecordError(f"{path}: not made yet") from error
        except OSError as error:
            raise RecordError(f"{path}: unreadable: {error.strerror}") from error
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise RecordError(f"{path}: unreadable: {in_words(error, text)}") from error

    def has_precision_of(self, spec: Any) -> bool:  # noqa: ARG002 - a run alone asks for one
        """Tell whether the number was computed in the precision that settings ask for."""
        return True

    def prove(self, folder: Path) -> None:
        """Hold what it says against the files of its job in ``folder``; most jobs have none.

        Raises:
            AlteredError: one is missing, altered, or says something else.
        """
