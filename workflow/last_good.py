"""What the last good run left is set aside while jobs make it again, and put back if they fail.

Snakemake removes the outputs of a job before it starts, and what there is of them when it failed.
So a broken photo in a folder would cost the dataset, and with it every report. Here outputs are
moved to ``.cxv/last_good`` before, together with Snakemake's records of how they were made, and
moved back afterwards: they are what they were, and the next command sees that they are out of date.

A table or a report that shows a record which has been made again meanwhile is not put back.
``Job`` is no public interface: ``pyproject.toml`` pins Snakemake, and
tests/workflow/test_last_good.py fails if this stops working.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from snakemake.jobs import Job
from snakemake.persistence import MetadataRecord
from snakemake.persistence.file import FilePersistence

from cxv.records.atomic_files import write

FOLDER = Path(".cxv/last_good")
NOTE = "note.json"

_remove_existing_output, _postprocess = Job.remove_existing_output, Job.postprocess
_mine: list[Path] = []
"""Folders of what this command has withdrawn."""


def keep_outputs(*, decides: bool) -> None:
    """Let Snakemake set the outputs of jobs aside instead of removing them.

    Args:
        decides: whether this process learns what becomes of a job: the command itself, and not
            the Snakemake that it starts for one.
    """

    async def remove_existing_output(job: Any) -> None:
        set_aside(_outputs(job))
        await _remove_existing_output(job)

    async def postprocess(job: Any, *args: Any, error: bool = False, **kwargs: Any) -> None:
        await _postprocess(job, *args, error=error, **kwargs)
        finish = _put_back if error else _drop
        finish(_folder_of(_outputs(job)))

    Job.remove_existing_output = remove_existing_output
    if decides:
        Job.postprocess = postprocess


def withdraw(paths: Sequence[Path], sources: Iterable[str]) -> None:
    """Set files aside until this command ends; they show what ``sources``, other files, hold."""
    set_aside(paths, sources)
    _mine.append(_folder_of(paths))


def put_back(jobs: Iterable[Any]) -> None:
    """Put back what this command set aside and did not make again.

    Args:
        jobs: those of its plan; Ctrl-C ends some without a word to Snakemake.
    """
    for folder in [*(_folder_of(_outputs(job)) for job in jobs), *_mine]:
        _put_back(folder)


def put_back_of_dead_commands() -> None:
    """Put back what killed commands have set aside; for a command that is alone in its folder."""
    for folder in sorted(FOLDER.glob("*")):
        _put_back(folder)


def set_aside(paths: Sequence[Path], sources: Iterable[str] = ()) -> None:
    """Move what there is of some files and folders out of the way, all or none.

    None, where they lie on another disk than this folder: to copy large tensors takes too long.
    """
    there = [path for path in paths if os.path.lexists(path)]
    if not there:
        return
    folder, known = _folder_of(paths), FilePersistence(nolock=True)
    _drop(folder)
    folder.mkdir(parents=True)
    records = {str(path): known._read_record(str(path)) for path in there}
    note = {
        "paths": [str(path) for path in there],
        "records": {path: one.model_dump(mode="json") for path, one in records.items() if one},
        "sources": {str(source): _state(source) for source in sources},
    }
    write(folder / NOTE, json.dumps(note))
    for number, path in enumerate(there):
        try:
            path.rename(folder / str(number))
        except OSError:
            _put_back(folder)
            return


def _put_back(folder: Path) -> None:
    """Move files back, with their records, unless they were made again or show others."""
    try:
        note = json.loads((folder / NOTE).read_bytes())
    except (OSError, ValueError):  # nothing was set aside
        _drop(folder)
        return
    aside = [(folder / str(number), Path(path)) for number, path in enumerate(note["paths"])]
    moved = [(kept, path) for kept, path in aside if os.path.lexists(kept)]
    same = all(_state(source) == state for source, state in note["sources"].items())
    if same and not any(os.path.lexists(path) for _, path in moved):
        known = FilePersistence(nolock=True)
        for kept, path in moved:
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.rename(path)
            known._unmark_incomplete(str(path))
        for path, record in note["records"].items():
            known._write_record(path, MetadataRecord(**record))
    _drop(folder)


def _drop(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _outputs(job: Any) -> list[Path]:
    return [Path(path) for path in job.output]


def _folder_of(paths: Iterable[Path]) -> Path:
    names = "\n".join(sorted(map(str, paths)))
    return FOLDER / hashlib.sha256(names.encode()).hexdigest()[:20]


def _state(path: str) -> list[int] | None:
    """Return what tells a file from one that was made in its place; None: there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns]
