"""All that decides what a job computes; two jobs of one identity leave the same numbers."""

from pathlib import Path

from cxv.config.spec import Run
from cxv.config.strict_model import StrictModel


class Identity(StrictModel):
    """Of a job that leaves one record."""

    kind: str  # of record
    settings: str  # canonical
    code: str  # fingerprint
    data_sha256: str | None  # of the dataset that it reads; None: it reads none


class TrainingIdentity(StrictModel):
    """Of one link of a chain: its finished files and its unfinished state belong to this."""

    run: Run  # on any device
    precision: str  # in which its device computes
    code: str  # fingerprint
    data_sha256: str
    parent_sha256: str | None  # of the checkpoint that it starts from

    def state_in(self, folder: Path) -> Path:
        """Return the file below a folder that holds the state of this training."""
        return folder / self.run.id / f"{self.digest}.pt"
