"""What the table and the report of a study were made with: ``stamp.json`` in its folder."""

from pathlib import Path

from pydantic import ValidationError

from cxv.config.grid import Params
from cxv.config.strict_model import StrictModel
from cxv.records.atomic_files import write
from cxv.records.seal import RecordError, read_sealed, sealed

NAME = "stamp.json"


class StudyStamp(StrictModel):
    """Written with the report, which is made whenever the table is."""

    spec: Params
    code: dict[str, str]  # fingerprints of ``table`` and ``report``
    files: dict[str, str]  # SHA-256 of the templates and of the paper's files, by path

    def save(self, folder: Path) -> None:
        """Write it into the folder of the study."""
        write(folder / NAME, sealed(self.model_dump_json()))

    @classmethod
    def load(cls, folder: Path) -> "StudyStamp | None":
        """Return the stamp of a study; None without a whole one that this code reads."""
        try:
            return cls.model_validate_json(read_sealed(folder / NAME))
        except (OSError, RecordError, ValidationError):
            return None
