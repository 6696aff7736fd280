"""Which definitions are behind a fingerprint: ``results/code/<fingerprint>.json``.

A record names its code by a fingerprint alone. The file of that fingerprint, which all records of
the same code share, lets a later command name the function that was edited since.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cxv.config.strict_model import StrictModel
from cxv.records.atomic_files import write
from cxv.records.changes import Change, between
from cxv.records.code_hash import definitions, definitions_in, fingerprint
from cxv.records.commit import file_at
from cxv.records.job import Job
from cxv.records.record import Stamp
from cxv.records.seal import RecordError, read_sealed, sealed

FOLDER = "code"
"""Below the folder of results."""

UNKNOWN = "fingerprint (its definitions are not known)"
"""Names a change of code whose definitions neither the results nor git have."""


class CodeRecord(StrictModel):
    """A digest of each definition, by its name: ``cxv.statistics:mean``."""

    definitions: dict[str, str]


def keep_definitions(results: Path, *entries: str) -> None:
    """Write the file of the code behind entries, once, whole or not at all."""
    path = _path(results, fingerprint(*entries))
    if kept_definitions(results, path.stem) is None:
        found = CodeRecord(definitions=definitions(*entries))
        write(path, sealed(found.model_dump_json()))


def kept_definitions(results: Path, code: str) -> Mapping[str, str] | None:
    """Return the definitions behind a fingerprint; None without an unaltered file of it."""
    try:
        text = read_sealed(_path(results, code))
        return CodeRecord.model_validate_json(text).definitions
    except (OSError, RecordError, ValidationError):
        return None


def code_changes(job: Job[Any, Any], made: Stamp, results: Path) -> tuple[Change, ...]:
    """Return the definitions that a record's code and the code now have not in common.

    Those of the record are in the folder of results; without them, git has the text of what is
    defined now, but does not tell what was removed.
    """
    return changes_since(made.code, job.entries, results, None if made.dirty else made.commit)


def changes_since(
    code: str, entries: tuple[str, ...], results: Path, commit: str | None
) -> tuple[Change, ...]:
    """Return the same for the fingerprint of any code; ``commit`` is what it was made at."""
    now = fingerprint(*entries)
    if code == now:
        return ()
    before = _definitions(code, entries, results, commit)
    found = between("code", before, definitions(*entries)) if before else ()
    return found or (Change("code", UNKNOWN, code, now),)


def definitions_of(job: Job[Any, Any], made: Stamp, results: Path) -> Mapping[str, str] | None:
    """Return the definitions behind a record; None if they are not known."""
    if made.code == job.code:
        return definitions(*job.entries)
    return _definitions(made.code, job.entries, results, None if made.dirty else made.commit)


def _definitions(
    code: str, entries: tuple[str, ...], results: Path, commit: str | None
) -> Mapping[str, str] | None:
    kept = kept_definitions(results, code)
    if kept is None and commit:
        return _at_commit(commit, definitions(*entries)) or None
    return kept


def _at_commit(commit: str, names: Mapping[str, str]) -> dict[str, str]:
    """Return the digests that definitions had at a commit, of those that it has."""
    found: dict[str, str] = {}
    for module in {name.partition(":")[0] for name in names}:
        found |= definitions_in(module, _text_at(commit, module))
    return {name: digest for name, digest in found.items() if name in names}


def _text_at(commit: str, module: str) -> str:
    path = module.replace(".", "/")
    return file_at(commit, f"{path}.py") or file_at(commit, f"{path}/__init__.py")


def _path(results: Path, code: str) -> Path:
    return results / FOLDER / f"{code}.json"
