import os
import shutil
import subprocess
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger
from snakemake.resources import Resource

sys.path.insert(0, workflow.basedir)

from cxv.config.grid import ALL
from cxv.config.load import CHOICE, load
from cxv.data import folder_state
from cxv.errors import UserError
from cxv.jobs import fetch, config_search, report as report_of, table, train
from cxv.jobs.checked_before import CheckedBefore
from cxv.jobs.plan import KINDS, kept_stale, plan, rerun_code
from cxv.paper.description import load_description
from cxv.records.kept_jobs import share
from cxv.records.store import store_near
from cxv.report.opening import closing_words
from workflow import (
    altered,
    dvc_lock,
    interruptions,
    job_resources,
    last_good,
    machine,
    retries,
    snakemake_metadata,
)

RUN = "results/runs/{run}"
PROFILE = "results/profiles/{profile}"
STUDY = "results/studies/{study}"
VERSIONED = [Path("data/raw"), Path("results")]
# Below the working folder as a rule: absolute paths would make every report of a copy again.
TEMPLATES = sorted(Path(os.path.relpath(workflow.basedir), "cxv/report/templates").iterdir())


def settings_text():
    """Return what a command was planned by, to see whether it was edited since."""
    files = [Path("params.yaml"), Path(CHOICE)]
    return [path.read_bytes() for path in files if path.exists()]


if config:
    raise WorkflowError("--config is not read: every setting stands in params.yaml")

PLANNED = settings_text()
try:
    if workflow.is_main_process:
        # Once a command, not once a job: what was not checked before loads torch.
        CHECKED = CheckedBefore(Path(".cxv/sound.txt"))
        PARAMS = load(Path("params.yaml"), also=CHECKED.faults)
        snakemake_metadata.load(VERSIONED)
        machine.end_at_once()
        interruptions.hear_interrupt()
        HELD, killed = interruptions.continue_work()
        if killed:
            logger.info("The last command was killed; this one continues its work.")
    else:
        PARAMS = load(Path("params.yaml"))
    PAPER = load_description(Path(PARAMS.paper)) if PARAMS.paper else None
    if PAPER and workflow.is_main_process:
        CHECKED.sound_paper(Path(PARAMS.paper))
except UserError as error:
    raise WorkflowError(str(error))

STUDIES = [*PARAMS.studies, ALL]
JOBS = {study: plan(PARAMS, study, PAPER) for study in STUDIES}
KNOWN = {}  # by kind and id, whatever study asks for it
for planned in JOBS.values():
    for kind, jobs in planned.items():
        KNOWN.setdefault(kind, {}).update(jobs)
SEARCHES = PAPER.searches() if PAPER else {}  # of every model, whether a study trains it or not
KNOWN["config_search"] |= {row: config_search.job(search) for row, search in SEARCHES.items()}
EXPERIMENTS = PARAMS.experiments()
SHARED = PARAMS.gpus.share == "auto"
# Of a training that failed, by the command that was typed: a job of Slurm runs Snakemake too.
RETRIES = 2 if workflow.is_main_process else 0
TRAINED = []
UNPULLED = []  # of what dvc.lock lists
for folder_of_dvc in VERSIONED:  # DVC wants them, even of a study without data
    folder_of_dvc.mkdir(parents=True, exist_ok=True)

machine.offer_programs()
last_good.keep_outputs(decides=workflow.is_main_process)
if workflow.is_main_process:
    retries.judge_by_logs()
machine.offer_mirror(PARAMS.mirror)
if "gpu" not in workflow.global_resources:
    workflow.global_resources["gpu"] = Resource(
        "gpu", machine.trainings_at_once(workflow.resource_settings.cores)
    )


wildcard_constraints:
    dataset="[a-z0-9_]+",
    study="[a-z0-9_]+",
    run="[a-z0-9_/]+",
    profile="[a-z0-9_/]+",
    row="[a-z0-9_]+",
    network="[a-z0-9_]+",
    examples="[a-z0-9_]+",
    unknown="[A-Za-z0-9_-]+",


def wherever(dataset):
    """Return a dataset without the folder of its photos."""
    return dataset.model_copy(update={"path": None})


def photos_of(wildcards):
    """Names and contents of a user's own photos: an edit of them remakes the dataset."""
    dataset = PARAMS.datasets[wildcards.dataset]
    try:  # an unmounted disk must not cost the tensors that are there
        return folder_state.state(dataset, Path(".cxv/photos"))
    except UserError as error:
        raise WorkflowError(f"params.yaml: datasets.{dataset.name}.path: {error}")


def job_of(kind, id):
    """Return a row of the table of jobs."""
    if id not in KNOWN[kind]:
        raise WorkflowError(f"no study of params.yaml asks for {id}")
    return KNOWN[kind][id]


def only_job(kind):
    """Return the job of a kind that has one at most."""
    if not KNOWN[kind]:
        raise WorkflowError(f"no study of params.yaml asks for {kind}")
    return next(iter(KNOWN[kind].values()))


def files_of_paper():
    """Return what a report says of the paper depends on, below the folder of params.yaml."""
    if PARAMS.paper is None:
        return []
    files = sorted(Path(PARAMS.paper).iterdir())
    return [path for path in files if path.suffix in {".csv", ".yaml"}]


def asked(kind, wildcards, wildcard):
    """Return the job that a wildcard names, or the only one of its kind."""
    return job_of(kind, wildcards[wildcard]) if wildcard else only_job(kind)


def run_of(wildcards):
    return job_of("train", wildcards.run).settings


def profile_of(wildcards):
    return job_of("profile", wildcards.profile).settings


def examples_of(wildcards):
    return job_of("examples", wildcards.examples).settings


def settings_of(kind, wildcard):
    """Return a function from wildcards to a job's whole specification, as JSON."""
    return lambda wildcards: job_of(kind, wildcards[wildcard]).identity


def records(study, *kinds):
    """Return the paths of a study's records of some kinds."""
    return [
        f"results/{job.path.as_posix()}" for kind in kinds for job in JOBS[study][kind].values()
    ]


def profile_for(wildcards):
    """The profile that gives a training's GPU memory; without it, the training takes a whole GPU."""
    return f"results/profiles/{run_of(wildcards).profile_id}/profile.json" if SHARED else ""


def gpus_of_a_training(wildcards):
    """Of --resources gpu. On this machine one that shares a GPU waits for room by itself."""
    return 0 if SHARED and workflow.local_exec else 1


def more(first):
    """Return what a job asks a cluster for: more after each attempt that failed, up to three times."""
    return lambda wildcards, attempt: first * min(attempt, 3)


def asked_by(wildcards):
    """Return the memory and the minutes that a training asks a cluster for."""
    run = run_of(wildcards)
    profile = Path(f"results/profiles/{run.profile_id}/profile.json")
    return job_resources.training(run, profile, Path(manifest_of(run)))


def tries_of(wildcards):
    """By how much a training asks for more: an attempt that advanced did not fail."""
    return min(1 + retries.failures(f"logs/train/{wildcards.run}.log"), 3)


def images_of(spec):
    """Tensors too large to compare: the manifest next to them decides, never their date."""
    return ancient(f"data/raw/{spec.dataset.name}/images.pt")


def manifest_of(spec):
    return f"data/raw/{spec.dataset.name}/manifest.json"


def of_parent(name):
    """Return an input function: a file of the link before, nothing for the first link."""

    def files(wildcards):
        parent = run_of(wildcards).parent
        return [f"results/runs/{parent.id}/{name}"] if parent else []

    return files


TABLED = ("train", "profile")
"""Kinds of records that a table is made from."""
SHOWN_IN_REPORT = tuple(kind for kind in KINDS if kind not in TABLED)
"""Kinds of records that a report shows in addition."""


def made_for(study):
    """All that a study makes: its table alone would hide a run that failed or lost a file."""
    return [
        *records(study, *TABLED, *SHOWN_IN_REPORT),
        *(f"results/runs/{id}/{file}" for id in JOBS[study]["train"] for file in train.FILES),
    ]


def manifests_of(study):
    return sorted({manifest_of(job.settings) for job in JOBS[study]["profile"].values()})


def manifests_of_own_photos(study):
    """Return the manifests that a report takes facts of own photos from."""
    return [str(path) for path in report_of.manifests(PARAMS.only(study), Path("data/raw"))]


def refuse_unknown(wildcards):
    known = ", ".join(sorted(STUDIES))
    raise WorkflowError(
        f"params.yaml: no study is called {wildcards.unknown!r}; there are: {known};"
        " with _data, _profiles or _runs behind its name, a part of it"
    )
