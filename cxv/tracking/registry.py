"""Registered models: the best run of each, as versions that MLflow loads and serves."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from jaxtyping import UInt8

from cxv.records.run import RunRecord
from cxv.tracking.store import Store

BEST = "best"
"""The alias of the version that is the best run now: ``models:/<name>@best``."""
CHECKPOINT = "cxv.checkpoint"
LOADER = "cxv.training.classifier"
PINNED = ("torch", "numpy", "einops")
"""Packages whose versions may change what a model answers: those of its training."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The best run of a model on a dataset."""

    record: RunRecord
    mlflow_run: str  # id
    files: tuple[Path, ...]  # that ``LOADER`` reads
    examples: UInt8[np.ndarray, "n 3 h w"]

    @property
    def name(self) -> str:
        """What the registered model is called."""
        return model_name(self.record)


def model_name(record: RunRecord) -> str:
    """Return ``cifar10-vit``: MLflow takes neither slash nor dot in the name of a model."""
    return f"{record.spec.dataset.name}-{record.spec.model.name}"


def best_runs(records: Iterable[RunRecord]) -> dict[str, RunRecord]:
    """Return the run of the best test top-1 of each model that no variant has edited, by name.

    Of runs that tie, the first one counts.
    """
    best: dict[str, RunRecord] = {}
    for record in records:
        if record.outcome.top1 is None or record.spec.variant.is_edited:
            continue
        known = best.setdefault(model_name(record), record)
        if record.outcome.top1 > (known.outcome.top1 or 0.0):
            best[model_name(record)] = record
    return best


class Registry:
    """The registered models of a store."""

    def __init__(self, store: Store) -> None:
        self._store, self._client = store, store.client

    def has(self, record: RunRecord, mlflow_run: str) -> bool:
        """Whether a run is registered as the best of its model."""
        name = model_name(record)
        found = self._client.search_registered_models(f"name = '{name}'")
        if not found or BEST not in found[0].aliases:
            return False
        version = self._client.get_model_version_by_alias(name, BEST)
        known = version.run_id, version.tags.get(CHECKPOINT)
        return known == (mlflow_run, record.checkpoint_sha256)

    def register(self, best: Candidate) -> None:
        """Add a version with signature and input example, and call it the best."""
        record, mlflow_run = best.record, best.mlflow_run
        with self._store.alone:
            if not self._client.search_registered_models(f"name = '{best.name}'"):
                self._client.create_registered_model(best.name, description=_about(record))
        experiment = self._client.get_run(mlflow_run).info.experiment_id
        model = self._client.create_logged_model(
            experiment, name=best.name, source_run_id=mlflow_run, tags=_tags(record)
        )
        with TemporaryDirectory() as folder:
            saved = self._save(best, model, Path(folder))
            self._client.log_model_artifacts(model.model_id, str(saved))
        self._client.finalize_logged_model(model.model_id, "READY")
        output = self._store.mlflow.entities.LoggedModelOutput(model.model_id, step=0)
        self._client.log_outputs(mlflow_run, [output])
        version = self._client.create_model_version(
            best.name,
            model.artifact_location,
            run_id=mlflow_run,
            tags=_tags(record),
            description=record.spec.id,
            model_id=model.model_id,
        )
        self._client.set_registered_model_alias(best.name, BEST, version.version)

    def _save(self, best: Candidate, model: Any, folder: Path) -> Path:
        from mlflow import models, pyfunc  # noqa: PLC0415 - loads pandas, which only this needs

        files, saved = folder / "files", folder / "model"
        files.mkdir()
        for path in best.files:
            shutil.copy(path, files)
        packages = best.record.stamp.packages
        pyfunc.save_model(
            saved,
            loader_module=LOADER,
            data_path=str(files),
            mlflow_model=models.Model(run_id=best.mlflow_run, model_id=model.model_id),
            signature=_signature(models, best.examples),
            input_example=best.examples,
            pip_requirements=[*(f"{x}=={packages[x]}" for x in PINNED if x in packages), "cxv"],
        )
        return saved


def _signature(models: Any, examples: UInt8[np.ndarray, "n 3 h w"]) -> Any:
    from mlflow.types import schema  # noqa: PLC0415 - as above

    images = schema.TensorSpec(np.dtype(np.uint8), (-1, *examples.shape[1:]))
    answers = {"label": "long", "name": "string", "probability": "double"}
    outputs = [schema.ColSpec(kind, name) for name, kind in answers.items()]
    return models.ModelSignature(schema.Schema([images]), schema.Schema(outputs))


def _about(record: RunRecord) -> str:
    run = record.spec
    return (
        f"{run.model.name} on {run.dataset.name}: of all recipes and seeds, the run with the best"
        " top-1 on the test images. Picked by that number, it is better than the mean of the seeds."
    )


def _tags(record: RunRecord) -> Mapping[str, str]:
    run = record.spec
    return {
        CHECKPOINT: record.checkpoint_sha256,
        "cxv.run": run.id,
        "dataset": run.dataset.name,
        "model": run.model.name,
        "phases": ", ".join(run.links),
        "seed": str(run.seed),
        "test_top1": f"{record.outcome.top1:.4f}",
    }
