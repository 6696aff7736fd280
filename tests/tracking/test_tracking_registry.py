"""Registered models: which run is the best, and whether it answers as it did when it was scored."""

from pathlib import Path

import numpy as np
import pytest
from shared_fixtures import Fetched, digits_spec
from tracked import OUTCOME, RECORD, RUN, TWO, client, shown
from trained import Train, phase, small

from cxv.config.grid import Params, Selection, Study
from cxv.config.spec import Run, Variant
from cxv.data.tensors import load
from cxv.jobs.track import show
from cxv.tracking.registry import best_runs

NAME = "digits-cpv_small"
LOADS_PYFUNC = pytest.mark.filterwarnings("ignore:.*type hint is inferred as AnyType")
"""MLflow warns of its own types when it loads this part."""


def scored(run: Run, top1: float | None) -> object:
    return RECORD.model_copy(
        update={"spec": run, "outcome": OUTCOME.model_copy(update={"top1": top1})}
    )


def test_the_best_run_of_a_model_is_that_of_the_best_top1_and_the_first_of_those() -> None:
    seeds = [RUN.model_copy(update={"seed": seed}) for seed in range(3)]
    edited = TWO.model_copy(update={"variant": Variant(name="gelu", edits=("gelu",))})
    records = [
        scored(seeds[0], 0.5),
        scored(seeds[1], 0.75),
        scored(seeds[2], 0.75),
        scored(TWO, None),  # diverged
        scored(edited, 0.9),  # another network
    ]
    assert best_runs(records) == {"digits-small": records[1]}
    assert best_runs([scored(TWO, None)]) == {}


@pytest.fixture
def settings(params: Params, run: Run) -> Params:
    """A study of two seeds of a network that learns little, for an epoch."""
    block = Selection(datasets=("digits",), models=("cpv_small",), recipes=("demo_adamw",))
    return params.model_copy(
        update={
            "datasets": {"digits": digits_spec()},
            "models": {"cpv_small": small(run).model},
            "phases": {"adamw_demo": phase(run.phases[0], max_epochs=1, patience=None)},
            "seeds": (0, 1),
            "studies": {"demo": Study(title="Demo", runs=(block,))},
        }
    )


@pytest.fixture
def data(tmp_path: Path, digits: Fetched) -> Path:
    folder = tmp_path / "data" / "digits"
    folder.mkdir(parents=True)
    for file in digits:
        (folder / file.name).symlink_to(file)
    return folder.parent


@pytest.fixture
def uri(store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The store of a test, as the environment names it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", store)
    return store


@LOADS_PYFUNC
@pytest.mark.slow
def test_the_best_model_is_registered_once_and_answers_as_it_was_scored(
    settings: Params, train: Train, data: Path, uri: str, tmp_path: Path
) -> None:
    from mlflow import pyfunc  # noqa: PLC0415 - loads for seconds, which only this test should pay

    records = [train(run, "results/runs") for run in settings.final_runs("demo").values()]
    for _ in range(2):
        show(settings, tmp_path / "results", data)
    (version,) = client(uri).search_model_versions(f"name = '{NAME}'")
    assert client(uri).get_model_version_by_alias(NAME, "best").version == version.version
    best = best_runs(records)[NAME]
    (run,) = [run for run in shown(uri) if run.data.tags["cxv.run"] == best.spec.id]
    assert version.run_id == run.info.run_id
    files = {file.path for file in client(uri).list_artifacts(version.run_id)}
    assert files == {"metrics.json", "learning_curves.png", "confusion_matrix.png"}

    model = pyfunc.load_model(f"models:/{NAME}@best")
    images = load(data / "digits" / "images.pt").test.images.numpy()
    answers = model.predict(images)
    with np.load(tmp_path / "results/runs" / best.spec.id / "predictions.npz") as file:
        predicted, label = file["predicted"], file["label"]
        probability = np.exp(file["log_probability"])
    assert [answer["label"] for answer in answers] == predicted.tolist()
    right = predicted == label  # of these alone, the record has the probability of the answer
    assert right.any()
    given = np.array([answer["probability"] for answer in answers])
    assert given[right] == pytest.approx(probability[right])
    assert all(answer["name"] == str(answer["label"]) for answer in answers)
    assert all(0.1 < answer["probability"] <= 1 for answer in answers)  # the best of ten classes
    assert model.metadata.signature.inputs.is_tensor_spec()
    assert model.input_example.tolist() == images[:2].tolist()


@LOADS_PYFUNC
@pytest.mark.slow
def test_a_better_run_becomes_the_best_version(
    settings: Params, train: Train, data: Path, uri: str, tmp_path: Path
) -> None:
    worse, better = settings.final_runs("demo").values()
    for run, top1 in ((worse, 0.5), (better, 0.75)):
        record = train(run, "results/runs")
        outcome = record.outcome.model_copy(update={"top1": top1})
        path = tmp_path / "results/runs" / run.id / "metrics.json"
        path.write_text(record.model_copy(update={"outcome": outcome}).text())
    for seeds in ((worse.seed,), (worse.seed, better.seed)):
        show(settings.model_copy(update={"seeds": seeds}), tmp_path / "results", data)
    best = client(uri).get_model_version_by_alias(NAME, "best")
    assert (best.version, best.tags["cxv.run"]) == (2, better.id)


@pytest.mark.slow
def test_without_images_runs_are_shown_and_no_model_is_registered(
    settings: Params, train: Train, uri: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    train(next(iter(settings.final_runs("demo").values())), "results/runs")
    with caplog.at_level("INFO"):
        show(settings, tmp_path / "results", tmp_path / "nothing")
    assert len(shown(uri)) == 1
    assert f"{NAME}: not registered" in caplog.text
    assert client(uri).search_registered_models() == []
