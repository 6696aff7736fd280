"""What a check of a study leaves: how deep it went, when, where, with which code."""

from pathlib import Path

from pydantic import PositiveInt, ValidationError

from cxv.config.strict_model import StrictModel
from cxv.records.atomic_files import write
from cxv.records.seal import RecordError, read_sealed, sealed

RECEIPT = "verified.json"
"""Its name in the folder of a study."""

DEPTHS = {1: "seals", 2: "numbers", 3: "weights", 4: "replayed trainings"}


class Receipt(StrictModel):
    """Of a check that found nothing wrong."""

    depth: PositiveInt  # a key of DEPTHS; all smaller ones were done too
    says: tuple[str, ...]  # what was looked at, a line a depth
    when: str  # day and time, UTC
    machine: str
    commit: str | None  # of the code that checked
    records: str  # SHA-256 over the records that were checked

    def save(self, folder: Path) -> None:
        """Write it into the folder of the study."""
        write(folder / RECEIPT, sealed(self.model_dump_json()))

    @classmethod
    def load(cls, folder: Path, records: str) -> "Receipt | None":
        """Return the receipt of a study; None if there is none for these very records."""
        try:
            found = cls.model_validate_json(read_sealed(folder / RECEIPT))
        except (OSError, RecordError, ValidationError):
            return None
        return found if found.records == records else None
