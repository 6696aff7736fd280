"""Search for the networks that have the printed costs of a row of Table 1."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.config.spec import ConfigSearch
from cxv.jobs.record_writing import leave_record
from cxv.networks.registry import ABLATIONS, ZOO
from cxv.paper.unstated_settings import searches
from cxv.records.config_search import ConfigSearchRecord
from cxv.records.job import Job


def job(settings: ConfigSearch) -> Job[ConfigSearch, ConfigSearchRecord]:
    """Return the job of a search."""
    edits = sorted({name for names in settings.space.edits for name in names})
    entries = (
        "cxv.paper.config_search:search",
        ZOO[settings.row].entry,
        *(ABLATIONS[name] for name in edits),
    )
    return Job(settings, Path("config_search", f"{settings.id}.json"), ConfigSearchRecord, entries)


def jobs(
    params: Params, study: str, paper: Path
) -> dict[str, Job[ConfigSearch, ConfigSearchRecord]]:
    """Return the searches for the rows of the paper that a study trains as they are, by row."""
    known = searches(paper / "table1.csv")
    return {row: job(known[row]) for row in params.rows(study) if row in known}


def config_search(spec: str, out: Path, code: str | None = None) -> None:
    """Search for the networks that have the printed costs of a row of Table 1, on one core."""
    import torch

    from cxv.paper.config_search import search

    settings = ConfigSearch.model_validate_json(spec)
    torch.set_num_threads(1)
    leave_record(job(settings), code, out, lambda: {"findings": search(settings)})
