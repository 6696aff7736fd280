"""A workflow of three files whose outputs are set aside as the study's are."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from processes import wait_for
from shared_fixtures import ROOT

SNAKEFILE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from workflow import interruptions, last_good

if workflow.is_main_process:
    held = interruptions.continue_work()
last_good.keep_outputs(decides=workflow.is_main_process)

rule shown:
    input: "made/file"
    output: "shown/table"
    shell: "cat made/file > {{output}}"

rule made:
    output: "made/file", directory("made/folder")
    params: (Path("settings").read_text(),)
    shell: "mkdir made/folder; cp settings made/file; cp settings made/folder/x; sh job"

onstart:
    last_good.remove_unfinished(workflow.dag.needrun_jobs())
    if Path("withdraws").exists():
        last_good.withdraw([Path("shown/table")], ["made/file"])
onsuccess:
    last_good.put_back([])
onerror:
    last_good.put_back(workflow.dag.needrun_jobs())
"""
GOOD = {"made/file": b"one", "made/folder/x": b"one", "shown/table": b"one"}


class Small:
    """A folder with three files to make, in seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("Snakefile", SNAKEFILE)
        self.write("settings", "one")
        self.write("job", "exit 0")

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def make(self, code: int = 0, *more: str) -> str:
        done = subprocess.run(
            self.command(*more), cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def kill(self, leaves: str = "true", end: int = signal.SIGKILL) -> None:
        """End a command and its job, which has run a line of shell before."""
        self.write("job", f"{leaves}; touch began; exec sleep 600")
        killed = subprocess.Popen(
            self.command(),
            cwd=self.folder,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=hear_interrupt,  # noqa: PLW1509 - it takes no lock
        )
        try:
            wait_for((self.folder / "began").exists, 100)
        finally:
            os.killpg(killed.pid, end)
            killed.wait(100)

    def command(self, *more: str) -> list[str]:
        return [sys.executable, "-m", "snakemake", "-c1", "shown/table", *more]

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for name in ("made", "shown")
            for path in sorted((self.folder / name).rglob("*"))
            if path.is_file() and path.name[0] != "."
        }

    def aside(self) -> list[Path]:
        return [*(self.folder / ".cxv/last_good").glob("*")]


def hear_interrupt() -> None:
    """Undo what a shell does to programs in the background: they would not hear Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
