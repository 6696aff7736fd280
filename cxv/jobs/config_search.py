"""Search for the networks that have the costs which a paper prints of a model."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.config.spec import ConfigSearch
from cxv.jobs.record_writing import leave_record
from cxv.networks.registry import ABLATIONS, ZOO
from cxv.paper.description import Description
from cxv.records.config_search import ConfigSearchRecord, SearchResult
from cxv.records.job import Job


def job(settings: ConfigSearch) -> Job[ConfigSearch, ConfigSearchRecord]:
    """Return the job of a search."""
    edits = sorted({name for names in settings.space.edits for name in names})
    entries = (
        "cxv.paper.config_search:search",
        ZOO[settings.model.zoo].entry,
        *(ABLATIONS[name] for name in edits),
    )
    return Job(settings, Path("config_search", f"{settings.id}.json"), ConfigSearchRecord, entries)


def jobs(
    params: Params, study: str, paper: Description | None
) -> dict[str, Job[ConfigSearch, ConfigSearchRecord]]:
    """Return the searches for the models of the paper that a study trains as they are, by model.

    A study that asks for what the paper leaves open has them all.
    """
    if paper is None:
        return {}
    trained = paper.models_trained_by(params, study)
    known = paper.searches()
    wanted = known if "settings" in params.from_paper(study) else known.keys() & trained
    return {name: job(settings) for name, settings in known.items() if name in wanted}


def config_search(spec: str, out: Path, code: str | None = None) -> None:
    """Search for the networks that have the printed costs of a model, on one core."""
    settings = ConfigSearch.model_validate_json(spec)

    def compute(_: object) -> dict[str, SearchResult]:
        import torch

        from cxv.paper.config_search import search

        torch.set_num_threads(1)
        return {"findings": search(settings)}

    leave_record(job(settings), code, out, compute)
