"""MLflow's store: where it is, and a first contact that waits for others and not for ever."""

import os
import socket
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock

from cxv.errors import UserError

WAIT_SECONDS = 240.0
"""How long a store is waited for, and the end of a training waits for what is pending: eight that
make a fresh store at once, on two busy cores, need more than a minute. Where no store can be,
``_first_contact`` says so and nothing waits."""

SQLITE = "sqlite:///"
HERE = f"{SQLITE}mlflow.db"  # what a plain `mlflow ui` in the project's root opens
HOST = "cxv.host"
"""The tag of the machine whose process logs a run while it trains."""
SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",  # says within seconds that a server is away
}


def tracking_uri() -> str:
    """Return the store that MLFLOW_TRACKING_URI names, or the one of the working folder."""
    return os.environ.get("MLFLOW_TRACKING_URI") or HERE


class Store:
    """A store of MLflow, made if need be. The first contact takes seconds."""

    def __init__(self, uri: str) -> None:
        for name, value in SETTINGS.items():
            os.environ.setdefault(name, value)
        self.alone = _first_contact(uri)
        self._file = _file(uri)
        import mlflow  # noqa: PLC0415 - takes 2.5 s, and reads the variables above

        self.mlflow = mlflow
        with self.alone:
            self.client = mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)
            self.client.search_experiments(max_results=1)

    def artifacts_of(self, experiment: str) -> str | None:
        """Return where the files of an experiment go: next to a store in a file; None: a server's.

        MLflow's own choice is below the folder that a program happens to run in.
        """
        if self._file is None:
            return None
        return (self._file.absolute().parent / "mlruns" / experiment).as_uri()

    def close_dead(self, alive: Collection[str]) -> list[str]:
        """Close what this machine left open and trains no longer; return the ids of these runs.

        A process that is killed without a word cannot say that its run has ended.

        Args:
            alive: the ids of the runs that train now.
        """
        running = f"attributes.status = 'RUNNING' and tags.`{HOST}` = '{socket.gethostname()}'"
        dead = [x for x in self.search(running) if x.data.tags.get("cxv.run") not in alive]
        for run in dead:
            self.client.set_tag(run.info.run_id, "cxv.status", "killed")
            self.client.set_terminated(run.info.run_id, "KILLED")
        return [run.data.tags["cxv.run"] for run in dead]

    def search(self, wanted: str, experiments: Collection[str] | None = None) -> Iterator[Any]:
        """Yield MLflow's runs that a filter lets through, of some or of all experiments."""
        if experiments is None:
            found = self.client.search_experiments(max_results=1000)
            experiments = [experiment.experiment_id for experiment in found]
        token = None
        while page := self.client.search_runs(
            list(experiments), wanted, max_results=1000, page_token=token
        ):
            yield from page
            if not (token := page.token):
                break


def _file(uri: str) -> Path | None:
    return Path(uri.removeprefix(SQLITE)) if uri.startswith(SQLITE) else None


def _first_contact(uri: str) -> AbstractContextManager[object]:
    """Let one process at a time create the tables and the experiment: MLflow's own do collide.

    A file that SQLite cannot use is a UserError at once; MLflow would try again for 100 s.
    """
    path = _file(uri)
    if path is None:
        return nullcontext()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as database:
            database.execute("PRAGMA schema_version")  # reads; a lock is waited for
    except (OSError, sqlite3.Error) as error:
        raise UserError(f"{path}: SQLite must be able to make and use it: {error}") from error
    return FileLock(f"{path}.lock")
