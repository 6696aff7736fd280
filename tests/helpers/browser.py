"""A page in a real browser, and what a script reads of it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "chrome", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

READ = """
const table = document.querySelector("main table");
const rows = () => [...table.querySelectorAll("tbody tr:not(.group)")].filter((row) => !row.hidden);
const column = (index) => rows().map((row) => row.cells[index].innerText.trim());
const found = {};
"""
"""What the scripts below have at hand."""

DONE = "document.title = JSON.stringify(found);"


def ran(page: Path, script: str, finish: str = DONE) -> dict[str, Any]:
    """Open a copy of the page, run a script at its end; return what it put into ``found``."""
    appended = f"<script>{READ}{script}; {finish}</script>"
    copy = page.with_name("copy.html")
    copy.write_text(page.read_text().replace("</body>", f"{appended}</body>"))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--dump-dom"]
    quiet = ["--disable-background-networking", f"--user-data-dir={page.parent / 'profile'}"]
    logged = ["--enable-logging=stderr", "--v=0"]
    done = subprocess.run(
        [str(CHROMIUM), *flags, *quiet, *logged, copy.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr, done.stderr
    title = done.stdout.partition("<title>")[2].partition("</title>")[0]
    read: dict[str, Any] = json.loads(title)
    return read
