"""The state of the code in git."""

import subprocess
from pathlib import Path


def commit() -> tuple[str | None, bool]:
    """Return the commit of the code, and whether tracked files differ from it."""
    found = _git("rev-parse", "HEAD")
    return found or None, bool(_git("status", "--porcelain", "--untracked-files=no"))


def file_at(commit: str, path: str) -> str:
    """Return the text of a file of the code at a commit; empty if git has none."""
    return _git("show", f"{commit}:./{path}")


def is_commit(name: str) -> bool:
    """Tell whether git knows a commit by a name."""
    return bool(_git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"))


def changed_files(left: str, right: str, folder: str) -> list[str]:
    """Return the paths below a folder of the code that differ between two commits."""
    names = _git("diff", "--name-only", "--relative", left, right, "--", folder)
    return names.splitlines()


def _git(*arguments: str) -> str:
    folder = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git: an unpacked archive
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
