"""Let Snakemake's knowledge of how a file was made travel with the file.

Snakemake keeps its records in ``.snakemake``, private to one checkout, and falls back on file
times without them; neither git nor DVC keeps file times. So a copy of the records is stored
with the outputs, as ``.provenance.json`` inside the folders that DVC versions. After a clone and a
pull, a checkout or a switch of branches, Snakemake compares parameters, code and checksums as if it
had made the files here.

The records are read and written through Snakemake's own class, which is not a public interface:
``pyproject.toml`` pins Snakemake, and tests/workflow/test_contracts.py fails if this stops working.
"""

import csv
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from snakemake.persistence import MetadataRecord
from snakemake.persistence.file import FilePersistence

from cxv.records.atomic_files import write

NAME = ".provenance.json"
SEEN = Path(".snakemake/provenance.json")
"""Digest of every shard as last read or written here."""

PRIVATE = {"external_jobid", "incomplete", "job_hash", "starttime", "endtime"}
"""Fields that differ from one making of the same file to the next."""


def load(roots: Iterable[Path]) -> None:
    """Take over the shards that changed since this checkout last looked."""
    seen, shards = _seen(), dict(_shards(roots))
    changed = [path for path, text in shards.items() if seen.get(str(path)) != _digest(text)]
    if changed:
        store = FilePersistence(nolock=True)
        for path in changed:
            for name, fields in json.loads(shards[path]).items():
                store._write_record(str(path.parent / name), MetadataRecord(**fields))
        _remember(shards)


def save(roots: Iterable[Path]) -> None:
    """Write a shard next to all files that this checkout has records of."""
    store = FilePersistence(nolock=True)
    shards: dict[Path, str] = {}
    for folder, names in _folders(roots):
        records = {
            name: record.model_dump(exclude=PRIVATE, exclude_none=True)
            for name in sorted(names)
            if name != NAME and (record := store._read_record(str(folder / name)))
        }
        if records:
            shards[folder / NAME] = json.dumps(records, indent=1, sort_keys=True) + "\n"
    for path, text in shards.items():
        if not path.exists() or path.read_text() != text:
            write(path, text)
    _remember(shards)


def sources(table: Path) -> set[str]:
    """Return the records that the cells of a ``table.csv`` were made from; none of what is none."""
    if not table.exists():
        return set()
    with table.open(newline="", errors="replace") as file:
        named = [cell.get("sources") or "" for cell in csv.DictReader(file)]
    return {source.partition("#")[0] for text in named for source in text.split()}


def _folders(roots: Iterable[Path]) -> Iterator[tuple[Path, list[str]]]:
    for root in roots:
        for folder, folders, files in os.walk(root):
            yield Path(folder), [*files, *folders]  # a folder may be an output as a whole


def _shards(roots: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for folder, names in _folders(roots):
        if NAME in names:
            yield folder / NAME, (folder / NAME).read_text()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _seen() -> dict[str, str]:
    try:
        return json.loads(SEEN.read_text())
    except (FileNotFoundError, ValueError):
        return {}


def _remember(shards: dict[Path, str]) -> None:
    digests = {str(path): _digest(text) for path, text in shards.items()}
    write(SEEN, json.dumps(_seen() | digests, indent=0, sort_keys=True))
