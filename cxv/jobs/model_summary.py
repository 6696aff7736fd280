"""Record the module structure of a network, from which its figure is drawn."""

from pathlib import Path

from cxv.config.grid import Params
from cxv.config.spec import ModelSummary
from cxv.jobs.networks import architecture
from cxv.jobs.record_writing import leave_record
from cxv.paper.description import Description
from cxv.records.job import Job
from cxv.records.model_summary import ModelSummaryRecord, ModuleSummary


def job(settings: ModelSummary) -> Job[ModelSummary, ModelSummaryRecord]:
    """Return the job that summarises a network."""
    entries = (
        "cxv.profiling.model_summary:summarize_model",
        "cxv.profiling.model_summary:build",
        *architecture(settings),
    )
    return Job(
        settings, Path("model_summaries", f"{settings.id}.json"), ModelSummaryRecord, entries
    )


def jobs(
    params: Params, study: str, paper: Description | None
) -> dict[str, Job[ModelSummary, ModelSummaryRecord]]:
    """Return the jobs of the networks that a study trains and the paper draws, by id."""
    if paper is None:
        return {}
    trained = paper.models_trained_by(params, study)
    return {
        settings.id: job(settings) for name, settings in paper.drawn().items() if name in trained
    }


def model_summary(spec: str, out: Path, code: str | None = None) -> None:
    """Record a model's module structure for its architecture figure."""
    settings = ModelSummary.model_validate_json(spec)

    def compute(_: object) -> dict[str, ModuleSummary]:
        from cxv.profiling.model_summary import build, summarize_model

        return {"model_summary": summarize_model(build(settings), settings.image_size)}

    leave_record(job(settings), code, out, compute)
