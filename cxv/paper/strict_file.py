"""Read a file of a paper's folder as what it should be, or say what is wrong with it."""

import json
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TypeVar

from cxv.config.strict_model import StrictModel
from cxv.config.yaml_file import Fault, Key, faults, format_faults, read
from cxv.errors import UserError

T = TypeVar("T", bound=StrictModel)


class PaperError(UserError):
    """A file of a paper's folder cannot be used; the message holds a line for each fault."""


def load_file(path: Path, kind: type[T], tags: Collection[str] = ()) -> tuple[T, dict[Key, int]]:
    """Return what a YAML file holds, and the line of every key.

    Args:
        path: of the file.
        kind: what it should be.
        tags: values that tell the members of its unions apart.

    Raises:
        PaperError: a line for each fault.
    """
    data, lines, twice = read(path, PaperError)
    refuse(path, lines, twice or faults(kind, data, tags))
    return kind.model_validate_json(json.dumps(data)), lines


def refuse(path: Path, lines: dict[Key, int], found: Iterable[Fault]) -> None:
    """Raise ``PaperError`` if there is any fault."""
    found = list(found)
    if found:
        raise PaperError(format_faults(path, lines, found))
