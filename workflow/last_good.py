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


def withdraw(paths: Sequence[Path], sources: Iterable[str], *, keep: bool = True) -> None:
    """Set files aside until this command ends; they show what ``sources``, other files, hold.

    Where that fails they are removed, as Snakemake would: an old number must not stay.

    Args:
        paths: of the files.
        sources: of what they show.
        keep: not what was altered, or shows it: nothing proves it any more.
    """
    if keep:
        set_aside(paths, sources)
    else:
        _drop(_folder_of(paths))
    for path in paths:
        _remove(path)
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


def remove_unfinished(jobs: Iterable[Any]) -> None:
    """Remove what killed jobs have left of outputs that a plan makes: no good run left that.

    Snakemake would, but for a job in a process of its own these notes look like those of its start.
    """
    paths = [str(path) for job in jobs for path in _outputs(job)]
    for path in FilePersistence(nolock=True)._filter_incomplete_keys(paths):
        _remove(Path(path))


def set_aside(paths: Sequence[Path], sources: Iterable[str] = ()) -> None:
    """Move what there is of some files and folders out of the way, all or none.

    What a killed job has left, after these were set aside for it, stays: it is none of a good run.
    None, where they lie on another disk than this folder: to copy large tensors takes too long.
    """
    folder = _folder_of(paths)
    note = _note(folder) or _new_note(folder, paths, sources)
    for number, path in enumerate(note["paths"]):
        if os.path.lexists(path) and not os.path.lexists(folder / str(number)):
            try:
                Path(path).rename(folder / str(number))
            except OSError:
                _put_back(folder)
                return


def _new_note(folder: Path, paths: Sequence[Path], sources: Iterable[str]) -> dict[str, Any]:
    """Write down which files there are, and how they were made, before the first is moved."""
    there = [str(path) for path in paths if os.path.lexists(path)]
    if not there:
        return {"paths": []}
    _drop(folder)
    folder.mkdir(parents=True)
    known = FilePersistence(nolock=True)
    records = {path: known._read_record(path) for path in there}
    note = {
        "paths": there,
        "records": {path: one and one.model_dump(mode="json") for path, one in records.items()},
        "sources": {str(source): _state(source) for source in sources},
    }
    write(folder / NOTE, json.dumps(note))
    return note


def _note(folder: Path) -> Any:
    """Return what was set aside in a folder; None: nothing was."""
    try:
        return json.loads((folder / NOTE).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _put_back(folder: Path) -> None:
    """Move files back, with their records, unless they were made again or show others."""
    note = _note(folder)
    if note is None:
        _drop(folder)
        return
    known = FilePersistence(nolock=True)
    aside = [(folder / str(number), Path(path)) for number, path in enumerate(note["paths"])]
    moved = [(kept, path) for kept, path in aside if os.path.lexists(kept)]
    unfinished = known._filter_incomplete_keys(str(path) for _, path in moved)
    again = [path for _, path in moved if os.path.lexists(path) and str(path) not in unfinished]
    if not again and all(_state(source) == state for source, state in note["sources"].items()):
        for path, record in note["records"].items():  # first: a kill must leave no file without it
            _tell(known, path, record)
        for kept, path in moved:
            _remove(path)
            path.parent.mkdir(parents=True, exist_ok=True)
            kept.rename(path)
    _drop(folder)


def _tell(known: FilePersistence, path: str, record: dict[str, Any] | None) -> None:
    """Let Snakemake know how a file was made; None: nobody knows, whatever failed since."""
    known._unmark_incomplete(path)
    if record:
        known._write_record(path, MetadataRecord(**record))
    else:
        known._delete_record(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _drop(folder: Path) -> None:
    (folder / NOTE).unlink(missing_ok=True)  # first: alone, it would tell of what is in place now
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
