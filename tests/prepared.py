"""Snakemake and DVC, started from a process that has imported what is slow to import.

Every command is a process of its own: its arguments, folder, environment, output and exit code
are those of the program that a user types. It shares only the memory of modules of other
packages; ``cxv`` and its plugin are imported after the start, from where the command finds them.
"""

import atexit
import gc
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

OWN = ("cxv", "snakemake_logger_plugin_cxv")
IMPORTED = (
    *("snakemake.cli", "snakemake.persistence.file", "snakemake.dag", "snakemake.workflow"),
    *("dvc.cli", "dvc.repo", "dvc.repo.reproduce", "dvc.repo.push", "dvc.stage.run", "dvc.config"),
    *("torch", "torchvision", "numpy", "einops", "jaxtyping", "pydantic", "yaml", "rich.progress"),
)
PROGRAMS = ("snakemake", "dvc")


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a program to its end; return its exit code and what it wrote."""
    with TemporaryDirectory() as place:
        said = [str(Path(place, name)) for name in ("stdout", "stderr")]
        order = {"command": command, "folder": str(folder), "environment": dict(environment)}
        server = _server()
        assert server.stdin
        assert server.stdout
        server.stdin.write(json.dumps(order | {"said": said}) + "\n")
        server.stdin.flush()
        code = int(server.stdout.readline())
        return code, "".join(Path(path).read_text() for path in said)


@cache
def _server() -> "subprocess.Popen[str]":
    """Start this file, once for each test process; it ends when its input does."""
    server = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    atexit.register(server.communicate)
    return server


def serve() -> None:
    """Start a process for each line of the input; answer with its exit code."""
    for name in IMPORTED:
        import_module(name)
    assert not sys.modules.keys() & set(OWN)
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(**json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def become(
    command: list[str], folder: str, environment: dict[str, str], said: list[str]
) -> NoReturn:
    """Be the program: what starts it and what it inherits are as if it had been typed."""
    for number, path in enumerate((os.devnull, *said)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT), number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    program = Path(sys.executable).with_name(command[0])
    sys.argv = [str(program), *command[1:]]
    sys.path[0] = str(program.parent)
    (entry,) = entry_points(group="console_scripts", name=command[0])
    sys.exit(entry.load()())


if __name__ == "__main__":
    serve()
