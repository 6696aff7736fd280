"""What MLflow shows of a run, live and mirrored."""

import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest
from filelock import FileLock
from tracked import (
    ADAMW,
    HISTORY,
    OUTCOME,
    OUTPUT,
    PARENT,
    RECORD,
    RUN,
    STAMP,
    STUDY,
    client,
    content,
    curve,
    epochs,
    live,
    shown,
    train,
)

from cxv.config.load import load
from cxv.config.spec import Variant
from cxv.errors import Stopped
from cxv.records.history import save_history
from cxv.records.run import RunRecord
from cxv.tracking import live as live_module
from cxv.tracking import mlflow_runs
from cxv.tracking.live import Live, mirror, mirror_all

pytestmark = pytest.mark.slow


def reflect(record: RunRecord, store: str) -> None:
    mirror(record, HISTORY, STUDY, output=OUTPUT, store=store)


def test_every_epoch_arrives_at_its_step_and_time(store: str) -> None:
    train(RUN, store)
    (run,) = shown(store)
    assert curve(store, run) == [(e.epoch, e.loss, round(e.time * 1000)) for e in HISTORY]
    results = {"test_top1": 0.75, "test_loss": 0.5, "epochs": 3, "seconds": 12.5}
    assert run.data.metrics == HISTORY[-1].model_dump(exclude={"epoch", "time"}) | results


def test_points_can_be_seen_while_the_run_trains(store: str) -> None:
    seen: list[tuple[int, float, int]] = []
    with live(RUN, store) as tracker:
        tracker.log(*epochs(2))
        deadline = time.monotonic() + 60
        while len(seen) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
            seen = [point for run in shown(store) for point in curve(store, run)]
        (run,) = shown(store)
        assert (run.info.status, run.data.tags["cxv.status"]) == ("RUNNING", "running")
    assert len(seen) == 2


def test_tags_and_params_say_which_run_it_is_and_which_its_parent(store: str) -> None:
    train(PARENT, store)
    (parent,) = shown(store)
    assert "mlflow.parentRunId" not in parent.data.tags
    train(RUN, store)
    (run,) = (run for run in shown(store) if run.info.run_id != parent.info.run_id)
    assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert run.info.run_name == "small \N{MIDDLE DOT} adamw, sgd \N{MIDDLE DOT} seed 0"
    assert {key: value for key, value in run.data.tags.items() if key.startswith("cxv.")} == {
        "cxv.run": RUN.id,
        "cxv.family": "digits/small/base/s0",
        "cxv.spec": RUN.digest,
        "cxv.rule": "train",
        "cxv.output": "results/metrics.json",
        "cxv.commit": "a1b2c3",
        "cxv.data": "d",
        "cxv.status": "finished",
    }
    columns = {"dataset": "digits", "model": "small", "variant": "base", "seed": "0"}
    columns |= {"phases": "adamw, sgd", "device": "cpu", "mlflow.source.git.commit": "a1b2c3"}
    assert columns.items() <= run.data.tags.items()
    [data] = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("digits", "d")
    wanted = {"model.set.mixer.heads": "2", "phase.optimizer.name": "SGD", "chain": "adamw/sgd"}
    assert wanted.items() <= run.data.params.items()


def test_more_and_longer_values_than_mlflow_takes_at_once_do_not_lose_the_run(store: str) -> None:
    settings = {f"setting_{n}": n for n in range(120)} | {"long": "x" * 7000}
    model = RUN.model.model_copy(update={"set": settings})
    train(RUN.model_copy(update={"model": model}), store, epochs(300))
    (run,) = shown(store)
    assert run.data.params["model.set.setting_119"] == "119"
    assert len(curve(store, run)) == 300


@pytest.mark.parametrize("ended", [True, False], ids=["trained twice", "killed and resumed"])
def test_a_new_attempt_replaces_the_former_and_doubles_no_point(store: str, ended: bool) -> None:
    tags = mlflow_runs.identity(RUN, OUTPUT) | {"cxv.data": "d"}
    former = mlflow_runs.Experiment(store, STUDY).begin(RUN, tags)
    former.log(epochs(2))
    if ended:
        former.end("finished")
    with live(RUN, store) as tracker:
        tracker.log(*epochs(2))
        tracker.log(HISTORY[-1])
    (run,) = shown(store)
    assert run.info.status == "FINISHED"
    assert [step for step, _, _ in curve(store, run)] == [1, 2, 3]


def test_a_run_of_other_settings_stays_next_to_the_new_one(store: str) -> None:
    train(PARENT, store)
    train(RUN.model_copy(update={"phases": (ADAMW.model_copy(update={"batch": 128}),)}), store)
    assert sorted(run.data.params["phase.batch"] for run in shown(store)) == ["128", "32"]


def test_an_exception_passes_through_and_marks_the_run_failed(store: str) -> None:
    with pytest.raises(ZeroDivisionError), live(RUN, store):
        _ = 1 / 0
    (run,) = shown(store)
    assert (run.info.status, run.data.tags["cxv.status"]) == ("FAILED", "failed")


@pytest.mark.parametrize("error", [Stopped, KeyboardInterrupt])
def test_an_interrupted_run_is_killed_and_has_not_failed(
    store: str, error: type[BaseException]
) -> None:
    with pytest.raises(error), live(RUN, store):
        raise error
    (run,) = shown(store)
    assert (run.info.status, run.data.tags["cxv.status"]) == ("KILLED", "interrupted")


def test_an_edited_model_is_told_by_its_name() -> None:
    edited = RUN.model_copy(update={"variant": Variant(name="gelu", edits=("gelu",))})
    assert mlflow_runs.short_name(edited).startswith("small gelu \N{MIDDLE DOT} ")


def test_a_diverged_run_has_finished_and_says_so(store: str) -> None:
    nothing = OUTCOME.model_copy(update={"top1": None, "loss": None})
    with live(RUN, store) as tracker:
        tracker.log(HISTORY[0].model_copy(update={"loss": float("nan")}))
        tracker.finish(RECORD.model_copy(update={"status": "diverged", "outcome": nothing}))
    (run,) = shown(store)
    assert (run.info.status, run.data.tags["cxv.status"]) == ("FINISHED", "diverged")
    assert "test_top1" not in run.data.metrics


def test_a_store_that_hangs_holds_the_training_up_for_a_bounded_time(
    store: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live_module, "WAIT_SECONDS", 0.2)
    with FileLock(f"{store.removeprefix('sqlite:///')}.lock"), live(RUN, store) as tracker:
        tracker.log(*HISTORY)
    assert "0.2 s" in caplog.text
    tracker._worker.join(60)
    assert [len(curve(store, run)) for run in shown(store)] == [3]


def test_a_mirror_equals_what_was_shown_live_and_does_not_repeat_it(
    store: str, tables: Path, tmp_path: Path
) -> None:
    rebuilt = f"sqlite:///{shutil.copy(tables, tmp_path / 'rebuilt.db')}"
    train(RUN, store)
    (original,) = shown(store)
    for place in store, rebuilt, rebuilt:
        reflect(RECORD, place)
    ((untouched,), (copy,)) = shown(store), shown(rebuilt)
    assert untouched.info.run_id == original.info.run_id
    assert content(store, untouched) == content(store, original) == content(rebuilt, copy)
    assert copy.info.end_time - copy.info.start_time == 12_500


@pytest.mark.parametrize("broken", ["status", "numbers", "parent"])
def test_a_mirror_remakes_a_run_that_is_not_whole(store: str, broken: str) -> None:
    train(RUN, store)
    (former,) = shown(store)
    record = RECORD
    if broken == "status":
        client(store).set_terminated(former.info.run_id, "FAILED")
    if broken == "numbers":  # trained again on another machine
        record = record.model_copy(update={"stamp": STAMP.model_copy(update={"seconds": 9})})
    if broken == "parent":  # the link before it has come since
        reflect(RECORD.model_copy(update={"spec": PARENT}), store)
    reflect(record, store)
    (remade,) = [run for run in shown(store) if run.data.params["chain"] == "adamw/sgd"]
    assert remade.info.run_id != former.info.run_id
    assert ("mlflow.parentRunId" in remade.data.tags) == (broken == "parent")


def test_a_lost_store_is_rebuilt_from_the_records(store: str, tmp_path: Path) -> None:
    params = load(Path(__file__).parents[2] / "params.yaml")
    end = max(params.final_runs(STUDY).values(), key=lambda run: len(run.phases))
    for run in end.chain:  # its last link is yet to train
        history = tmp_path / run.id / "history.csv"
        save_history(history, history.with_name("timing.csv"), HISTORY)
        if run != end:
            record = RECORD.model_copy(update={"spec": run})
            history.with_name("metrics.json").write_text(record.text())
    mirror_all(params, tmp_path, store=store)
    runs = {run.data.tags["cxv.run"]: run for run in shown(store)}
    assert runs.keys() == {run.id for run in end.chain[:-1]}
    for parent, child in pairwise(end.chain[:-1]):
        assert runs[child.id].data.tags["mlflow.parentRunId"] == runs[parent.id].info.run_id


def test_an_experiment_deleted_in_the_browser_comes_back(store: str) -> None:
    train(RUN, store)
    client(store).delete_experiment(client(store).get_experiment_by_name(STUDY).experiment_id)
    train(RUN.model_copy(update={"seed": 1}), store)
    assert "1" in {run.data.params["seed"] for run in shown(store)}


def test_a_training_over_in_no_time_leaves_mlflow_to_the_mirror(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        live_module, "Experiment", None
    )  # to touch it would be an error, and logged
    tracker = Live(RUN, STUDY, output=OUTPUT, data_sha256="d", store=store)
    began = time.monotonic()
    with tracker:
        tracker.log(*HISTORY)
        tracker.finish(RECORD)
    assert time.monotonic() - began < live_module.AFTER_SECONDS / 2
    assert not shown(store)
