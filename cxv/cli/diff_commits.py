"""What differs between two commits: as far as git has it, and DVC what git has by checksum."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import yaml

from cxv.cli.compared import Compared, Measured, Number
from cxv.config.load import CHOICE, MEANS
from cxv.config.strict_model import flat
from cxv.records.changes import Change, between
from cxv.records.code_hash import definitions_in
from cxv.records.commit import changed_files, file_at
from cxv.statistics import Interval


def diff_commits(left: str, right: str) -> Compared:
    """Compare two commits of the repository of the working folder."""
    commits = (left, right)
    data, no_data = _dvc("diff", "--show-hash", "--targets", "data/raw", between=commits)
    numbers, no_numbers = _dvc("metrics", "diff", between=commits)
    return Compared(
        "commits",
        left,
        right,
        (
            *between("specification", *map(_settings, commits)),
            *between("code", *(_definitions(commit, *commits) for commit in commits)),
            *_data(data),
            *between("environment", *map(_packages, commits)),
        ),
        tuple(_numbers(numbers)),
        tuple(f"not known: {fault}" for fault in (no_data, no_numbers) if fault),
    )


def _settings(commit: str) -> dict[str, Any]:
    """Return every value of the settings, by file and dotted key."""
    named = _yaml(commit, "params.yaml")
    files = {"params.yaml": named, CHOICE: _yaml(commit, CHOICE)}
    if paper := named.get("paper"):
        files[f"{paper}/{MEANS}"] = _yaml(commit, f"{paper}/{MEANS}")
    return {
        f"{file}: {key}": value for file, data in files.items() for key, value in flat(data).items()
    }


def _yaml(commit: str, path: str) -> dict[str, Any]:
    found = yaml.safe_load(file_at(commit, path) or "{}")
    return found if isinstance(found, dict) else {}


def _definitions(commit: str, left: str, right: str) -> dict[str, str]:
    """Return what the modules define that differ between both commits."""
    found: dict[str, str] = {}
    for path in changed_files(left, right, "cxv"):
        if path.endswith(".py"):
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            found |= definitions_in(module, file_at(commit, path))
    return found


def _packages(commit: str) -> dict[str, str]:
    """Return the versions of the lock file."""
    lines = file_at(commit, "requirements.lock").splitlines()
    pairs = (line.partition("==") for line in lines if "==" in line and line[0].isalnum())
    return {name.strip(): version.split()[0] for name, _, version in pairs}


def _data(found: dict[str, Any]) -> Iterator[Change]:
    """Yield the files of datasets that differ, with the MD5 by which DVC knows them."""
    for change, files in found.items():
        for one in files:
            if "/." in one["path"]:  # notes of Snakemake
                continue
            sides = {"added": (None, one["hash"]), "deleted": (one["hash"], None)}
            old, new = sides.get(change) or (one["hash"]["old"], one["hash"]["new"])
            yield Change("data", f"{one['path']}, MD5", old, new)


def _numbers(found: dict[str, Any]) -> Iterator[Number]:
    """Yield the mean top-1 of each row that differs, from the summaries that DVC keeps."""
    for path, values in sorted(found.items()):
        name = path.rpartition("/")[2].removesuffix(".json")
        sides = [_top1(values, side) for side in ("old", "new")]
        if sides[0] or sides[1]:
            yield Number(name, *sides)


def _top1(values: dict[str, Any], side: str) -> Measured | None:
    keys = ("top1", "top1_low", "top1_high")
    mean, low, high = (values.get(key, {}).get(side) for key in keys)
    if mean is None:
        return None
    interval = None if low is None or high is None else Interval(100 * low, 100 * high)
    return Measured(100 * mean, "%", interval)


def _dvc(*words: str, between: tuple[str, str]) -> tuple[dict[str, Any], str]:
    """Return what DVC finds between two commits, or why it finds nothing."""
    try:
        done = subprocess.run(
            ["dvc", *words, "--json", *between], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return {}, "data and numbers, as there is no dvc here"
    if done.returncode:
        return {}, done.stderr.strip()
    return json.loads(done.stdout or "{}"), ""
