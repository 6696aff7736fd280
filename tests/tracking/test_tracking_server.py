"""A server of MLflow in place of a file."""

import shutil
import socket
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from processes import running, wait_for
from tracked import chain, client, curve, show, shown

from cxv.tracking.store import HERE, tracking_uri

pytestmark = pytest.mark.slow


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/health", timeout=10):  # noqa: S310 - a server of this test
            return True
    except (URLError, OSError):
        return False


def test_a_server_gets_runs_and_files_once(tables: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    url, place = f"http://127.0.0.1:{port}", ("--host", "127.0.0.1", "--port", port)
    stored = (
        "--backend-store-uri",
        f"sqlite:///{shutil.copy(tables, tmp_path)}",
        "--artifacts-destination",
        "files",
    )
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    command = ("mlflow", "server", *place, *stored, "--workers", "1")
    with running(*command, cwd=tmp_path, variables=quiet) as server:
        wait_for(lambda: answers(url), 240, server)
        ids = [show(chain(tmp_path / "runs"), url) for _ in range(2)]
        (run,) = shown(url)
        assert ids == [run.info.run_id] * 2
        assert [step for step, _, _ in curve(url, run)] == [1, 2, 3, 4, 5]
        (file,) = client(url).list_artifacts(run.info.run_id)
        assert file.path == "shown.txt"
    assert [path.name for path in (tmp_path / "files").rglob("*.txt")] == ["shown.txt"]


def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    assert tracking_uri() == "http://127.0.0.1:1"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert tracking_uri() == HERE
