"""Runs as MLflow stores them: one for each attempt at a specification, found again by its tags."""

import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock

from cxv.config.spec import Run
from cxv.config.strict_model import flat
from cxv.errors import UserError
from cxv.records.history import TimedEpoch
from cxv.records.run import RunRecord

WAIT_SECONDS = 240.0
"""How long a store is waited for, and the end of a training waits for what is pending: eight that
make a fresh store at once, on two busy cores, need more than a minute. Where no store can be,
``_first_contact`` says so and nothing waits."""

ENDINGS = {"failed": "FAILED", "interrupted": "KILLED"}
"""What MLflow calls an end that left no record."""

DIGEST = 36  # characters of a checksum that MLflow takes

CURVES = ("loss", "top1", "lr", "images_per_second")  # of a TimedEpoch, drawn step by step


class Experiment:
    """One experiment of a store, made if need be. The first contact takes seconds."""

    def __init__(self, store: str, name: str) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
        alone = _first_contact(store)
        import mlflow  # noqa: PLC0415 - takes 2.5 s, and reads the variables above

        self._mlflow = mlflow
        with alone:
            self._client = mlflow.MlflowClient(tracking_uri=store)
            known = self._client.get_experiment_by_name(name)
            self._id = known.experiment_id if known else self._client.create_experiment(name)
        if known and known.lifecycle_stage == "deleted":
            self._client.restore_experiment(self._id)

    def begin(self, run: Run, tags: Mapping[str, str], start_ms: int | None = None) -> "Attempt":
        """Open an MLflow run in place of all former attempts at the same specification.

        Logging into a former run would double its points. It is deleted (``mlflow gc`` makes that
        final) before the new one is there: a kill in between leaves none, which ``mirror`` mends.
        """
        for former in self._attempts(run):
            self._client.delete_run(former.info.run_id)
        shown = {**tags, **self._parent(run)}
        created = self._client.create_run(self._id, start_ms, shown, run_name=short_name(run))
        attempt = Attempt(self._mlflow, self._client, created.info.run_id)
        attempt.describe(run, tags)
        return attempt

    def shows(self, record: RunRecord, tags: Mapping[str, str]) -> bool:
        """Whether the one attempt at the record's run ended with the record's numbers."""
        wanted, results = {**tags, **self._parent(record.spec)}, _results(record)
        whole = [
            attempt.info.status == "FINISHED"
            and wanted.items() <= attempt.data.tags.items()
            and results.items() <= attempt.data.metrics.items()
            for attempt in self._attempts(record.spec)
        ]
        return whole == [True]

    def _parent(self, run: Run) -> dict[str, str]:
        attempts = self._attempts(run.parent) if run.parent else []
        return {"mlflow.parentRunId": attempts[0].info.run_id} if attempts else {}

    def _attempts(self, run: Run) -> list[Any]:
        same = f"tags.`cxv.run` = '{run.id}' and tags.`cxv.spec` = '{run.digest}'"
        return list(self._client.search_runs([self._id], same))


class Attempt:
    """An open MLflow run. ``log_batch`` itself respects MLflow's limits on what it is given."""

    def __init__(self, mlflow: Any, client: Any, run_id: str) -> None:
        self._entities, self._client, self._run_id = mlflow.entities, client, run_id
        self._last_ms = ms(time.time())

    def describe(self, run: Run, tags: Mapping[str, str]) -> None:
        """Log the dataset, and the specification: a phase has the same keys in any chain."""
        self._client.log_inputs(self._run_id, [self._input(run, tags["cxv.data"])])
        spec = run.model_dump(mode="json", exclude={"phases"})
        spec["phase"] = run.phase.model_dump(mode="json")
        spec["chain"] = "/".join(run.links)
        params = [self._entities.Param(key, str(value)) for key, value in flat(spec).items()]
        self._client.log_batch(self._run_id, params=params)

    def _input(self, run: Run, sha256: str) -> Any:
        entities, data = self._entities, run.dataset
        used = entities.Dataset(
            name=data.name,
            digest=sha256[:DIGEST],
            source_type=data.source,
            source=data.canonical(),
        )
        return entities.DatasetInput(used, [entities.InputTag("mlflow.data.context", "training")])

    def log(self, epochs: Sequence[TimedEpoch]) -> None:
        """Log the curves, each point at the time when its epoch ended."""
        metrics = [
            self._entities.Metric(curve, getattr(epoch, curve), ms(epoch.time), epoch.epoch)
            for epoch in epochs
            for curve in CURVES
        ]
        self._client.log_batch(self._run_id, metrics)
        self._last_ms = max((ms(epoch.time) for epoch in epochs), default=self._last_ms)

    def finish(self, record: RunRecord) -> None:
        """Log the record's numbers at its last epoch, and the evidence it holds."""
        metric, when, step = self._entities.Metric, self._last_ms, record.outcome.epochs
        metrics = [metric(name, value, when, step) for name, value in _results(record).items()]
        tags = [self._entities.RunTag(key, value) for key, value in evidence(record).items()]
        self._client.log_batch(self._run_id, metrics, tags=tags)

    def end(self, status: str, end_ms: int | None = None) -> None:
        """Close the run; one that diverged has finished, and its tag says how."""
        self._client.set_tag(self._run_id, "cxv.status", status)
        self._client.set_terminated(self._run_id, ENDINGS.get(status, "FINISHED"), end_ms)


def _first_contact(store: str) -> AbstractContextManager[object]:
    """Let one process at a time create the tables and the experiment: MLflow's own do collide.

    A file that SQLite cannot use is a UserError at once; MLflow would try again for 100 s.
    """
    path = store.removeprefix("sqlite:///")
    if path == store:
        return nullcontext()
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as database:
            database.execute("PRAGMA schema_version")  # reads; a lock is waited for
    except (OSError, sqlite3.Error) as error:
        raise UserError(f"{path}: SQLite must be able to make and use it: {error}") from error
    return FileLock(f"{path}.lock")


def identity(run: Run, output: Path) -> dict[str, str]:
    """Return the tags that tell a run from every other."""
    return {
        "cxv.run": run.id,
        "cxv.family": run.family,
        "cxv.spec": run.digest,
        "cxv.rule": "train",
        "cxv.output": output.as_posix(),
        "mlflow.source.type": "JOB",
        "mlflow.source.name": "cxv train",
        **columns(run),
    }


def columns(run: Run) -> dict[str, str]:
    """Return the tags by which people group and filter; each is a column of MLflow's table."""
    return {
        "dataset": run.dataset.name,
        "model": run.model.name,
        "variant": run.variant.name,
        "phases": ", ".join(phase.name for phase in run.phases),
        "seed": str(run.seed),
    }


def short_name(run: Run) -> str:
    """Return ``vit gelu · adamw, sgd · seed 0``: which of the runs of an experiment it is."""
    shown = columns(run)
    variant = f" {shown['variant']}" if run.variant.is_edited else ""
    return (
        f"{shown['model']}{variant} \N{MIDDLE DOT} {shown['phases']} \N{MIDDLE DOT} seed {run.seed}"
    )


def evidence(record: RunRecord) -> dict[str, str]:
    """Return the tags that say what a record was made with."""
    return {
        "cxv.status": record.status,
        "cxv.commit": record.stamp.commit or "not a git checkout",
        "mlflow.source.git.commit": record.stamp.commit or "",
        "device": record.stamp.device,
        "cxv.data": record.data_sha256,
    }


def _results(record: RunRecord) -> dict[str, float]:
    got, seconds = record.outcome, record.stamp.seconds
    found = {"test_top1": got.top1, "test_loss": got.loss, "epochs": got.epochs, "seconds": seconds}
    return {name: float(value) for name, value in found.items() if value is not None}


def ms(seconds: float) -> int:
    """Return a time as MLflow counts it, in milliseconds since 1970."""
    return round(seconds * 1000)
