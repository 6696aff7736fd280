"""What users rely on when they type snakemake and dvc, tried in clones with a study of seconds."""

import hashlib
import shutil
import sqlite3
from contextlib import closing

import pytest
import yaml
from project import ADAMW_RUN, BLOCK, FOLLOWS, MODEL, PROFILE, SGD_RUN, TABLE, Project

from benchmarks.certificate import SAME

pytestmark = pytest.mark.slow


def test_a_second_run_does_nothing(project: Project) -> None:
    before = project.read(TABLE)
    assert "Nothing to be done" in project.snakemake("demo")
    assert project.read(TABLE) == before


def test_without_a_target_the_study_of_params_yaml_is_made(project: Project) -> None:
    project.edit("momentum: 0.9", "momentum: 0.5")
    assert project.planned() == project.planned("demo") == {f"train {SGD_RUN}", *FOLLOWS}


def test_mlflow_shows_a_chain_by_its_last_file_and_its_best_model(project: Project) -> None:
    with closing(sqlite3.connect(project.folder / "mlflow.db")) as database:
        shown = database.execute("select value from tags where key = 'cxv.output'").fetchall()
        models = database.execute("select name from registered_models").fetchall()
    assert shown == [(f"results/runs/{SGD_RUN}/metrics.json",)]
    assert models == [("digits-tiny",)]


def test_how_trainings_share_gpus_makes_nothing_anew(project: Project) -> None:
    project.edit("share: none", "share: auto")
    assert project.planned() == set()
    assert "up to date" in project.run("dvc", "status")
    project.edit("momentum: 0.9", "momentum: 0.5")
    project.snakemake("demo")
    assert SGD_RUN in project.read(TABLE).decode()
    project.edit("share: auto", "share: none")
    assert project.planned() == set()


def test_trainings_at_once_give_the_tables_of_one_after_the_other(project: Project) -> None:
    """Two seeds, so that two cores train both at a time; measured speeds are kept as they are."""
    params = yaml.safe_load(project.read("params.yaml"))
    params["studies"]["demo"]["runs"][0]["seeds"] = [0, 1]
    (project.folder / "params.yaml").write_text(yaml.safe_dump(params))
    made: list[list[bytes]] = []
    for cores in ("2", "1"):
        shutil.rmtree(project.folder / "results/runs")
        project.run("snakemake", "--cores", cores, "demo")
        runs = sorted((project.folder / "results/runs").rglob("*"))
        same = [x for x in runs if x.name in SAME]
        tables = [TABLE, TABLE.with_name("runs.csv"), TABLE.with_name("metrics.json")]
        made.append([project.read(path) for path in (*tables, *same)])
    assert len(made[0]) == 3 + 4 * len(SAME)  # of four links
    assert made[0] == made[1]


def test_a_training_takes_as_many_cores_as_it_computes_on(project: Project) -> None:
    """So two of two threads each do not share two cores."""
    project.edit("cpu_threads: 1", "cpu_threads: 2")
    said = project.run("snakemake", "-n", "--cores", "4", "demo")
    trained = said.count("rule train:")
    assert trained
    assert said.count("threads: 2") == trained


def test_an_edited_phase_plans_its_links_and_what_follows(project: Project) -> None:
    project.edit("    lr: 0.001\n      momentum", "    lr: 0.002\n      momentum")
    assert project.planned() == {f"train {SGD_RUN}", *FOLLOWS}


def test_two_swapped_values_are_noticed(project: Project) -> None:
    project.edit("lr: 0.001\n      betas", "lr: 0.01\n      betas")
    project.edit("weight_decay: 0.01", "weight_decay: 0.001")
    assert project.planned() == {f"train {ADAMW_RUN}", f"train {SGD_RUN}", *FOLLOWS}


def test_no_table_shows_the_number_of_a_run_that_failed_after_an_edit(project: Project) -> None:
    shutil.rmtree(project.folder / ".cxv/store")
    weights = project.folder / "results/runs" / ADAMW_RUN / "checkpoint.pt"
    sound = weights.read_bytes()
    weights.write_bytes(sound + b"altered")
    project.edit("momentum: 0.9", "momentum: 0.5")
    said = project.snakemake("demo", code=1)
    assert f"rm results/runs/{ADAMW_RUN}/metrics.json" in said
    assert not (project.folder / TABLE).exists()
    for name in ("report.html", "report.md", "report.tex", "figures", "tables"):
        assert not (project.folder / TABLE).with_name(name).exists()
    weights.write_bytes(sound)
    assert project.planned() == {f"train {SGD_RUN}", *FOLLOWS}
    project.snakemake("demo")
    assert SGD_RUN in project.read(TABLE).decode()


def test_a_failed_dvc_repro_leaves_no_old_table_either(project: Project) -> None:
    shutil.rmtree(project.folder / ".cxv/store")
    weights = project.folder / "results/runs" / ADAMW_RUN / "checkpoint.pt"
    weights.write_bytes(weights.read_bytes() + b"altered")
    project.edit("momentum: 0.9", "momentum: 0.5")
    project.run("dvc", "repro", code=255)
    assert not (project.folder / TABLE).exists()


def test_a_lost_file_is_made_again(project: Project) -> None:
    (project.folder / "results/runs" / SGD_RUN / "predictions.npz").unlink()
    assert project.planned() == {f"train {SGD_RUN}", *FOLLOWS}


def test_the_profiles_of_a_study_need_no_image_and_no_run(project: Project) -> None:
    (project.folder / "data/raw/digits/images.pt").unlink()
    shutil.rmtree(project.folder / "results/runs")
    assert project.planned("demo_profiles") == set()
    (project.folder / "results/profiles" / PROFILE / "profile.json").unlink()
    assert project.planned("demo_profiles") == {f"profile {PROFILE}"}
    assert f"train {SGD_RUN}" in project.planned("demo")


def test_code_that_changes_after_the_plan_is_not_run_under_its_old_name(project: Project) -> None:
    train = project.folder / "workflow/rules/train.smk"
    train.write_text(train.read_text().replace("{params.code}", "000000000000"))
    said = project.snakemake("--forcerun", "train", "--", "demo", code=1)
    assert "the code changed after this was planned" in said


def test_a_part_of_a_study_is_not_reported_to_dvc_as_the_whole(project: Project) -> None:
    project.edit("momentum: 0.9", "momentum: 0.5")
    project.snakemake("--until", "train", "--", "demo")
    assert "up to date" not in project.run("dvc", "status")


def test_a_search_that_failed_after_an_edit_leaves_the_last_report_and_its_search(
    project: Project,
) -> None:
    (project.folder / "data/paper/seal.json").unlink()  # its files are edited below
    space = {"resnet18": {"settings": {"width": [64]}}}
    (project.folder / "data/paper/search.yaml").write_text(yaml.safe_dump({"spaces": space}))
    params = yaml.safe_load(project.read("params.yaml"))
    params["studies"]["demo"]["from_paper"] = ["costs", "settings"]
    (project.folder / "params.yaml").write_text(yaml.safe_dump(params))
    project.snakemake("demo")
    report = (project.folder / TABLE).with_name("report.html")
    assert "Unstated settings" in report.read_text()
    assert project.planned() == set()
    rule = project.folder / "workflow/rules/config_search.smk"
    rule.write_text(rule.read_text().replace("{params.code}", "000000000000"))
    table1 = project.folder / "data/paper/table1.csv"
    table1.write_text(table1.read_text().replace("11.2,0.6,0.56", "11.2,0.6,0.57"))
    again, search = {"config_search resnet18", "report demo"}, "results/config_search/resnet18.json"
    before = report.read_text(), project.read(search)
    assert project.planned() == again
    assert "the code changed after this was planned" in project.snakemake("demo", code=1)
    assert (report.read_text(), project.read(search)) == before
    assert project.planned() == again


def test_no_report_shows_the_old_profile_of_a_network_that_is_measured_alone(
    project: Project,
) -> None:
    params = yaml.safe_load(project.read("params.yaml"))
    params["models"]["other"] = MODEL
    studies = params["studies"]
    studies["demo"]["measured"] = [{"datasets": ["digits"], "models": ["other"]}]
    studies["probe"] = {"title": "Probe", "runs": [BLOCK | {"models": ["other"]}]}
    (project.folder / "params.yaml").write_text(yaml.safe_dump(params))
    project.snakemake("demo")
    report = (project.folder / TABLE).with_name("report.html")
    assert report.exists()
    params["models"]["other"] = MODEL | {"set": MODEL["set"] | {"dim": 12}}
    (project.folder / "params.yaml").write_text(yaml.safe_dump(params))
    project.snakemake("probe_profiles")
    assert not report.exists()
    assert (project.folder / TABLE).exists()


def test_a_report_is_made_anew_when_a_file_of_the_paper_changes(project: Project) -> None:
    for name in ("tolerances.yaml", "claims.yaml"):
        path = project.folder / "data/paper" / name
        path.write_text(path.read_text() + "# frozen\n")
        assert f"{name}: altered" in project.snakemake("-n", "demo", code=1)
        project.run("python", "-m", "cxv", "seal", "data/paper")
        assert project.planned() == {"report demo"}
        project.snakemake("demo")
    report = (project.folder / TABLE).with_name("report.html").read_text()
    assert hashlib.sha256(project.read("data/paper/tolerances.yaml")).hexdigest() in report


def test_touch_is_refused(project: Project) -> None:
    project.edit("momentum: 0.9", "momentum: 0.5")
    assert "--touch would call results up to date" in project.snakemake("--touch", "demo", code=1)
    assert project.planned() == {f"train {SGD_RUN}", *FOLLOWS}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--cores", "1", "--resources", "gpu=1", "all"],
        ["all", "--cores", "1", "--resources", "gpu=1"],
        ["--cores", "1", "--resources", "gpu=1", "--", "all"],
        ["--resources", "gpu=1", "--cores", "1", "all"],
        ["--cores", "1", "--resources=gpu=1", "all"],
    ],
)
def test_every_order_of_the_papers_command_is_accepted(
    project: Project, arguments: list[str]
) -> None:
    said = project.run("snakemake", "-n", *arguments)
    assert "results/studies/all/report.html" in said
    assert "rule train" not in said  # `demo` made all runs


def test_wrong_settings_stop_every_program_with_one_message(project: Project) -> None:
    project.edit("max_epochs: 1", "max_epochs: 0")
    message = "phases.adamw_tiny.max_epochs: must be above 0, not 0"
    assert message in project.run("snakemake", "-n", "demo", code=1)
    assert message in project.run("python", "-m", "cxv", "check", code=1)
    assert message in project.run("dvc", "repro", code=255)
