"""What ``dvc.lock`` keeps and what it claims, which are two things.

It keeps which bytes the folders of DVC hold: of all studies. It claims that the study which
``study.yaml`` names was made from the code and the settings that it lists: of one study.
"""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from cxv.records.atomic_files import write

LOCK = Path("dvc.lock")
IN_GIT = (LOCK, Path("params.yaml"), Path("study.yaml"), Path(".dvc/config"))
"""What leads from a commit of git to the results and to how they were made."""
CLAIMS = ("deps", "params")
"""Of a stage: without them DVC takes it for changed, and keeps its outputs all the same."""


def commit(*, claimed: bool) -> bool:
    """Put all outputs into DVC's cache; say whether that succeeded.

    Args:
        claimed: whether the study that ``study.yaml`` names is up to date. If it is not, or nobody
            knows, ``dvc status`` says that it has changed, and ``dvc repro`` makes it.
    """
    done = subprocess.run(["dvc", "commit", "--force", "--quiet"], check=False)
    if done.returncode == 0 and not claimed:
        _withdraw_claims()
    return done.returncode == 0


def claims() -> bool:
    """Tell whether the study that ``study.yaml`` names was made, as far as DVC knows."""
    return LOCK.exists() and any("deps" in stage for stage in _read()["stages"].values())


def awaits_pull(results: Path) -> bool:
    """Tell whether the lock lists results that are not here, as in a clone before ``dvc pull``.

    They are not in DVC's cache either, whatever was made here since; or somebody has deleted them.
    """
    if not LOCK.exists():
        return False
    cache = subprocess.run(["dvc", "cache", "dir"], capture_output=True, text=True, check=False)
    listed = [
        out["md5"]
        for stage in _read()["stages"].values()
        for out in stage.get("outs", [])
        if out["path"] == str(results)
    ]
    kept = Path(cache.stdout.strip(), "files", "md5")
    missing = [md5 for md5 in listed if not (kept / md5[:2] / md5[2:]).exists()]
    return bool(missing) or not any(results.iterdir())


def nothing_to_do(study: str) -> bool:
    """Ask Snakemake whether a study is up to date."""
    command = ["snakemake", "--cores", "1", "--dry-run", "--", study]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "Nothing to be done" in done.stdout + done.stderr


def _read() -> dict[str, Any]:
    return yaml.safe_load(LOCK.read_text())


def _withdraw_claims() -> None:
    lock = _read()
    for stage in lock["stages"].values():
        for claim in CLAIMS:
            stage.pop(claim, None)
    write(LOCK, yaml.safe_dump(lock, sort_keys=False))


def not_in_git() -> list[str]:
    """Return which files a commit of git is to have, and the last one has not as they are."""
    command = ["git", "status", "--porcelain", "-z", "--", *map(str, IN_GIT)]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return [line[3:] for line in said.split("\0") if line]
