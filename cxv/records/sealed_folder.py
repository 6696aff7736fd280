"""A sealed list of the files of a folder, such as a study's tables and reports."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from cxv.records.atomic_files import sha256_of, write
from cxv.records.receipt import RECEIPT
from cxv.records.seal import AlteredError, RecordError, read_sealed, sealed

NAME = "seal.json"


def seal_folder(folder: Path, files: Iterable[Path] | None = None) -> None:
    """Write down the SHA-256 of files below a folder, of all if none are given."""
    sealing = sealed_files(folder) if files is None else sorted(files)
    sums = {path.relative_to(folder).as_posix(): sha256_of(path) for path in sealing}
    write(folder / NAME, sealed(json.dumps({"sha256": sums})))


def alterations(folder: Path) -> Iterator[str]:
    """Say which files are not those that were sealed; of a folder without a seal, nothing."""
    if not (folder / NAME).exists():
        return
    try:
        sums: dict[str, str] = json.loads(read_sealed(folder / NAME))["sha256"]
    except (AlteredError, RecordError) as error:
        yield str(error)
        return
    for name, expected in sums.items():
        path = folder / name
        if not path.exists():
            yield f"{path}: missing"
        elif sha256_of(path) != expected:
            yield f"{path}: altered: its SHA-256 is not the one in {NAME}"


def files_below(folder: Path) -> list[Path]:
    """Return every file below a folder, in order, but for notes of Snakemake and the like."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")
    )


def sealed_files(folder: Path) -> list[Path]:
    """Return those that its seal names: neither the seal itself nor a receipt."""
    return [path for path in files_below(folder) if path.name not in {NAME, RECEIPT}]
