"""One experiment of MLflow: a study, with one run for each of its chains."""

from collections.abc import Iterable, Mapping
from typing import Any

from cxv.config.spec import Run
from cxv.tracking.attempt import Attempt
from cxv.tracking.store import Store
from cxv.tracking.tags import short_name

KIND = {"mlflow.experimentKind": "custom_model_development"}
"""Opens in MLflow's view of trainings, not in that of language models."""


class Experiment:
    """An experiment of a store, made if need be."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._client = store, store.client
        with store.alone:
            known = self._client.get_experiment_by_name(name)
            self._id = known.experiment_id if known else self._made(name)
        if known and known.lifecycle_stage == "deleted":
            self._client.restore_experiment(self._id)
        self._tags = dict(known.tags) if known else {}
        self.tag(KIND)

    def _made(self, name: str) -> str:
        try:
            where = self._store.artifacts_of(name)
            return str(self._client.create_experiment(name, artifact_location=where))
        except self._store.mlflow.exceptions.MlflowException:  # another machine was faster
            if made := self._client.get_experiment_by_name(name):
                return str(made.experiment_id)
            raise

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags that it lacks; what people have edited stays."""
        for key, value in tags.items():
            if key not in self._tags:
                self._client.set_experiment_tag(self._id, key, value)

    def begin(
        self,
        run: Run,
        tags: Mapping[str, str],
        former: Iterable[Any],
        start_ms: int | None = None,
    ) -> Attempt:
        """Open an MLflow run in place of all former attempts at the same specification.

        Logging into a former run would double its points. It is deleted (``mlflow gc`` makes that
        final) before the new one is there: a kill in between leaves none, which ``mirror`` mends.
        """
        self.delete(former)
        made = self._client.create_run(self._id, start_ms, dict(tags), run_name=short_name(run))
        return Attempt(self._store, made.info.run_id)

    def delete(self, runs: Iterable[Any]) -> None:
        """Delete MLflow runs."""
        for run in runs:
            self._client.delete_run(run.info.run_id)

    def attempts_at(self, run: Run) -> list[Any]:
        """Return the MLflow runs of a specification."""
        same = f"tags.`cxv.run` = '{run.id}' and tags.`cxv.spec` = '{run.digest}'"
        return list(self._store.search(same, [self._id]))

    def attempts(self) -> dict[tuple[str, str], list[Any]]:
        """Return all MLflow runs, by the id and the digest of their specification."""
        found: dict[tuple[str, str], list[Any]] = {}
        for run in self._store.search("", [self._id]):
            key = run.data.tags.get("cxv.run", ""), run.data.tags.get("cxv.spec", "")
            found.setdefault(key, []).append(run)
        return found
