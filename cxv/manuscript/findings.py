"""What an audit has found, for people and for other programs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One number of a manuscript that does not follow from records, or one file."""

    file: Path
    line: int
    kind: str  # "typed", "value", "rounding", "unit", "interval", "old", "stale", "altered", ...
    number: str  # as it stands in the manuscript, or the key of a macro
    says: str
    nearest: tuple[str, ...] = ()  # keys, with their numbers
    write: str = ""  # in its place

    def __str__(self) -> str:
        """Return it for people: place, number, what is wrong, what to write."""
        lines = [f"{self.file}:{self.line}: {self.kind}: {self.number}: {self.says}"]
        lines += [f"    near: {one}" for one in self.nearest]
        lines += [f"    write: {self.write}"] if self.write else []
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that was looked at in a manuscript."""

    manuscript: Path
    studies: tuple[str, ...]
    counts: Mapping[str, int]  # what was looked at
    findings: tuple[Finding, ...]

    def as_json(self) -> str:
        """Return it for other programs."""
        found = asdict(self)
        return json.dumps(found, indent=1, ensure_ascii=False, default=str) + "\n"

    def __str__(self) -> str:
        """Return it for people."""
        looked_at = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        studies = ", ".join(self.studies)
        last = f"{self.manuscript}: {looked_at}; of {studies}: {len(self.findings)} named"
        return "\n".join([*map(str, self.findings), last]) + "\n"
