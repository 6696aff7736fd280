"""Gather the records of a study into its table."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.records.code_hash import fingerprint
from cxv.records.job_log import begin

ENTRIES = (
    "cxv.jobs.table:table",
    "cxv.jobs.train:jobs",
    "cxv.jobs.profile:jobs",
    "cxv.results.lookup:find_all",
    "cxv.results.table",
    "cxv.report.exports",
    "cxv.report.study_summary",
)
"""Of all code that decides what a table says."""


def code() -> str:
    """Return the fingerprint of that code."""
    return fingerprint(*ENTRIES)


def table(
    spec: str, results: Path, cells: Path, listing: Path, metrics: Path, summary: Path
) -> None:
    """Gather the records of a study into its table."""
    from cxv.jobs import profile, train
    from cxv.report.exports import write_table
    from cxv.report.study_summary import write_summary
    from cxv.results.lookup import find_all
    from cxv.results.table import study_table

    params = Params.model_validate_json(spec)
    begin(params.study)
    runs = find_all(train.jobs(params, params.study), results, params.stale)
    profiles = find_all(profile.jobs(params, params.study), results, params.stale)
    gathered = study_table(params, params.study, runs, profiles)
    write_table(gathered, cells=cells, runs=listing, metrics=metrics)
    write_summary(gathered, summary)
