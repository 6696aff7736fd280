"""Finished chains as MLflow shows them, written from their records alone."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cxv.config.spec import Run
from cxv.tracking.attempt import ILLUSTRATED, Attempt
from cxv.tracking.chain import RECORD, Chain
from cxv.tracking.curves import chain_points, ms, parameters, results
from cxv.tracking.experiment import Experiment
from cxv.tracking.store import Store
from cxv.tracking.tags import evidence, identity, note

Illustrate = Callable[[Chain, Path], None]
"""Writes the files that a run is to have into a folder."""

Attempts = Mapping[tuple[str, str], list[Any]]


class Mirror:
    """Writes chains into the experiment of a study, unless they are there already, whole."""

    def __init__(self, store: Store, study: str, report: str, illustrate: Illustrate) -> None:
        self._store, self._report, self._illustrate = store, report, illustrate
        self._experiment = Experiment(store, study)
        self._attempts: Attempts = self._experiment.attempts()

    def show(self, chain: Chain) -> str:
        """Return the id of the one MLflow run of a chain, which is written if it has to be."""
        former = self._attempts.get((chain.run.id, chain.run.digest), [])
        if [_is_whole(run, chain) for run in former] != [True]:
            return self._write(chain, former)
        (run,) = former
        if run.data.tags.get(ILLUSTRATED) != chain.record.checkpoint_sha256:
            self._add_files(Attempt(self._store, run.info.run_id), chain)
        return str(run.info.run_id)

    def withdraw(self, links: Iterable[Run]) -> None:
        """Delete the MLflow runs of links that go on in a chain and are no result themselves."""
        for link in links:
            self._experiment.delete(self._attempts.get((link.id, link.digest), []))

    def describe(self, about: str) -> None:
        """Say, in Markdown, what the experiment is about."""
        self._experiment.tag({"mlflow.note.content": about})

    def _write(self, chain: Chain, former: Iterable[Any]) -> str:
        run, output = chain.run, chain.folder / RECORD
        epochs = [epoch for link in chain.links for epoch in link.epochs]
        ended = epochs[-1].time if epochs else time.time()
        tags = {**_tags(chain), **note(output, self._report)}
        attempt = self._experiment.begin(run, tags, former, ms(ended - chain.seconds))
        attempt.describe(run, parameters(run, chain.starts[:-1]), chain.record.data_sha256)
        attempt.log(chain_points(chain))
        attempt.finish(results(chain), evidence(chain.record))
        self._add_files(attempt, chain)
        attempt.end(chain.record.status, ms(ended))
        return attempt.run_id

    def _add_files(self, attempt: Attempt, chain: Chain) -> None:
        with TemporaryDirectory() as folder:
            self._illustrate(chain, Path(folder))
            attempt.illustrate(Path(folder), chain.record.checkpoint_sha256)


def _is_whole(run: Any, chain: Chain) -> bool:
    """Whether an MLflow run ended with the numbers of the records."""
    return (
        run.info.status == "FINISHED"
        and _tags(chain).items() <= run.data.tags.items()
        and results(chain).items() <= run.data.metrics.items()
    )


def _tags(chain: Chain) -> dict[str, str]:
    return identity(chain.run, chain.folder / RECORD) | evidence(chain.record)
