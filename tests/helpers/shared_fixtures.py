"""Fixtures that several test modules share."""

import os
import shutil
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import jaxtyping
import pytest
import small_archives
import torch
from built import built_once
from torch import nn
from tracked import client
from trained import Silent, Train, outputs

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.config.spec import Dataset, Run
from cxv.data.sources import fetch
from cxv.records.identity import TrainingIdentity
from cxv.records.run import RunRecord
from cxv.training import run as training_run

ROOT = Path(__file__).resolve().parents[2]

if "PYTEST_XDIST_WORKER" in os.environ:
    torch.set_num_threads(1)  # as many test processes as cores: their threads would only wait


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the datasets' archives: CXV_MIRROR, or else small ones of our making."""
    folder = os.environ.get("CXV_MIRROR")
    if folder:
        return Path(folder)
    return built_once(tmp_path_factory, "archives", small_archives.write_all)


@pytest.fixture
def official(mirror: Path) -> Path:
    """A folder with the official CIFAR-10, whose checksums only the real bytes have."""
    if not any(mirror.glob("cifar-10-python.t*")):
        pytest.skip("CXV_MIRROR names no folder with the official CIFAR-10")
    return mirror


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test take what another one has computed."""
    monkeypatch.setenv("CXV_STORE", str(tmp_path / "finished_jobs"))


@pytest.fixture(autouse=True)
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files be whole without waiting for the disk: no test cuts the power."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Spare networks this small the waiting of threads for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def params() -> Params:
    """The shipped params.yaml."""
    return load(ROOT / "params.yaml")


class Fetched(NamedTuple):
    """The two files of a dataset."""

    images: Path
    manifest: Path


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Fetched:
    """A few real scans of each digit: 200 to train, 100 to test."""
    folder = tmp_path_factory.mktemp("digits")
    files = Fetched(folder / "images.pt", folder / "manifest.json")
    fetch(
        digits_spec(), images=files.images, manifest=files.manifest, downloads=folder, mirror=None
    )
    return files


def digits_spec() -> Dataset:
    return Dataset.model_validate_json(
        '{"name": "digits", "source": "digits", "per_class": {"train": 20, "test": 10}}'
    )


@pytest.fixture(scope="session")
def run(params: Params) -> Run:
    """The small CPV under DualOpT on those scans: its AdamW link has 8 epochs, its SGD link 5."""
    run = params.runs("small")["digits/cpv_small/base/s0/adamw_demo/sgd_demo"]
    return run.model_copy(update={"dataset": digits_spec()})


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the checks of shapes: where a network is traced they take most of the time."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture
def one_trace(unchecked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trace a network once for all conventions of MACs."""
    with warnings.catch_warnings(action="ignore"):  # of what fvcore does when it is imported
        jit_analysis = import_module("fvcore.nn.jit_analysis")
    trace = jit_analysis._get_scoped_trace_graph
    traces: dict[nn.Module, Any] = {}

    def traced(model: nn.Module, *rest: Any) -> Any:
        if model not in traces:
            traces[model] = trace(model, *rest)
        return traces[model]

    monkeypatch.setattr(jit_analysis, "_get_scoped_trace_graph", traced)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of MLflow with its tables and nothing in them: making one takes seconds."""

    def make(path: Path) -> None:
        client(f"sqlite:///{path}").search_experiments()

    return built_once(tmp_path_factory, "mlflow.db", make)


@pytest.fixture
def store(tables: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(tables, tmp_path / 'mlflow.db')}"


@pytest.fixture
def train(digits: Fetched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Train a run into a folder of its own, MLflow left out."""
    monkeypatch.setattr(training_run, "Live", Silent)

    def trained(
        run: Run, folder: str = "out", before: Run | None = None, every_seconds: float = 300.0
    ) -> RunRecord:
        start = None
        if before:
            files = outputs(tmp_path / folder / before.id)
            start = training_run.load_before(before, files.metrics, files.checkpoint)
        record = training_run.train(
            run,
            images=digits.images,
            manifest=digits.manifest,
            before=start,
            out=outputs(tmp_path / folder / run.id),
            shown=training_run.Shown("tests", outputs(tmp_path / folder / run.id).metrics),
            code="none",
            device=torch.device("cpu"),
            unfinished=training_run.Unfinished(tmp_path / "unfinished", every_seconds),
        )
        identity = TrainingIdentity(
            run=run.on_any_device,
            precision=record.stamp.precision,
            code="none",
            data_sha256=record.data_sha256,
            parent_sha256=record.parent_sha256,
        )
        identity.state_in(tmp_path / "unfinished").unlink(missing_ok=True)  # as the job does
        return record

    return trained
