"""Verbs that compute: what they give their job, and when they refuse to begin."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import samples
import torch
from papers import SHIPPED
from profiled import save_profile
from shared_fixtures import Fetched
from trained import Command, first, small

from cxv.__main__ import main
from cxv.config.grid import Params
from cxv.config.spec import ConfigSearch, Profile, Run, Space
from cxv.gpus import devices
from cxv.gpus.memory_estimate import training_need
from cxv.jobs.config_search import job as search_job
from cxv.jobs.train import job as train_job
from cxv.records.config_search import ConfigSearchRecord
from cxv.training import run as training_run

PAPER = SHIPPED.description


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    return samples.grid(tmp_path)


@pytest.fixture(name="run")
def small_run(run: Run) -> Run:
    return small(run)


@pytest.fixture
def command(run: Run, digits: Fetched, study: Params) -> Command:
    return Command(first(run, max_epochs=1), digits, Path.cwd())


def profile_of(run: Run) -> Profile:
    return Profile(dataset=run.dataset, model=run.model, variant=run.variant, batch=4)


def leave_files(_: Run, *, out: training_run.Outputs, **__: Any) -> None:
    """Stand in for a training whose command alone is of interest."""
    for field in fields(out):
        getattr(out, field.name).touch()


def search() -> ConfigSearch:
    """Return a search among two networks of one row."""
    whole = PAPER.searches()["cltv"]
    return whole.model_copy(update={"space": Space(settings={"mixer.projection": (1, 3)})})


@pytest.mark.slow
def test_a_search_leaves_its_record(study: Params) -> None:
    assert main(["config_search", search().canonical(), "--out", "cltv.json"]) == 0
    record = ConfigSearchRecord.load(Path("cltv.json"), search())
    assert record.stamp.code == search_job(search()).code
    assert record.findings.choice.settings == {"mixer.projection": 1}


def test_a_training_is_given_every_file_and_setting_that_is_named(
    command: Command, digits: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[Run, dict[str, Any]]] = []

    def noted(run: Run, **rest: Any) -> None:
        given.append((run, rest))
        leave_files(run, **rest)

    monkeypatch.setattr(training_run, "train", noted)
    more = ["--experiment", "small", "--checkpoint-seconds", "1.5"]
    assert main([*command.arguments, *more]) == 0
    [(run, rest)] = given
    assert run == command.run
    assert rest == {
        "images": digits.images,
        "manifest": digits.manifest,
        "before": None,
        "out": rest["out"],
        "shown": training_run.Shown("small", command.files.metrics),
        "code": train_job(run).code,
        "device": torch.device("cpu"),
        "unfinished": training_run.Unfinished(Path.cwd() / "states", 1.5),
    }


def test_a_training_reserves_the_memory_that_its_profile_predicts(
    command: Command, digits: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so, on the device that it was given, should that end."""
    save_profile(Path("profiles"), profile_of(command.run))
    path = Path("profiles") / command.run.profile_id / "profile.json"
    need_bytes = training_need(command.run, path, digits.manifest)
    assert need_bytes
    reserved: list[int | None] = []

    @contextmanager
    def meta(need_bytes: int | None) -> Iterator[torch.device]:
        reserved.append(need_bytes)
        yield torch.device("meta")

    calls: list[tuple[Any, ...]] = []

    @contextmanager
    def explain_out_of_memory(*given: Any) -> Iterator[None]:
        calls.append(given)
        yield

    monkeypatch.setattr(devices, "training_device", meta)
    monkeypatch.setattr(devices, "explain_out_of_memory", explain_out_of_memory)
    monkeypatch.setattr(training_run, "train", leave_files)
    assert main([*command.arguments, "--profile", str(path)]) == 0
    assert main(command.arguments) == 0
    assert reserved == [need_bytes, None]
    assert calls == [(command.run, torch.device("meta"), x) for x in (need_bytes, None)]


@pytest.mark.parametrize("lacks", ["parent", "weights"])
def test_a_later_phase_needs_the_record_and_the_weights_of_the_one_before(
    run: Run, digits: Fetched, study: Params, caplog: pytest.LogCaptureFixture, lacks: str
) -> None:
    given = {"parent": "metrics.json", "weights": "checkpoint.pt"}
    del given[lacks]
    rest = [text for name, path in given.items() for text in (f"--{name}", path)]
    assert main([*Command(run, digits, Path.cwd()).arguments, *rest]) == 1
    assert "give its --parent and --weights" in caplog.text


def test_code_that_changed_since_the_plan_computes_nothing(
    study: Params, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    summary_settings, counted = PAPER.drawn()["cnv"], PAPER.counts()
    assert counted
    [examples] = study.examples("small").values()
    profile, images = profile_of(run), ["--images", "images.pt", "--manifest", "manifest.json"]
    jobs_asked = {
        profile.id: ["profile", profile.canonical(), *images[2:]],
        "cltv": ["config_search", search().canonical()],
        summary_settings.id: ["model_summary", summary_settings.canonical()],
        "the paper's networks": ["counts", counted.canonical()],
        examples.id: ["examples", examples.canonical(), *images],
    }
    for name, asked in jobs_asked.items():
        caplog.clear()
        assert main([*asked, "--out", "out.json", "--code", "0" * 12]) == 1
        assert f"{name}: the code changed after this was planned (000000000000 -> " in caplog.text
    assert not Path("out.json").exists()
