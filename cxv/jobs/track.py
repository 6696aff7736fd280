"""Bring MLflow up to date with the records: runs with pictures, and the best run of each model."""

import logging
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.data.archives import DataError
from cxv.records.run import PREDICTIONS, RECORD
from cxv.report.markdown import code, escape

if TYPE_CHECKING:
    from cxv.records.run import RunRecord
    from cxv.report.figures.confusion import ConfusionPanel
    from cxv.report.figures.learning_curves import Panel
    from cxv.tracking.chain import Chain
    from cxv.tracking.registry import Candidate
    from cxv.tracking.store import Store

log = logging.getLogger(__name__)

EXAMPLES = 2
"""Test images that a registered model carries as an example of its input."""


def track(
    results: Path = Path("results"),
    data: Path = Path("data/raw"),
    ids: Sequence[str] = (),
    params: Path = Path("params.yaml"),
) -> None:
    """Bring MLflow up to date with the records; a lost store is written again."""
    from cxv.config.load import load

    show(load(params), results, data, ids)


def show(settings: Params, results: Path, data: Path, ids: Collection[str] = ()) -> None:
    """Bring MLflow up to date, study by study; the arguments are those of ``mirror_study``."""
    from cxv.records.store import store_near
    from cxv.tracking.store import Store, tracking_uri

    store = Store(tracking_uri())
    alive = {holder.name for holder in store_near(results).under_way()}
    for run in store.close_dead(alive):
        log.info("%s: its process was killed; MLflow shows it as KILLED", run)
    shown: dict[str, str] = {}
    for study in settings.studies:
        shown = mirror_study(settings, study, results, data, ids, store) | shown
    register_best(settings, results, data, shown, store)


def mirror_study(
    settings: Params,
    study: str,
    results: Path,
    data: Path,
    ids: Collection[str],
    store: "Store",
) -> dict[str, str]:
    """Show every chain of a study that has a record, in the study's own experiment.

    Of a chain that is not finished, its finished links are shown.

    Args:
        settings: which chains there are.
        study: of the settings.
        results: the folder of all records.
        data: the folder of all datasets, for the names of classes.
        ids: of links; chains with one of them are looked at; none: all.
        store: of MLflow.

    Returns:
        The ids of MLflow's runs by ours.
    """
    from cxv.tracking.chain import longest
    from cxv.tracking.mirror import Mirror

    ends = [run for run in settings.final_runs(study).values() if _is_asked(run, ids)]
    found = [longest(end, results / "runs") for end in ends]
    chains = {chain.run.id: chain for chain in found if chain}
    if not chains:
        return {}
    report = (results / "studies" / study / "report.html").as_posix()
    mirror = Mirror(store, study, report, partial(illustrate, data=data))
    mirror.describe(f"{escape(settings.studies[study].title)}\n\nReport: {code(report)}")
    shown = {id: mirror.show(chain) for id, chain in chains.items()}
    passed = {link.id: link for end in ends for link in end.chain if link.id not in shown}
    mirror.withdraw(passed.values())
    log.info("%s: MLflow shows %d of %d runs", study, len(shown), len(ends))
    return shown


def register_best(
    settings: Params, results: Path, data: Path, shown: Mapping[str, str], store: "Store"
) -> None:
    """Register the best run of each model that has a new run, unless it is registered.

    Args:
        settings: which chains there are.
        results: the folder of all records.
        data: the folder of all datasets; a model without its images there is left out.
        shown: ids of MLflow's runs by ours.
        store: of MLflow.
    """
    from cxv.tracking.registry import Registry, best_runs

    registry = Registry(store)
    ends = {id: run for study in settings.studies for id, run in settings.final_runs(study).items()}
    networks = {ends[id].profile_id for id in shown.keys() & ends.keys()}
    compared = [run for run in ends.values() if run.profile_id in networks]
    for name, record in best_runs(_records(compared, results / "runs")).items():
        mlflow_run = shown.get(record.spec.id)
        if mlflow_run is None or registry.has(record, mlflow_run):
            continue
        try:
            registry.register(_candidate(record, mlflow_run, results, data))
        except (FileNotFoundError, DataError) as error:
            log.info("%s: not registered: %s", name, error)


def _records(ends: Iterable[Run], runs: Path) -> Iterator["RunRecord"]:
    from cxv.records.run import RunRecord
    from cxv.records.seal import RecordError

    for run in ends:
        with suppress(RecordError):
            yield RunRecord.load(runs / run.id / RECORD, run)


def _candidate(record: "RunRecord", mlflow_run: str, results: Path, data: Path) -> "Candidate":
    from cxv.data.tensors import load
    from cxv.tracking.registry import Candidate

    run, images = record.spec, data / record.spec.dataset.name
    folder = results / "runs" / run.id
    return Candidate(
        record,
        mlflow_run,
        (folder / RECORD, folder / "checkpoint.pt", images / "manifest.json"),
        load(images / "images.pt").test.images[:EXAMPLES].numpy(),
    )


def _is_asked(run: Run, ids: Collection[str]) -> bool:
    return not ids or any(link.id in ids for link in run.chain)


def illustrate(chain: "Chain", folder: Path, data: Path) -> None:
    """Put a run's record and pictures into a folder.

    Args:
        chain: the run, with the links before it.
        folder: which the files go to.
        data: the folder of all datasets; classes whose names are not there are numbered.
    """
    from cxv.records.predictions import Predictions
    from cxv.report.figures.confusion import confusion
    from cxv.report.figures.drawing import png
    from cxv.report.figures.learning_curves import Stretch

    run = chain.run
    shutil.copy(chain.folder / RECORD, folder)
    stretches = tuple(Stretch(x.record.spec.phase.name, x.epochs) for x in chain.links)
    curves = _curves().draw({run.seed: stretches})
    (folder / "learning_curves.png").write_bytes(png(curves))
    found = Predictions.load(chain.folder / PREDICTIONS)
    label, predicted = found.label, found.predicted
    classes = 1 + int(max(label.max(), predicted.max()))
    names = _class_names(data / run.dataset.name / "manifest.json", classes)
    square = _square(names).draw(confusion(label, predicted, len(names)))
    (folder / "confusion_matrix.png").write_bytes(png(square))


@cache
def _curves() -> "Panel":
    from cxv.report.figures.learning_curves import Panel

    return Panel()


@cache
def _square(names: tuple[str, ...]) -> "ConfusionPanel":
    from cxv.report.figures.confusion import ConfusionPanel

    return ConfusionPanel(names)


def _class_names(manifest: Path, classes: int) -> tuple[str, ...]:
    from cxv.data.manifest import Manifest

    if not manifest.exists():
        return tuple(str(number) for number in range(classes))
    return Manifest.load(manifest).classes
