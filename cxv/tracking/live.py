"""MLflow, for browsing: live curves while a run trains.

No computation reads it back, so a lost or broken store costs nothing: ``cxv track`` remakes it.
"""

import logging
import socket
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread

from cxv.config.spec import Run
from cxv.errors import Stopped
from cxv.records.history import TimedEpoch
from cxv.records.run import RunRecord
from cxv.tracking.attempt import Attempt
from cxv.tracking.chain import Chain, Link
from cxv.tracking.curves import chain_points, parameters, points, results
from cxv.tracking.experiment import Experiment
from cxv.tracking.store import HOST, WAIT_SECONDS, Store, tracking_uri
from cxv.tracking.tags import evidence, identity

logger = logging.getLogger(__name__)

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
        parent: Path | None = None,
        store: str | None = None,
        after_seconds: float = AFTER_SECONDS,
    ) -> None:
        """Take what does not change while the run trains.

        Args:
            run: a link of a chain.
            experiment: of MLflow.
            output: where its record will be.
            data_sha256: of its dataset.
            parent: the record of the link before, whose epochs come first; None: the first link.
            store: of MLflow; None: the one of the environment.
            after_seconds: of training, MLflow is loaded.
        """
        self._run, self._experiment, self._store = run, experiment, store or tracking_uri()
        self._output, self._parent, self._data_sha256 = output, parent, data_sha256
        self._status, self._after_seconds, self._over = "finished", after_seconds, Event()
        self._jobs: SimpleQueue[Callable[[_Open], None] | None] = SimpleQueue()
        self._worker = Thread(target=self._work, name="mlflow", daemon=True)

    def __enter__(self) -> "Live":
        """Start the thread."""
        self._worker.start()
        return self

    def log(self, *epochs: TimedEpoch) -> None:
        """Draw epochs; a resumed run first logs those of its former life."""
        self._jobs.put(lambda opened: opened.log(epochs))

    def finish(self, record: RunRecord) -> None:
        """Add the numbers of the record that the run has left."""
        self._status = record.status
        self._jobs.put(lambda opened: opened.finish(record))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End as finished; as interrupted or failed when an exception passes through."""
        self._over.set()
        if kind:
            stopped = issubclass(kind, Stopped | KeyboardInterrupt)
            self._status = "interrupted" if stopped else "failed"
        self._jobs.put(lambda opened: opened.attempt.end(self._status))
        self._jobs.put(None)
        self._worker.join(WAIT_SECONDS)
        if self._worker.is_alive():
            self._warn(f"no end after {WAIT_SECONDS:g} s")

    def _work(self) -> None:
        if self._over.wait(self._after_seconds):
            return
        try:
            opened = self._open()
            for job in iter(self._jobs.get, None):
                job(opened)
        except ModuleNotFoundError as error:
            if error.name == "mlflow":
                logger.info(NOT_INSTALLED, self._run.id)
            else:
                self._warn(error)
        except Exception as error:  # whatever it is, training is worth more
            self._warn(error)

    def _open(self) -> "_Open":
        """Begin the MLflow run, with the epochs of the links before."""
        run = self._run
        before = (
            Chain.load(run.parent, self._parent.parent) if run.parent and self._parent else None
        )
        store = Store(self._store)
        experiment = Experiment(store, self._experiment)
        tags = identity(run, self._output) | {
            "cxv.data": self._data_sha256,
            "cxv.status": "running",
            HOST: socket.gethostname(),
        }
        attempt = experiment.begin(run, tags, experiment.attempts_at(run))
        opened = _Open(attempt, before, self._output.parent)
        attempt.describe(run, parameters(run, opened.starts), self._data_sha256)
        if before:
            attempt.log(chain_points(before))
        return opened

    def _warn(self, reason: object) -> None:
        logger.warning(LOST, self._run.id, self._store, reason)


class _Open:
    """The MLflow run of a link that trains, and the finished links before it."""

    def __init__(self, attempt: Attempt, before: Chain | None, folder: Path) -> None:
        self.attempt, self._before, self._folder = attempt, before, folder
        self._epochs: list[TimedEpoch] = []

    @property
    def starts(self) -> tuple[int, ...]:
        """The epoch of the whole chain at which each phase begins, the one that trains included."""
        return self._before.starts if self._before else (1,)

    def log(self, epochs: tuple[TimedEpoch, ...]) -> None:
        self._epochs += epochs
        self.attempt.log(list(points(epochs, len(self.starts), self.starts[-1] - 1)))

    def finish(self, record: RunRecord) -> None:
        last = Link(record, tuple(self._epochs))
        links = (*self._before.links, last) if self._before else (last,)
        self.attempt.finish(results(Chain(links, self._folder)), evidence(record))
