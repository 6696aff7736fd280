"""What a check has looked at, and what it found wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of one depth."""

    says: str  # what was looked at, and how much of it
    faults: tuple[str, ...]
