"""What README says can be typed in addition to `snakemake <study>`, typed in one project."""

import csv
import json
import os
import shutil
import signal
import socket
import sys
from io import StringIO
from pathlib import Path
from urllib.request import urlopen

import prepared
import psutil
import pytest
import torch
import yaml
from built import built_once
from processes import PATH, running, wait_for
from project import ADAMW_RUN, BLOCK, Project, make_demo
from trained import Silent, outputs

from cxv.config.load import load
from cxv.config.spec import Run
from cxv.training import run as training_run

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("programs")]  # one project for all

STUDY = "probe"
ADAMW_ROW = "digits-tiny-base-adamw_tiny"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose demo is made, and a part of it as an experiment of DVC."""
    demo = built_once(tmp_path_factory, "made", make_demo)
    folder = tmp_path_factory.mktemp("programs") / "project"
    project = Project(shutil.copytree(demo, folder, symlinks=True))
    params = yaml.safe_load(project.read("params.yaml"))
    params["studies"][STUDY] = {"title": "Probe", "runs": [BLOCK | {"recipes": ["adamw_tiny"]}]}
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    project.run("git", "commit", "-qam", "probe")
    project.run("dvc", "exp", "run", "-S", f"study.yaml:study={STUDY}")
    return project


def top1(project: Project) -> float:
    metrics = json.loads(project.read(f"results/runs/{ADAMW_RUN}/metrics.json"))
    return metrics["outcome"]["top1"]


def test_an_experiment_makes_the_study_that_it_names(made: Project) -> None:
    folder = made.folder / "results/studies"
    assert (folder / STUDY / "report.html").exists()
    assert made.read("study.yaml").decode().startswith(f"study: {STUDY}")


def test_an_experiment_leaves_the_form_of_params_yaml(made: Project) -> None:
    assert made.run("git", "diff", "HEAD", "--", "params.yaml") == ""


def test_experiments_are_shown_as_a_table_with_top_1(made: Project) -> None:
    rows = list(csv.DictReader(StringIO(made.run("dvc", "exp", "show", "--csv"))))
    studies = {row["rev"]: row["study"] for row in rows}
    assert studies["workspace"] == STUDY
    assert studies["main"] == "demo"
    experiment = next(row for row in rows if row["rev"] not in {"workspace", "main"})
    assert experiment["study"] == STUDY
    assert str(round(top1(made), 5)) in experiment.values()


def test_metrics_are_compared_between_commits(made: Project) -> None:
    said = made.run("dvc", "metrics", "diff", "--json", "HEAD")
    changes = json.loads(said)[f"results/studies/{STUDY}/summary/{ADAMW_ROW}.json"]
    assert changes["top1"] == {"old": None, "new": top1(made)}


def test_every_run_is_compared_between_commits(made: Project) -> None:
    runs = f"results/studies/{STUDY}/metrics.json"
    said = made.run("dvc", "metrics", "diff", "--json", "HEAD", "--targets", runs)
    changes = json.loads(said.splitlines()[0])  # HEAD is without this study, as DVC then says
    assert changes[runs][f"{ADAMW_RUN}.top1"] == {"old": None, "new": top1(made)}


def test_top_1_of_every_run_is_plotted(made: Project) -> None:
    made.run("dvc", "plots", "show")
    page = made.read("dvc_plots/index.html").decode()
    assert ADAMW_RUN in page
    assert "Top-1 of every run" in page


def test_snakemake_reports_on_a_study(made: Project) -> None:
    made.snakemake("--report", "report.html", STUDY)
    page = made.read("report.html").decode()
    assert f"results/studies/{STUDY}/report.html" in page
    assert f"results/studies/{STUDY}/table.csv" in page


def answer(url: str) -> str:
    """Return what a server says; nothing while it does not listen yet."""
    try:
        with urlopen(url, timeout=10) as said:  # noqa: S310 - a server of this test
            return said.read().decode()
    except OSError:
        return ""


def test_make_ui_shows_the_runs(made: Project) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    ready = made.folder / "ready"
    ready.touch()
    this = [f"READY={ready}", f"BIN={Path(sys.executable).parent}"]  # in place of a new .venv
    with running("make", "ui", *this, cwd=made.folder, variables={"MLFLOW_PORT": port}) as ui:
        page = wait_for(lambda: answer(f"http://127.0.0.1:{port}/"), 240, ui)
        assert "<title>MLflow</title>" in page
        asked = f"http://127.0.0.1:{port}/api/2.0/mlflow/experiments/search?max_results=10"
        assert "demo" in [one["name"] for one in json.loads(answer(asked))["experiments"]]


@pytest.fixture
def long(made: Project) -> Run:
    """The project's run, made long enough to be interrupted."""
    params = yaml.safe_load(made.read("params.yaml"))
    params["phases"]["adamw_tiny"] |= {"max_epochs": 40, "patience": None}
    (made.folder / "params.yaml").write_text(yaml.safe_dump(params))
    return load(made.folder / "params.yaml").runs(STUDY)[ADAMW_RUN]


def trainings() -> list[psutil.Process]:
    """Return what trains for a prepared Snakemake of this test process."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if child.cmdline()[3:6] == ["-m", "cxv", "train"]]


def test_a_training_that_a_signal_ends_is_started_again_and_ends_the_same(
    made: Project, long: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = f"results/runs/{ADAMW_RUN}/metrics.json"
    saved = made.folder / ".cxv/unfinished"
    path = {"PATH": f"{prepared.programs()}{os.pathsep}{PATH}"}
    command = ("snakemake", "--cores", "1", record)
    with running(*command, cwd=made.folder, variables=path) as snakemake:
        wait_for(lambda: list(saved.rglob("*.pt")), 240, snakemake)
        (training,) = trainings()
        training.send_signal(signal.SIGUSR1)
        said, _ = snakemake.communicate(timeout=300)
    assert snakemake.returncode == 0, said
    assert "exit status 75" in said
    assert said.count("Trying to restart job") == 1
    assert json.loads(made.read(record))["interruptions"] == 1

    monkeypatch.setattr(training_run, "Live", Silent)
    whole = outputs(tmp_path)
    training_run.train(
        long,
        images=made.folder / "data/raw/digits/images.pt",
        manifest=made.folder / "data/raw/digits/manifest.json",
        before=None,
        out=whole,
        shown=training_run.Shown("tests", whole.metrics),
        code="none",
        device=torch.device("cpu"),
        unfinished=training_run.Unfinished(tmp_path, 300.0),
    )
    for path in (whole.history, whole.predictions, whole.checkpoint):
        assert path.read_bytes() == made.read(f"results/runs/{ADAMW_RUN}/{path.name}")
