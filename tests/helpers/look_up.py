"""Records of a study in folders that a test names, one for each kind."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cxv.config.grid import Params
from cxv.config.spec import ConfigSearch, Counts, Run
from cxv.jobs import config_search, counts, examples, model_summary, profile, train
from cxv.paper.description import Description
from cxv.paper.load_claims import Paper
from cxv.records.job import Job
from cxv.report.contents import ExtraRecords, ReportData
from cxv.results import lookup
from cxv.results.lookup import (
    ConfigSearchLookup,
    CountsLookup,
    ExamplesLookup,
    Lookup,
    ModelSummaryLookup,
    ProfileLookup,
    RunLookup,
)
from cxv.results.records import Records
from cxv.results.table import Table
from cxv.results.table import study_table as table_of

NOTHING = ExtraRecords()


def find_in(folder: Path, jobs: Mapping[str, Job[Any, Any]]) -> dict[str, Lookup[Any, Any]]:
    """Look records up in the folder of their kind."""
    inside = {
        name: replace(job, path=job.path.relative_to(job.path.parts[0]))
        for name, job in jobs.items()
    }
    return lookup.find_all(inside, folder)


def find_run(run: Run, folder: Path) -> RunLookup:
    return find_in(folder, {"": train.job(run)})[""]


def find_runs(params: Params, study: str, folder: Path) -> dict[str, RunLookup]:
    return find_in(folder, train.jobs(params, study))


def find_profiles(params: Params, study: str, folder: Path) -> dict[str, ProfileLookup]:
    return find_in(folder, profile.jobs(params, study))


def find_searches(
    names: Iterable[str], searches: Mapping[str, ConfigSearch], folder: Path
) -> tuple[ConfigSearchLookup, ...]:
    jobs = {name: config_search.job(searches[name]) for name in names if name in searches}
    return tuple(find_in(folder, jobs).values())


def find_summaries(
    params: Params, study: str, folder: Path, paper: Description
) -> tuple[ModelSummaryLookup, ...]:
    return tuple(find_in(folder, model_summary.jobs(params, study, paper)).values())


def find_examples(params: Params, study: str, folder: Path) -> tuple[ExamplesLookup, ...]:
    return tuple(find_in(folder, examples.jobs(params, study)).values())


def find_counts(path: Path, settings: Counts) -> CountsLookup:
    return lookup.find(replace(counts.job(settings), path=Path(path.name)), path.parent)


def study_table(params: Params, study: str, runs: Path, profiles: Path) -> Table:
    found = find_runs(params, study, runs), find_profiles(params, study, profiles)
    return table_of(params, study, *found)


def gather(
    params: Params,
    study: str,
    runs: Path,
    profiles: Path,
    extra: ExtraRecords = NOTHING,
    paper: Paper | None = None,
) -> ReportData:
    return ReportData.of(study_table(params, study, runs, profiles), extra, paper)


def every_record(
    params: Params,
    runs: Path,
    profiles: Path,
    counted: Path | None = None,
    *,
    paper: Description,
) -> Records:
    """Return what folders hold of every study."""
    wanted = {id: run for study in params.studies for id, run in params.runs(study).items()}
    links = {id: train.job(run) for id, run in wanted.items()}
    measured = {
        id: job for study in params.studies for id, job in profile.jobs(params, study).items()
    }
    asked = paper.counts()
    return Records(
        paper.means,
        find_in(runs, links).values(),
        find_in(profiles, measured).values(),
        find_counts(counted, asked) if counted and asked else None,
        usual_recipe=paper.file.about.recipe,
    )
