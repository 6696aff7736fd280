"""Runs by what people type: an id, a folder, or the path of a record."""

from pathlib import Path

from cxv.records.run import RECORD
from cxv.records.seal import RecordError

LISTED = 12
"""Runs that an error names."""


def record_path(name: str, results: Path) -> Path | None:
    """Return the record that a run's id, folder or path names; None if it is not there."""
    candidates = (Path(name), Path(name, RECORD), results / "runs" / name / RECORD)
    return next((path for path in candidates if path.name == RECORD and path.is_file()), None)


def find_record(name: str, results: Path) -> Path:
    """Return the record that a run's id, folder or path names.

    Raises:
        RecordError: it is not there; names the runs that are.
    """
    if found := record_path(name, results):
        return found
    runs = results / "runs"
    made = sorted(path.parent.relative_to(runs).as_posix() for path in runs.rglob(RECORD))
    more = f" and {len(made) - LISTED} more" if len(made) > LISTED else ""
    raise RecordError(
        f"{name}: no run: give the id, the folder or the {RECORD} of one that is made\n"
        f"  runs in {runs}: {', '.join(made[:LISTED]) or 'none'}{more}"
    )
