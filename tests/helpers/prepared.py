"""Snakemake, DVC and cxv, started from a process that has imported what is slow to import.

Every command is a process of its own: its arguments, folder, environment, output and exit code
are those of the program that a user types. It shares only the memory of modules of other
packages; ``cxv`` and its plugin are imported after the start, from where the command finds them.

``programs()`` is a folder for the front of the PATH. What stands there asks the process for a
child, hands it its own input and output, waits until it is gone and ends with its exit code. So
the jobs that Snakemake starts, and the Snakemake that DVC starts, are prepared as well.
"""

import atexit
import gc
import json
import os
import runpy
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import NoReturn

OWN = ("cxv", "snakemake_logger_plugin_cxv")
IMPORTED = (
    *("snakemake.cli", "snakemake.persistence.file", "snakemake.dag", "snakemake.workflow"),
    *("dvc.cli", "dvc.repo", "dvc.repo.reproduce", "dvc.repo.push", "dvc.stage.run", "dvc.config"),
    *("torch", "torchvision", "numpy", "einops", "jaxtyping", "pydantic", "yaml", "rich.progress"),
    *("torch._dynamo", "fvcore.nn", "scipy.optimize", "scipy.stats", "sklearn.datasets", "jinja2"),
    *("matplotlib.figure", "mlflow", "mlflow.store.tracking.sqlalchemy_store", "threadpoolctl"),
)
BEFORE_IMPORTS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_LOGGING_LEVEL": "WARNING"}
"""What cxv sets before it imports MLflow."""
PROGRAMS = ("snakemake", "dvc", "python")
PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
FOR_KILL = signal.SIGUSR2
"""Who asks gets this signal for SIGKILL, which nobody can pass on."""
# By way of sh: the path of Python may hold spaces, which a first line cannot name.
ASKS = f"""\
#!/bin/sh
'''exec' "{sys.executable}" -IS "$0" "$@"
' '''
import json, os, signal, socket, sys
program, arguments = os.path.split(sys.argv[0])[1], sys.argv[1:]
if program == "python" and arguments[:2] != ["-m", "cxv"]:
    os.execv({sys.executable!r}, [{sys.executable!r}, *arguments])
order = dict(command=[program, *arguments], folder=os.getcwd(), environment=dict(os.environ))
with socket.socket(socket.AF_UNIX) as server:
    server.connect(os.path.join(os.path.dirname(sys.argv[0]), ".socket"))
    socket.send_fds(server, [b"-"], [0, 1, 2])
    server.sendall(json.dumps(order).encode())
    server.shutdown(socket.SHUT_WR)
    child = int(server.recv(10, socket.MSG_WAITALL))
    for number in {[*map(int, PASSED_ON)]}:
        signal.signal(number, lambda number, _: os.kill(child, number))
    signal.signal({int(FOR_KILL)}, lambda *_: os.kill(child, {int(signal.SIGKILL)}))
    said = b"".join(iter(lambda: server.recv(16), b""))
sys.exit(int(said or 255))
"""


@cache
def programs() -> Path:
    """Return a folder of prepared programs, made once for each test process."""
    folder = Path(tempfile.mkdtemp(prefix="prepared-"))
    atexit.register(shutil.rmtree, folder)
    for name in PROGRAMS:
        folder.joinpath(name).write_text(ASKS)
        folder.joinpath(name).chmod(0o755)
    server = subprocess.Popen(
        [sys.executable, __file__, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(server.communicate)
    assert server.stdout
    assert server.stdout.readline() == b"ready\n"
    return folder


class Process(subprocess.Popen[bytes]):
    """A prepared program; a signal reaches it, and not only who asked for it."""

    def send_signal(self, sig: int) -> None:
        super().send_signal(FOR_KILL if sig == signal.SIGKILL else sig)


def serve(folder: Path) -> None:
    """Start a process for each program that asks, until the input ends."""
    os.environ.update(BEFORE_IMPORTS | os.environ)
    with warnings.catch_warnings(action="ignore"):
        for name in IMPORTED:
            import_module(name)
    assert not sys.modules.keys() & set(OWN)
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as asked, selectors.DefaultSelector() as heard:
        asked.bind(str(folder / ".socket"))
        asked.listen()
        os.write(1, b"ready\n")
        heard.register(asked, selectors.EVENT_READ)
        heard.register(0, selectors.EVENT_READ)
        started: set[int] = set()
        while all(key.fileobj is asked for key, _ in heard.select()):
            connection, _ = asked.accept()
            child = os.fork()
            if not child:
                heard.close()
                asked.close()
                become(connection, folder)
            connection.close()
            started.add(child)
            started -= {pid for pid in started if os.waitpid(pid, os.WNOHANG)[0]}
    for pid in started:
        os.waitpid(pid, 0)


def become(connection: socket.socket, programs: Path) -> NoReturn:
    """Be the program that is asked for: as if it had been typed, down to what it inherits."""
    _, files, _, _ = socket.recv_fds(connection, 1, 3)
    order = json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    connection.sendall(b"%10d" % os.getpid())
    command, folder = order["command"], order["folder"]
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(order["environment"])
    limit_threads()
    place = Path(sys.executable).parent
    sys.executable = str(programs / "python")  # whose folder Snakemake puts first for its jobs
    if command[0] == "python":
        sys.argv, sys.path[0] = command[2:], folder
        code = ended(partial(runpy.run_module, command[2], run_name="__main__", alter_sys=True))
    else:
        sys.argv, sys.path[0] = [str(place / command[0]), *command[1:]], str(place)
        (entry,) = entry_points(group="console_scripts", name=command[0])
        code = ended(lambda: sys.exit(entry.load()()))
    connection.sendall(b"%d" % code)
    os._exit(code)


def ended(program: Callable[[], object]) -> int:
    """Run a program and end as Python does, except that memory is left to the system.

    To take the objects of so many modules apart, one by one, takes a second.
    """
    code: object = 0
    try:
        program()
    except SystemExit as stop:
        code = stop.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    if not isinstance(code, int):
        sys.stderr.write(f"{code}\n")
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def limit_threads() -> None:
    """Compute with as many threads as Snakemake grants a job; libraries read it when they load."""
    granted = os.environ.get("OMP_NUM_THREADS")
    if granted:
        sys.modules["torch"].set_num_threads(int(granted))
        sys.modules["threadpoolctl"].threadpool_limits(int(granted), user_api="blas")


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
