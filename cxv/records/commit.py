"""The state of the code in git."""

import subprocess
from pathlib import Path


def commit() -> tuple[str | None, bool]:
    """Return the commit of the code, and whether tracked files differ from it."""
    found = _git("rev-parse", "HEAD")
    return found or None, bool(_git("status", "--porcelain", "--untracked-files=no"))


def _git(*arguments: str) -> str:
    folder = Path(__file__).resolve().parents[2]
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # no git: an unpacked archive
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
