"""Which files of a project belong to a study: code, settings, records, report, licences."""

import importlib.resources
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cxv
from cxv.config.grid import Params
from cxv.errors import UserError
from cxv.jobs.plan import Jobs
from cxv.records.job import Job
from cxv.records.run import CHECKPOINT, FILES, RunRecord
from cxv.records.sealed_folder import files_below
from cxv.report.markdown import escape

CODE = Path(cxv.__file__).parents[1]
"""The folder of the code: a checkout, as the package alone has no workflow."""
TOP = ("Snakefile", "dvc.yaml", "requirements.lock", "pyproject.toml", "LICENSE", "CITATION.cff")
FOLDERS = ("cxv", "workflow")
README = """# {title}

The records of a study, the report that they give, and the workflow that made them, as a Workflow
Run RO-Crate (`ro-crate-metadata.json`).

    python3 verify.py    # Python 3.9 or newer, no package: checksums, seals, and the top-1 again

| | |
|---|---|
| the report and its tables | `results/studies/{study}/` |
| the records of its jobs, with histories, answers and predictions | `results/` |
| where the images came from, and their checksums | `data/raw/*/manifest.json` |
| the settings | `params.yaml`; all that the study depends on, by value: `specification.json` |
| the workflow | `Snakefile`, `workflow/`, `dvc.yaml`; code: `cxv/`; packages: `requirements.lock` |
| licence, how to cite | `LICENSE`, `CITATION.cff` |

{weights} To make it all again: `pip install -r requirements.lock`, then
`snakemake --cores all {study}`.
"""
WITH = "The weights of every run are in its `checkpoint.pt`."
WITHOUT = "The weights are not in it; `cxv export --weights` takes them along."


@dataclass(frozen=True, slots=True)
class CrateFile:
    """One file: from where, or what it says."""

    name: str  # in the crate
    source: Path | str  # a file, or a text

    def content(self) -> bytes:
        """Return what is in it."""
        return self.source.encode() if isinstance(self.source, str) else self.source.read_bytes()


def code_files() -> Iterator[CrateFile]:
    """Yield the workflow and the package.

    Raises:
        UserError: the package is installed without its workflow.
    """
    if missing := [name for name in TOP if not (CODE / name).is_file()]:
        raise UserError(
            f"{CODE}: no {', '.join(missing)}: export from a checkout, which has the workflow"
        )
    yield from (CrateFile(name, CODE / name) for name in TOP)
    for folder in FOLDERS:
        for path in files_below(CODE / folder):
            hidden = any(part.startswith(".") for part in path.relative_to(CODE).parts)
            if not hidden and "__pycache__" not in path.parts:
                yield CrateFile(path.relative_to(CODE).as_posix(), path)


def settings_files(path: Path, params: Params, *, weights: bool) -> Iterator[CrateFile]:
    """Yield the settings, the paper that they name, and what this crate says of itself.

    Args:
        path: of ``params.yaml``.
        params: what it says, cut to the study.
        weights: whether the crate has the checkpoints.
    """
    yield CrateFile("params.yaml", path)
    if (chosen := path.with_name("study.yaml")).exists():
        yield CrateFile("study.yaml", chosen)
    if params.paper:
        folder = Path(params.paper)
        for one in files_below(folder):
            yield CrateFile(f"{params.paper}/{one.relative_to(folder).as_posix()}", one)
    title = params.studies[params.study].title
    readme = README.format(
        title=escape(title), study=params.study, weights=WITH if weights else WITHOUT
    )
    yield CrateFile("README.md", readme)
    yield CrateFile("specification.json", params.model_dump_json(indent=1) + "\n")
    verifier = importlib.resources.files("cxv.crate") / "verify_crate.py"
    yield CrateFile("verify.py", verifier.read_text("utf-8"))


def report_files(results: Path, study: str) -> Iterator[CrateFile]:
    """Yield the tables and the report of a study.

    Raises:
        UserError: it has none.
    """
    folder = results / "studies" / study
    if not (folder / "report.md").exists():
        raise UserError(f"{folder}: no report to export; make it: snakemake --cores 2 {study}")
    for path in files_below(folder):
        yield CrateFile(f"results/studies/{study}/{path.relative_to(folder).as_posix()}", path)


def record_files(job: Job[Any, Any], results: Path, *, weights: bool) -> Iterator[CrateFile]:
    """Yield the record of a job, and of a run the files that prove it."""
    path = results / job.path
    if not path.exists():
        return
    kept = (name for name in FILES if weights or name != CHECKPOINT)
    for name in (path.name, *(kept if job.record is RunRecord else ())):
        yield CrateFile(f"results/{job.path.with_name(name).as_posix()}", path.with_name(name))


def manifests(planned: Mapping[str, Jobs], data: Path) -> dict[str, CrateFile]:
    """Return the manifest of each dataset of a study, by name; it may be missing."""
    jobs = (job for kind in ("train", "profile", "examples") for job in planned[kind].values())
    names = sorted({job.settings.dataset.name for job in jobs})
    return {
        name: CrateFile(f"data/raw/{name}/manifest.json", data / name / "manifest.json")
        for name in names
    }
