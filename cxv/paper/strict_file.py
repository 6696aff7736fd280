"""Read a file of a paper's folder as what it should be, or say what is wrong with it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from cxv.config.faults import Fault, Key, faults
from cxv.config.strict_model import StrictModel
from cxv.config.yaml_file import format_faults, read
from cxv.errors import UserError

T = TypeVar("T", bound=StrictModel)


class PaperError(UserError):
    """A file of a paper's folder cannot be used; the message holds a line for each fault."""


def load_file(path: Path, kind: type[T]) -> tuple[T, dict[Key, int]]:
    """Return what a YAML file holds, and the line of every key.

    Args:
        path: of the file.
        kind: what it should be.

    Raises:
        PaperError: a line for each fault.
    """
    data, lines, twice = read(path, PaperError)
    refuse(path, lines, twice or faults(kind, data))
    return kind.model_validate_json(json.dumps(data)), lines


def refuse(path: Path, lines: dict[Key, int], found: Iterable[Fault]) -> None:
    """Raise ``PaperError`` if there is any fault."""
    found = list(found)
    if found:
        raise PaperError(format_faults(path, lines, found))
