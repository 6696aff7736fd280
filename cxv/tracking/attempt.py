"""One MLflow run under way: what is logged into it, and its end."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cxv.config.spec import Run
from cxv.tracking.curves import Point, ms
from cxv.tracking.store import Store

ENDINGS = {"failed": "FAILED", "interrupted": "KILLED"}
"""What MLflow calls an end that left no record."""

DIGEST = 36  # characters of a checksum that MLflow takes
ILLUSTRATED = "cxv.illustrated"
"""The tag of a run that has its files; its value is the checksum of the weights they show."""


class Attempt:
    """An open MLflow run. ``log_batch`` itself respects MLflow's limits on what it is given."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._entities, self._client = store.mlflow.entities, store.client
        self.run_id = run_id
        self._last_ms = ms(time.time())

    def describe(self, run: Run, parameters: Mapping[str, str], data_sha256: str) -> None:
        """Log the dataset and the settings."""
        entities, data = self._entities, run.dataset
        used = entities.Dataset(
            name=data.name,
            digest=data_sha256[:DIGEST],
            source_type=data.source,
            source=data.canonical(),
        )
        context = [entities.InputTag("mlflow.data.context", "training")]
        self._client.log_inputs(self.run_id, [entities.DatasetInput(used, context)])
        params = [entities.Param(key, value) for key, value in parameters.items()]
        self._client.log_batch(self.run_id, params=params)

    def log(self, points: Sequence[Point]) -> None:
        """Log points of curves."""
        metrics = [self._entities.Metric(x.name, x.value, x.time_ms, x.step) for x in points]
        self._client.log_batch(self.run_id, metrics)
        self._last_ms = max((point.time_ms for point in points), default=self._last_ms)

    def finish(self, results: Mapping[str, float], tags: Mapping[str, str]) -> None:
        """Log the results, which MLflow draws as bars as they have no step, and the evidence."""
        metrics = [
            self._entities.Metric(name, value, self._last_ms, 0) for name, value in results.items()
        ]
        self._client.log_batch(self.run_id, metrics, tags=self._tags(tags))

    def illustrate(self, folder: Path, shown: str) -> None:
        """Add the files of a folder; ``shown`` is the checksum of the weights they show."""
        self._client.log_artifacts(self.run_id, str(folder))
        self._client.set_tag(self.run_id, ILLUSTRATED, shown)

    def end(self, status: str, end_ms: int | None = None) -> None:
        """Close the run; one that diverged has finished, and its tag says how."""
        self._client.set_tag(self.run_id, "cxv.status", status)
        self._client.set_terminated(self.run_id, ENDINGS.get(status, "FINISHED"), end_ms)

    def _tags(self, tags: Mapping[str, str]) -> Iterable[object]:
        return [self._entities.RunTag(key, value) for key, value in tags.items()]
