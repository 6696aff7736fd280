"""What MLflow shows of a run while it trains."""

import socket
import time
from pathlib import Path

import pytest
from filelock import FileLock
from tracked import (
    ADAMW,
    HISTORY,
    LATER,
    OUTCOME,
    OUTPUT,
    RECORD,
    RUN,
    STUDY,
    TWO,
    chain,
    client,
    curve,
    epochs,
    live,
    shown,
    train,
    write,
)

from cxv.config.spec import Variant
from cxv.errors import Stopped
from cxv.tracking import live as live_module
from cxv.tracking.curves import CURVES, ms, points
from cxv.tracking.experiment import Experiment
from cxv.tracking.live import Live
from cxv.tracking.store import Store
from cxv.tracking.tags import identity, short_name

pytestmark = pytest.mark.slow


def test_every_epoch_arrives_at_its_step_and_time(store: str) -> None:
    train(RUN, store)
    (run,) = shown(store)
    assert curve(store, run) == [(e.epoch, e.loss, round(e.time * 1000)) for e in HISTORY]
    results = {"test_top1": 0.75, "test_loss": 0.5, "epochs": 3, "seconds": 12.5}
    drawn = {name: read(HISTORY[-1]) for name, read in CURVES.items()}
    assert run.data.metrics == drawn | {"phase": 1} | results


def test_a_learning_rate_is_drawn_in_thousandths() -> None:
    """MLflow writes two decimals at its axes: 0.001 would be 0.00."""
    usual = HISTORY[0].model_copy(update={"lr": 0.001})
    assert ("lr_thousandths", 1.0) in {point[:2] for point in points([usual], 1, 0)}


def test_a_second_phase_goes_on_where_the_first_ended(store: str, tmp_path: Path) -> None:
    """The process of the second phase draws both: MLflow may know nothing of the first."""
    parent = write(RECORD, tmp_path)
    with live(TWO, store, parent) as tracker:
        tracker.log(*LATER)
        tracker.finish(chain(tmp_path).record)
    (run,) = shown(store)
    both = (*HISTORY, *LATER)
    assert curve(store, run) == [(n, e.loss, ms(e.time)) for n, e in enumerate(both, 1)]
    assert [y for _, y, _ in curve(store, run, "phase")] == [1, 1, 1, 2, 2]
    assert (run.data.metrics["epochs"], run.data.metrics["seconds"]) == (5, 25.0)
    assert run.data.params["phases_begin_at_epoch"] == "adamw: 1, sgd: 4"


def test_tags_and_params_say_which_run_it_is(store: str, tmp_path: Path) -> None:
    with live(TWO, store, write(RECORD, tmp_path)) as tracker:
        tracker.finish(chain(tmp_path).record)
    (run,) = shown(store)
    assert run.info.run_name == "small s0 \N{MIDDLE DOT} adamw, sgd"
    assert "mlflow.parentRunId" not in run.data.tags
    assert {key: value for key, value in run.data.tags.items() if key.startswith("cxv.")} == {
        "cxv.run": TWO.id,
        "cxv.family": "digits/small/base/s0",
        "cxv.spec": TWO.digest,
        "cxv.rule": "train",
        "cxv.output": "results/metrics.json",
        "cxv.commit": "a1b2c3",
        "cxv.data": "d",
        "cxv.status": "finished",
        "cxv.host": socket.gethostname(),
    }
    columns = {"dataset": "digits", "model": "small", "variant": "base", "seed": "0"}
    columns |= {"phases": "adamw, sgd", "device": "cpu", "mlflow.source.git.commit": "a1b2c3"}
    assert columns.items() <= run.data.tags.items()
    [data] = run.inputs.dataset_inputs
    assert (data.dataset.name, data.dataset.digest) == ("digits", "d")
    wanted = {"model.set.mixer.heads": "2", "chain": "adamw/sgd"}
    wanted |= {"phase.1.optimizer.name": "AdamW", "phase.2.optimizer.name": "SGD"}
    assert wanted.items() <= run.data.params.items()


def test_seeds_are_a_group(store: str) -> None:
    for seed in (0, 1):
        train(RUN.model_copy(update={"seed": seed}), store)
    (group,) = {run.data.tags["configuration"] for run in shown(store)}
    assert group == "digits \N{MIDDLE DOT} small \N{MIDDLE DOT} adamw"


def test_an_experiment_opens_as_one_of_trainings(store: str) -> None:
    train(RUN, store)
    tags = client(store).get_experiment_by_name(STUDY).tags
    assert tags["mlflow.experimentKind"] == "custom_model_development"


def test_an_edited_model_is_told_by_its_name() -> None:
    edited = RUN.model_copy(update={"variant": Variant(name="gelu", edits=("gelu",))})
    assert short_name(edited).startswith("small gelu s0 \N{MIDDLE DOT} ")


@pytest.mark.parametrize("ended", [True, False], ids=["trained twice", "killed and resumed"])
def test_a_new_attempt_replaces_the_former_and_doubles_no_point(store: str, ended: bool) -> None:
    former = Experiment(Store(store), STUDY).begin(RUN, identity(RUN, OUTPUT), ())
    former.log(list(points(epochs(2), 1, 0)))
    if ended:
        former.end("finished")
    with live(RUN, store) as tracker:
        tracker.log(*epochs(2))
        tracker.log(HISTORY[-1])
    (run,) = shown(store)
    assert run.info.status == "FINISHED"
    assert [step for step, _, _ in curve(store, run)] == [1, 2, 3]


def test_what_a_kill_left_open_is_closed_unless_it_trains(store: str) -> None:
    """SIGKILL lets a process say nothing: whoever comes next says it."""
    place = Store(store)
    experiment = Experiment(place, STUDY)
    here, elsewhere = {"cxv.host": socket.gethostname()}, {"cxv.host": "another"}
    for seed, tags in enumerate([here, here, elsewhere]):
        run = RUN.model_copy(update={"seed": seed})
        experiment.begin(run, identity(run, OUTPUT) | tags, ())
    dead, alive, _ = (RUN.model_copy(update={"seed": seed}).id for seed in range(3))
    assert place.close_dead({alive}) == [dead]
    status = {run.data.tags["seed"]: run.info.status for run in shown(store)}
    assert status == {"0": "KILLED", "1": "RUNNING", "2": "RUNNING"}
    assert place.close_dead({alive}) == []


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


def test_more_and_longer_values_than_mlflow_takes_at_once_do_not_lose_the_run(store: str) -> None:
    settings = {f"setting_{n}": n for n in range(120)} | {"long": "x" * 7000}
    model = RUN.model.model_copy(update={"set": settings})
    train(RUN.model_copy(update={"model": model}), store, epochs(300))
    (run,) = shown(store)
    assert run.data.params["model.set.setting_119"] == "119"
    assert len(curve(store, run)) == 300


def test_a_run_of_other_settings_stays_next_to_the_new_one(store: str) -> None:
    train(RUN, store)
    train(RUN.model_copy(update={"phases": (ADAMW.model_copy(update={"batch": 128}),)}), store)
    assert sorted(run.data.params["phase.1.batch"] for run in shown(store)) == ["128", "32"]


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


def test_an_experiment_deleted_in_the_browser_comes_back(store: str) -> None:
    train(RUN, store)
    client(store).delete_experiment(client(store).get_experiment_by_name(STUDY).experiment_id)
    train(RUN.model_copy(update={"seed": 1}), store)
    assert "1" in {run.data.params["seed"] for run in shown(store)}


def test_a_training_over_in_no_time_leaves_mlflow_to_the_mirror(
    store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "Store", None)  # to touch it would be an error, and logged
    tracker = Live(RUN, STUDY, output=OUTPUT, data_sha256="d", store=store)
    began = time.monotonic()
    with tracker:
        tracker.log(*HISTORY)
        tracker.finish(RECORD)
    assert time.monotonic() - began < live_module.AFTER_SECONDS / 2
    assert not shown(store)
