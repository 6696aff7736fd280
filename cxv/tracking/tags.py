"""The words by which MLflow shows, finds, filters and groups runs."""

from collections.abc import Mapping
from pathlib import Path

from cxv.config.spec import Run
from cxv.records.run import RunRecord

DOT = " \N{MIDDLE DOT} "


def identity(run: Run, output: Path) -> dict[str, str]:
    """Return the tags that tell a run from every other; ``output`` is its record."""
    return {
        "cxv.run": run.id,
        "cxv.family": run.family,
        "cxv.spec": run.digest,
        "cxv.rule": "train",
        "cxv.output": output.as_posix(),
        "mlflow.source.type": "JOB",
        "mlflow.source.name": "cxv train",
        **columns(run),
    }


def columns(run: Run) -> dict[str, str]:
    """Return the tags by which people group and filter; each is a column of MLflow's table.

    Runs of one ``configuration`` differ in their seed alone.
    """
    return {
        "dataset": run.dataset.name,
        "model": run.model.name,
        "variant": run.variant.name,
        "phases": ", ".join(run.links),
        "seed": str(run.seed),
        "configuration": DOT.join((run.dataset.name, *_network_and_phases(run))),
    }


def short_name(run: Run) -> str:
    """Return ``vit gelu s0 · adamw, sgd``: which of the runs of an experiment it is.

    MLflow's table cuts names off at about twenty characters: the seed comes before the phases.
    """
    network, phases = _network_and_phases(run)
    return DOT.join((f"{network} s{run.seed}", phases))


def _network_and_phases(run: Run) -> tuple[str, str]:
    variant = f" {run.variant.name}" if run.variant.is_edited else ""
    return f"{run.model.name}{variant}", ", ".join(run.links)


def evidence(record: RunRecord) -> dict[str, str]:
    """Return the tags that say what a record was made with."""
    return {
        "cxv.status": record.status,
        "cxv.commit": record.stamp.commit or "not a git checkout",
        "mlflow.source.git.commit": record.stamp.commit or "",
        "device": record.stamp.device,
        "cxv.data": record.data_sha256,
    }


def note(output: Path, report: str) -> Mapping[str, str]:
    """Return the tag that MLflow shows as a run's description, in Markdown."""
    lines = f"Record: `{output.as_posix()}`", f"Report of the study: `{report}`"
    return {"mlflow.note.content": "  \n".join(lines)}
