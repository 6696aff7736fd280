"""Take an altered run as it is: its record names its files as they are now, and says why."""

import json
import os
from pathlib import Path

from pydantic import ValidationError

from cxv.config.faults import in_words
from cxv.records.atomic_files import sha256_of, write
from cxv.records.run import FILES, RunRecord
from cxv.records.seal import SEAL, RecordError


def accept(path: Path, because: str) -> RunRecord:
    """Seal the record of a run again, with the SHA-256 of its files and the reason.

    Raises:
        RecordError: it is no record, a file is missing, or the files contradict its numbers.
    """
    try:
        fields = json.loads(path.read_bytes())
        fields.pop(SEAL, None)
        sums = {name: sha256_of(path.with_name(name)) for name in FILES}
        changed = fields | {"sha256": sums, "accepted": because}
    except (OSError, ValueError, AttributeError) as error:
        raise RecordError(f"{path}: cannot be accepted: {error}") from error
    record = _record(path, json.dumps(changed))
    record.prove(path.parent)
    dates = path.stat()
    write(path, record.text())
    os.utime(path, ns=(dates.st_atime_ns, dates.st_mtime_ns))  # later links need no new training
    return record


def _record(path: Path, text: str) -> RunRecord:
    try:
        return RunRecord.model_validate_json(text)
    except ValidationError as error:
        raise RecordError(f"{path}: cannot be accepted: {in_words(error, text)}") from error
