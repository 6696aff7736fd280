"""What differs between two runs, two studies or two commits: ``cxv diff``."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from cxv.cli.compared import Compared, Number
from cxv.cli.diff_commits import diff_commits
from cxv.cli.diff_runs import diff_runs
from cxv.cli.diff_studies import diff_studies
from cxv.config.grid import ALL, Params
from cxv.errors import UserError
from cxv.records.commit import is_commit
from cxv.records.run_names import LISTED, record_path


def diff(params: Params, left: str, right: str, *, results: Path) -> Compared:
    """Return what differs between two names of one kind.

    Args:
        params: the whole grid.
        left: a study, the id or the record of a run, or a commit.
        right: another of the same kind.
        results: the folder of all records.

    Raises:
        UserError: they are not of one kind, or unknown.
    """
    names = (left, right)
    if all(name in (*params.studies, ALL) for name in names):
        return diff_studies(params, left, right, results=results)
    paths = [record_path(name, results) for name in names]
    if paths[0] and paths[1]:
        return diff_runs(paths[0], paths[1], results=results)
    if all(map(is_commit, names)):
        return diff_commits(left, right)
    raise UserError(_unknown(params, names, results))


def _unknown(params: Params, names: tuple[str, str], results: Path) -> str:
    """Say what each name is, and what there is."""
    made = sorted(
        id for study in params.studies for id in params.runs(study) if record_path(id, results)
    )
    made = list(dict.fromkeys(made))
    more = f" and {len(made) - LISTED} more" if len(made) > LISTED else ""
    kinds = "; ".join(f"{name!r} is {_kind(params, name, results)}" for name in names)
    return (
        f"{kinds}: give two studies, two runs or two commits of git\n"
        f"  studies: {', '.join(params.studies)}\n"
        f"  runs that are made: {', '.join(made[:LISTED]) or 'none'}{more}"
    )


def _kind(params: Params, name: str, results: Path) -> str:
    if name in (*params.studies, ALL):
        return "a study"
    if record_path(name, results):
        return "a run"
    return "a commit" if is_commit(name) else "unknown"


def as_json(found: Compared) -> str:
    """Return it for other programs; intervals are 95 %."""
    fields = {
        "kind": found.kind,
        "left": found.left,
        "right": found.right,
        "changes": [change.as_json() for change in found.changes],
        "numbers": [number.as_json() for number in found.numbers],
        "notes": found.notes,
    }
    return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"


def listing(found: Compared) -> str:
    """Return it for people."""
    lines = [f"{found.kind}: {found.left} -> {found.right}"]
    for kind, changes in groupby(found.changes, key=lambda change: change.kind):
        lines += ["", f"{kind}:", *(f"  {change}" for change in changes)]
    if not found.changes:
        lines += ["", "specification, code, data and environment: the same"]
    if found.numbers:
        lines += ["", "numbers, with 95 % intervals in brackets:"]
        lines += [line for number in found.numbers for line in _said(number)]
    return "\n".join([*lines, *found.notes]) + "\n"


def _said(number: Number) -> Iterator[str]:
    yield f"  {number.name}: {number.left or 'none'} -> {number.right or 'none'}"
    if number.difference:
        yield f"    {number.difference}"
