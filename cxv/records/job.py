"""A job of the workflow: its specification, its record's path, and the code that makes it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from cxv.config.strict_model import Specification
from cxv.records.code_hash import fingerprint, fingerprint_on_disk
from cxv.records.record import Record

Settings = TypeVar("Settings", bound=Specification)
Made = TypeVar("Made", bound=Record)


@dataclass(frozen=True, slots=True)
class Job(Generic[Settings, Made]):
    """One row of the table that rules, the look-up of records and the code hash read."""

    settings: Settings
    path: Path
    """Of its record, below the folder of results."""
    record: type[Made]
    entries: tuple[str, ...]
    """Of the code that decides what is in the record, such as ``cxv.training.run:train``."""

    @property
    def identity(self) -> str:
        """The text of its settings: if another one was planned before, it is done again.

        Without the types for AMP: ``Record.has_precision_of`` compares them with the one used.
        """
        return self.settings.on_any_device.canonical()

    @property
    def code(self) -> str:
        """The fingerprint of that code."""
        return fingerprint(*self.entries)

    @property
    def code_on_disk(self) -> str:
        """The fingerprint of that code as its files are now, after a wait."""
        return fingerprint_on_disk(*self.entries)
