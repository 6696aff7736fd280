"""A seal over a JSON file: the SHA-256 of its values, which an edit by hand does not bring along.

It finds accidents and careless edits. Whoever computes the seal again is found by ``cxv verify``,
which derives what a file says from records, weights or a second training.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from cxv.errors import UserError

SEAL = "seal"
"""The key under which it stands, last in the file."""


class RecordError(UserError):
    """A record is missing, unreadable, or not the one asked for."""


class AlteredError(RecordError):
    """A file is not the one that was written, or says what its proof does not."""


def sealed(text: str) -> str:
    """Return a JSON object's text with its seal."""
    fields = json.loads(text)
    return json.dumps({**fields, SEAL: _seal(fields)}, indent=1, ensure_ascii=False) + "\n"


def read_sealed(path: Path) -> str:
    """Return the text of a JSON object without its seal.

    Raises:
        OSError: there is no such file, or it cannot be read.
        AlteredError: its seal is broken, or it is cut short.
        RecordError: it has no seal; code before there were seals has written it.
    """
    try:
        fields = json.loads(path.read_bytes())
    except ValueError as error:
        raise AlteredError(f"{path}: altered: no whole JSON file: {error}") from error
    if not isinstance(fields, dict) or SEAL not in fields:
        raise RecordError(f"{path}: unreadable: it has no seal")
    seal = fields.pop(SEAL)
    if seal != _seal(fields):
        raise AlteredError(f"{path}: altered: its values are not those that were sealed")
    return json.dumps(fields)


def _seal(fields: dict[str, Any]) -> str:
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
