"""Write the report of a study, in all its forms."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxv.config.grid import Params
from cxv.config.photos import OWN
from cxv.records.atomic_files import sha256_of
from cxv.records.code_hash import ROOT, fingerprint
from cxv.records.code_record import keep_definitions
from cxv.records.job_log import begin
from cxv.records.receipt import Receipt
from cxv.records.sealed_folder import seal_folder
from cxv.records.study_stamp import StudyStamp

if TYPE_CHECKING:
    from cxv.jobs.plan import Found, Jobs
    from cxv.paper.load_claims import Paper
    from cxv.report.contents import ReportData
    from cxv.report.sections.photo_facts import OwnPhotos


ENTRIES = (
    "cxv.jobs.report:contents",
    "cxv.jobs.plan:plan",
    "cxv.jobs.plan:collect",
    "cxv.report.rendering",
    "cxv.report.contents:ReportData",
    "cxv.results.lookup",
    "cxv.results.table:study_table",
    "cxv.paper.load_claims:load_paper",
    "cxv.paper.description:Description",
)
"""Of all code that decides what a report says, templates left out."""
TEMPLATES = Path("cxv/report/templates")


def code() -> str:
    """Return the fingerprint of that code."""
    return fingerprint(*ENTRIES)


def stamp(params: Params, data: Path) -> "StudyStamp":
    """Return what the table and the report of ``params.study`` would be made with now.

    Args:
        params: the grid.
        data: the folder of the datasets' manifests.
    """
    from cxv.jobs import table

    paper = Path(params.paper) if params.paper else None
    files = {TEMPLATES / path.name: path for path in (ROOT / TEMPLATES).iterdir()}
    files |= {path: path for path in paper.iterdir()} if paper else {}
    sources = {".j2", ".css", ".js", ".csv", ".yaml"}
    files = {name: path for name, path in files.items() if path.suffix in sources}
    files |= {Path("data/raw", *at.parts[-2:]): at for at in manifests(params, data) if at.exists()}
    return StudyStamp(
        spec=params,
        code={"table": table.code(), "report": code()},
        files={name.as_posix(): sha256_of(path) for name, path in sorted(files.items())},
    )


def manifests(params: Params, data: Path) -> tuple[Path, ...]:
    """Return where the manifests of the own photos of ``params.study`` are."""
    datasets = params.only(params.study).datasets
    names = sorted(name for name, dataset in datasets.items() if dataset.source == OWN)
    return tuple(data / name / "manifest.json" for name in names)


def report(spec: str, results: Path, out: Path, data: Path = Path("data/raw")) -> None:
    """Write the report of a study, in all its forms, into a folder."""
    from cxv.jobs import table
    from cxv.report.rendering import write_report

    params = Params.model_validate_json(spec)
    begin(params.study)
    write_report(contents(params, results, data), out)
    for entries in (table.ENTRIES, ENTRIES):
        keep_definitions(results, *entries)
    stamp(params, data).save(out)
    seal_folder(out)


def contents(params: Params, results: Path, data: Path) -> "ReportData":
    """Return what the report of ``params.study`` shows: its records, manifests of own photos.

    Of the paper it shows nothing, if the study has nothing to do with it.
    """
    return contents_of(params, records(params, results), results, manifests(params, data))


def contents_of(
    params: Params,
    found: "Found",
    results: Path,
    of_photos: Sequence[Path] = (),
    *,
    draw: bool = True,
) -> "ReportData":
    """Return what ``contents`` does, from records that were looked up before."""
    from cxv.report.contents import ExtraRecords, ReportData
    from cxv.results.table import study_table

    paper = _paper(params)
    extra = ExtraRecords(
        counts=next(iter(found["counts"].values()), None),
        searches=tuple(found["config_search"].values()),
        model_summaries=tuple(found["model_summary"].values()),
        examples=tuple(found["examples"].values()),
        photos={path.parent.name: _own(path) for path in of_photos},
    )
    table = study_table(params, params.study, found["train"], found["profile"])
    receipt = Receipt.load(results / "studies" / params.study, digest(found))
    return ReportData.of(table, extra, paper, receipt, draw=draw)


def planned(params: Params) -> "dict[str, Jobs]":
    """Return the jobs whose records the report of ``params.study`` shows, by kind and id."""
    from cxv.jobs.plan import plan

    paper = _paper(params)
    return plan(params, params.study, paper.description if paper else None)


def records(params: Params, results: Path) -> "Found":
    """Return the records of ``params.study``, by kind and id."""
    from cxv.jobs.plan import collect

    return collect(planned(params), results, params.stale)


def digest(found: "Found") -> str:
    """Return a SHA-256 over everything that the records of a study say."""
    from cxv.results.lookup import digest

    return digest(one for kind in found.values() for one in kind.values())


def _own(path: Path) -> "OwnPhotos":
    from cxv.data.manifest import Manifest
    from cxv.report.sections.photo_facts import OwnPhotos

    return OwnPhotos(path, Manifest.load(path) if path.exists() else None)


def _paper(params: Params) -> "Paper | None":
    """Return the paper, if the study has something to do with it."""
    from cxv.paper.load_claims import load_paper

    paper = load_paper(Path(params.paper)) if params.paper else None
    touched = paper and paper.description.is_touched_by(params, params.study)
    return paper if touched else None
