"""A run and a chain with their files, and what a reader of MLflow sees of them."""

from pathlib import Path
from typing import Any

import numpy as np

from cxv.config import spec
from cxv.config.phases import Optimizer, Phase, Training
from cxv.config.spec import Run
from cxv.records.history import TimedEpoch, save_history
from cxv.records.predictions import Predictions
from cxv.records.record import Stamp
from cxv.records.run import FILES, Outcome, RunRecord
from cxv.tracking.chain import Chain
from cxv.tracking.live import Live
from cxv.tracking.mirror import Mirror
from cxv.tracking.store import Store

STUDY, OUTPUT, REPORT = "demo", Path("results/metrics.json"), "results/studies/demo/report.html"
ADAMW, SGD = (
    Phase(name=optimizer.name.lower(), optimizer=optimizer, batch=32, patience=20, max_epochs=300)
    for optimizer in (
        Optimizer(name="AdamW", lr=0.001, betas=[0.9, 0.999], eps=1e-8, weight_decay=0.01),
        Optimizer(name="SGD", lr=0.001, momentum=0.9),
    )
)
RUN = Run(
    dataset=spec.Dataset(name="digits", source="digits"),
    model=spec.Model(name="small", zoo="cpv", set={"dim": 32, "mixer": {"heads": 2}}),
    variant=spec.Variant(name="base"),
    seed=0,
    phases=(ADAMW,),
    training=Training.model_construct(
        select_on="test",
        validation_fraction=0.1,
        autocast_cuda="auto",
        autocast_cpu="float32",
        cpu_threads=1,
        memory="fused",
    ),
)
TWO = RUN.model_copy(update={"phases": (ADAMW, SGD)})
OUTCOME = Outcome.model_validate_json(
    '{"top1": 0.75, "loss": 0.5, "selected_top1": 0.65, "last_top1": 0.6,'
    ' "best_epoch": 2, "epochs": 3, "ended_by": "max_epochs",'
    ' "switch": null, "test_images": 64}'
)
STAMP = Stamp.model_validate_json(
    '{"commit": "a1b2c3", "dirty": false, "code": "f00d", "packages": {}, "device": "cpu",'
    ' "precision": "float32", "undetermined": [], "cpu_threads": 1, "seconds": 12.5,'
    ' "peak_bytes": null}'
)
RECORD = RunRecord(
    spec=RUN,
    status="finished",
    outcome=OUTCOME,
    data_sha256="d",
    parent_sha256="p",
    sha256=dict.fromkeys(FILES, "f"),
    stamp=STAMP,
)


def epochs(count: int, since: float = 1.7e9) -> tuple[TimedEpoch, ...]:
    return tuple(
        TimedEpoch(
            epoch=n,
            time=since + n,
            loss=1 / (n + 1),
            top1=1 - 1 / (n + 2),
            lr=0.1,
            images_per_second=7.0,
        )
        for n in range(1, count + 1)
    )


HISTORY = epochs(3)
LATER = epochs(2, since=1.7e9 + 10)
"""Of a second phase."""


def write(record: RunRecord, runs: Path, history: tuple[TimedEpoch, ...] = HISTORY) -> Path:
    """Leave the files of a link where the workflow has them; return the record's path."""
    folder = runs / record.spec.id
    save_history(folder / "history.csv", folder / "timing.csv", history)
    label = (np.arange(64) % 10).astype(np.int16)
    Predictions(label, label, np.full(64, -0.5, np.float32)).save(folder / "predictions.npz")
    (folder / "metrics.json").write_text(record.text())
    return folder / "metrics.json"


def chain(runs: Path, *, seed: int = 0, record: RunRecord = RECORD) -> Chain:
    """Leave the files of both links of ``TWO``; the second one took two epochs."""
    first, second = (run.model_copy(update={"seed": seed}) for run in (RUN, TWO))
    write(RECORD.model_copy(update={"spec": first}), runs)
    outcome = record.outcome.model_copy(update={"epochs": len(LATER)})
    last = record.model_copy(update={"spec": second, "outcome": outcome})
    return Chain.load(second, write(last, runs, LATER).parent)


def show(found: Chain, store: str, study: str = STUDY) -> str:
    """Mirror a chain with a file; return the id of its MLflow run."""

    def illustrate(shown: Chain, folder: Path) -> None:
        (folder / "shown.txt").write_text(shown.run.id)

    return Mirror(Store(store), study, REPORT, illustrate).show(found)


def live(run: Run, store: str, parent: Path | None = None, output: Path = OUTPUT) -> Live:
    return Live(
        run, STUDY, output=output, data_sha256="d", parent=parent, store=store, after_seconds=0.0
    )


def train(run: Run, store: str, history: tuple[TimedEpoch, ...] = HISTORY) -> None:
    with live(run, store) as tracker:
        for epoch in history:
            tracker.log(epoch)
        tracker.finish(RECORD.model_copy(update={"spec": run}))


def client(store: str) -> Any:
    import mlflow  # noqa: PLC0415 - takes 2.5 s, which only these tests should pay

    return mlflow.MlflowClient(tracking_uri=store)


def shown(store: str, study: str = STUDY) -> list[Any]:
    """Active MLflow runs of the study."""
    studies = client(store).search_experiments(filter_string=f"name = '{study}'")
    return list(client(store).search_runs([study.experiment_id for study in studies]))


def curve(store: str, run: Any, name: str = "loss") -> list[tuple[int, float, int]]:
    points = client(store).get_metric_history(run.info.run_id, name)
    return [(point.step, point.value, point.timestamp) for point in points]


PASSING = {"cxv.host", "cxv.illustrated", "mlflow.note.content"}
"""Tags that only a live run has, or only a mirrored one."""


def content(store: str, run: Any) -> tuple[object, ...]:
    """All that a reader of MLflow sees of a run, except MLflow's own id of it."""
    curves = {name: curve(store, run, name) for name in run.data.metrics}
    tags = {key: value for key, value in run.data.tags.items() if key not in PASSING}
    return run.info.run_name, run.info.status, run.data.params, tags, curves
