"""MLflow, for browsing: live curves while a run trains, and a mirror of the finished records.

No computation reads it back, so a lost or broken store costs nothing: ``mirror_all`` remakes it.
"""

import logging
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.errors import Stopped
from cxv.records.history import TimedEpoch, load_timed_history
from cxv.records.run import RunRecord
from cxv.records.seal import RecordError
from cxv.tracking.mlflow_runs import WAIT_SECONDS, Attempt, Experiment, evidence, identity, ms

logger = logging.getLogger(__name__)

STORE = "sqlite:///mlflow.db"  # what a plain `mlflow ui` in the project's root opens
AFTER_SECONDS = 60.0
"""Of training: hundreds of short ones need not each load MLflow."""
LOST = "%s: MLflow logging failed (%s): %s; training is not affected; run `snakemake track`"

NOT_INSTALLED = "%s: not shown in MLflow, which is not installed: pip install 'cxv[workflow]'"


class Live:
    """Show a run in MLflow while it trains; the training never waits for MLflow or fails with it.

    One thread of its own does all the work, so ``log`` and ``finish`` return at once; importing
    MLflow there slows a training once, by some seconds (``benchmarks/tracking.py``). So one that is
    over within ``after_seconds`` shows nothing: the workflow mirrors it when all are done. An error
    of MLflow is logged, once. Leaving the context waits for what is pending, not for ever.
    """

    def __init__(
        self,
        run: Run,
        experiment: str,
        *,
        output: Path,
        data_sha256: str,
        store: str = STORE,
        after_seconds: float = AFTER_SECONDS,
    ) -> None:
        self._run, self._experiment, self._store = run, experiment, store
        self._tags = identity(run, output) | {"cxv.data": data_sha256, "cxv.status": "running"}
        self._status, self._after_seconds, self._over = "finished", after_seconds, Event()
        self._jobs: SimpleQueue[Callable[[Attempt], None] | None] = SimpleQueue()
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
        """End as finished; as interrupted or failed when an exception passes through."""
        self._over.set()
        if kind:
            stopped = issubclass(kind, Stopped | KeyboardInterrupt)
            self._status = "interrupted" if stopped else "failed"
        self._jobs.put(lambda attempt: attempt.end(self._status))
        self._jobs.put(None)
        self._worker.join(WAIT_SECONDS)
        if self._worker.is_alive():
            self._warn(f"no end after {WAIT_SECONDS:g} s")

    def _work(self) -> None:
        if self._over.wait(self._after_seconds):
            return
        try:
            attempt = Experiment(self._store, self._experiment).begin(self._run, self._tags)
            for job in iter(self._jobs.get, None):
                job(attempt)
        except ModuleNotFoundError as error:
            if error.name == "mlflow":
                logger.info(NOT_INSTALLED, self._run.id)
            else:
                self._warn(error)
        except Exception as error:  # whatever it is, training is worth more
            self._warn(error)

    def _warn(self, reason: object) -> None:
        logger.warning(LOST, self._run.id, self._store, reason)


def mirror_all(
    params: Params, runs: Path, ids: Collection[str] = (), *, store: str = STORE
) -> None:
    """Mirror the records under ``runs`` that ``params`` asks for and MLflow lacks.

    Args:
        params: the settings.
        runs: where the records lie.
        ids: of the runs to look at; none: every one.
        store: of MLflow.
    """
    asked = {study: params.runs(study) for study in params.studies}
    for run, study in params.experiments().items():  # the links of a chain in order
        if ids and run not in ids:
            continue
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
    run, target = record.spec, Experiment(store, experiment)
    tags = identity(run, output) | evidence(record)
    if target.shows(record, tags):
        return
    ended = epochs[-1].time if epochs else time.time()
    attempt = target.begin(run, tags, ms(ended - record.stamp.seconds))
    attempt.log(epochs)
    attempt.finish(record)
    attempt.end(record.status, ms(ended))
