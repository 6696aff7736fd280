"""One run with its record, and what a reader of MLflow sees of it."""

from pathlib import Path
from typing import Any

from cxv.config import spec
from cxv.config.phases import Optimizer, Phase, Training
from cxv.config.spec import Run
from cxv.records.history import TimedEpoch
from cxv.records.record import Stamp
from cxv.records.run import FILES, Outcome, RunRecord
from cxv.tracking.live import Live

STUDY, OUTPUT = "demo", Path("results/metrics.json")
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
    phases=(ADAMW, SGD),
    training=Training.model_construct(select_on="test"),
)
PARENT = RUN.model_copy(update={"phases": (ADAMW,)})
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


def epochs(count: int) -> tuple[TimedEpoch, ...]:
    return tuple(
        TimedEpoch(
            epoch=n,
            time=1.7e9 + n,
            loss=1 / (n + 1),
            top1=1 - 1 / (n + 2),
            lr=0.1,
            images_per_second=7.0,
        )
        for n in range(1, count + 1)
    )


HISTORY = epochs(3)


def live(run: Run, store: str) -> Live:
    return Live(run, STUDY, output=OUTPUT, data_sha256="d", store=store, after_seconds=0.0)


def train(run: Run, store: str, history: tuple[TimedEpoch, ...] = HISTORY) -> None:
    with live(run, store) as tracker:
        for epoch in history:
            tracker.log(epoch)
        tracker.finish(RECORD.model_copy(update={"spec": run}))


def client(store: str) -> Any:
    import mlflow  # noqa: PLC0415 - takes 2.5 s, which only these tests should pay

    return mlflow.MlflowClient(tracking_uri=store)


def shown(store: str) -> list[Any]:
    """Active MLflow runs of the study."""
    studies = client(store).search_experiments(filter_string=f"name = '{STUDY}'")
    return list(client(store).search_runs([study.experiment_id for study in studies]))


def curve(store: str, run: Any, name: str = "loss") -> list[tuple[int, float, int]]:
    points = client(store).get_metric_history(run.info.run_id, name)
    return [(point.step, point.value, point.timestamp) for point in points]


def content(store: str, run: Any) -> tuple[object, ...]:
    """All that a reader of MLflow sees of a run, but MLflow's own id of it."""
    curves = {name: curve(store, run, name) for name in run.data.metrics}
    return run.info.run_name, run.info.status, run.data.params, run.data.tags, curves
