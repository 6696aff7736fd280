"""MLflow, for browsing: live curves while a run trains, and a mirror of the finished records.

No computation reads it back, so a lost or broken store costs nothing: ``mirror_all`` remakes it.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from filelock import FileLock

from cxv.errors import UserError
from cxv.grid import Params
from cxv.history import TimedEpoch, load_timed_history
from cxv.records import RecordError, RunRecord, flat
from cxv.spec import Run

logger = logging.getLogger(__name__)

STORE = "sqlite:///mlflow.db"  # what a plain `mlflow ui` in the project's root opens
# How long the end of a training waits: eight that make a fresh store at once, on two busy cores,
# need more than a minute. Where no store can be, ``_first_contact`` says so and nothing waits.
WAIT_SECONDS = 240.0
CURVES = ("loss", "top1", "lr", "images_per_second")  # of a TimedEpoch, drawn step by step
LOST = "%s: MLflow (%s) lacks part of it: %s; the training is unharmed, `snakemake track` mends it"


class Live:
    """Show a run in MLflow while it trains; the training never waits for MLflow or fails with it.

    One thread of its own does all the work, so ``log`` and ``finish`` return at once; importing
    MLflow there slows a training once, by some seconds (``benchmarks/tracking.py``). An error of
    MLflow is logged, once. Leaving the context waits ``WAIT_SECONDS`` at most for what is pending.
    """

    def __init__(
        self, run: Run, experiment: str, *, output: Path, data_sha256: str, store: str = STORE
    ) -> None:
        self._run, self._experiment, self._store = run, experiment, store
        self._tags = _identity(run, output) | {"cxv.data": data_sha256, "cxv.status": "running"}
        self._status = "finished"
        self._jobs: SimpleQueue[Callable[[_Attempt], None] | None] = SimpleQueue()
        self._worker = Thread(target=self._work, name="mlflow", daemon=True)

    def __enter__(self) -> "Live":
        """Start the thread."""
        self._worker.start()
        return self

    def log(self, *epochs: TimedEpoch) -> None:
        """Draw epochs; a resumed run first logs those of its former life."""
        self._jobs.put(lambda attempt: attempt.log(epochs))

    def finish(self, record: RunRecord) -> None:
        """Add the numbers of the record that the run has left."""
        self._status = record.status
        self._jobs.put(lambda attempt: attempt.finish(record))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End as finished, or as failed when an exception passes through."""
        self._jobs.put(lambda attempt: attempt.end("failed" if kind else self._status))
        self._jobs.put(None)
        self._worker.join(WAIT_SECONDS)
        if self._worker.is_alive():
            self._warn(f"no end after {WAIT_SECONDS:g} s")

    def _work(self) -> None:
        try:
            attempt = _Experiment(self._store, self._experiment).begin(self._run, self._tags)
            for job in iter(self._jobs.get, None):
                job(attempt)
        except Exception as error:  # whatever it is, training is worth more
            self._warn(error)

    def _warn(self, reason: object) -> None:
        logger.warning(LOST, self._run.id, self._store, reason)


def mirror_all(params: Params, runs: Path, *, store: str = STORE) -> None:
    """Mirror every record under ``runs`` that ``params`` asks for and MLflow lacks."""
    asked = {study: params.runs(study) for study in params.studies}
    for run, study in params.experiments().items():  # the links of a chain in order
        output = runs / run / "metrics.json"
        try:
            record = RunRecord.load(output, asked[study][run])
        except RecordError as error:
            logger.info("not mirrored: %s", error)
            continue
        history = load_timed_history(
            output.with_name("history.csv"), output.with_name("timing.csv")
        )
        mirror(record, history, study, output=output, store=store)


def mirror(
    record: RunRecord,
    epochs: Sequence[TimedEpoch],
    experiment: str,
    *,
    output: Path,
    store: str = STORE,
) -> None:
    """Write a finished run as ``Live`` would have, unless MLflow has it already, whole.

    A child names the MLflow run of its parent, which therefore comes first.
    """
    run, target = record.spec, _Experiment(store, experiment)
    tags = _identity(run, output) | _evidence(record)
    if target.shows(record, tags):
        return
    ended = epochs[-1].time if epochs else time.time()
    attempt = target.begin(run, tags, _ms(ended - record.stamp.seconds))
    attempt.log(epochs)
    attempt.finish(record)
    attempt.end(record.status, _ms(ended))


class _Experiment:
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

    def begin(self, run: Run, tags: Mapping[str, str], start_ms: int | None = None) -> "_Attempt":
        """Open an MLflow run in place of all former attempts at the same specification.

        Logging into a former run would double its points. It is deleted (``mlflow gc`` makes that
        final) before the new one is there: a kill in between leaves none, which ``mirror`` mends.
        """
        for former in self._attempts(run):
            self._client.delete_run(former.info.run_id)
        shown = {**tags, **self._parent(run)}
        created = self._client.create_run(self._id, start_ms, shown, run_name=run.id)
        attempt = _Attempt(self._mlflow, self._client, created.info.run_id)
        attempt.describe(run)
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


class _Attempt:
    """An open MLflow run. ``log_batch`` itself respects MLflow's limits on what it is given."""

    def __init__(self, mlflow: Any, client: Any, run_id: str) -> None:
        self._entities, self._client, self._run_id = mlflow.entities, client, run_id
        self._last_ms = _ms(time.time())

    def describe(self, run: Run) -> None:
        """Log the specification; the run's own phase has the same keys at any place in a chain."""
        spec = run.model_dump(mode="json", exclude={"phases"})
        spec["phase"] = run.phase.model_dump(mode="json")
        spec["chain"] = "/".join(run.links)
        params = [self._entities.Param(key, str(value)) for key, value in flat(spec).items()]
        self._client.log_batch(self._run_id, params=params)

    def log(self, epochs: Sequence[TimedEpoch]) -> None:
        """Log the curves, each point at the time when its epoch ended."""
        metrics = [
            self._entities.Metric(curve, getattr(epoch, curve), _ms(epoch.time), epoch.epoch)
            for epoch in epochs
            for curve in CURVES
        ]
        self._client.log_batch(self._run_id, metrics)
        self._last_ms = max((_ms(epoch.time) for epoch in epochs), default=self._last_ms)

    def finish(self, record: RunRecord) -> None:
        """Log the record's numbers at its last epoch, and the evidence it holds."""
        metric, when, step = self._entities.Metric, self._last_ms, record.outcome.epochs
        metrics = [metric(name, value, when, step) for name, value in _results(record).items()]
        tags = [self._entities.RunTag(key, value) for key, value in _evidence(record).items()]
        self._client.log_batch(self._run_id, metrics, tags=tags)

    def end(self, status: str, end_ms: int | None = None) -> None:
        """Close the run; one that diverged has finished, and its tag says how."""
        self._client.set_tag(self._run_id, "cxv.status", status)
        mlflow_status = "FAILED" if status == "failed" else "FINISHED"
        self._client.set_terminated(self._run_id, mlflow_status, end_ms)


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


def _identity(run: Run, output: Path) -> dict[str, str]:
    return {
        "cxv.run": run.id,
        "cxv.family": run.family,
        "cxv.spec": run.digest,
        "cxv.rule": "train",
        "cxv.output": output.as_posix(),
    }


def _evidence(record: RunRecord) -> dict[str, str]:
    return {
        "cxv.status": record.status,
        "cxv.commit": record.stamp.commit or "not a git checkout",
        "cxv.data": record.data_sha256,
    }


def _results(record: RunRecord) -> dict[str, float]:
    got, seconds = record.outcome, record.stamp.seconds
    found = {"test_top1": got.top1, "test_loss": got.loss, "epochs": got.epochs, "seconds": seconds}
    return {name: float(value) for name, value in found.items() if value is not None}


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
