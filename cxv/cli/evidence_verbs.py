"""The verbs that hold a study against its evidence, and hand both on."""

import sys
from collections.abc import Sequence
from pathlib import Path

from cxv.errors import UserError


def verify(
    studies: Sequence[str] = (),
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    data: Path = Path("data/raw"),
    weights: bool = False,
    replay: int = 0,
) -> None:
    """Hold studies against their seals and derive each number again; on demand, go deeper."""
    from cxv.cli.verify import made, verified
    from cxv.config.load import load

    settings = load(params)
    for study in studies or made(settings, results):
        for line in verified(
            settings, study, results=results, data=data, weights=weights, replay=replay
        ):
            sys.stdout.write(line)
            sys.stdout.flush()


def trace(
    cell: str,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    data: Path = Path("data/raw"),
    json: bool = False,
) -> None:
    """Trace a number of a table back to runs, weights, code, commit and data."""
    from cxv.cli.trace import trace as traced
    from cxv.config.load import load

    found = traced(load(params), cell, results=results, data=data)
    sys.stdout.write(found.as_json() if json else str(found))


def stale(
    studies: Sequence[str] = (),
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    data: Path = Path("data/raw"),
    json: bool = False,
) -> None:
    """List each number whose code, settings, data or packages changed since, and which change."""
    from cxv.cli.stale import as_json, listing
    from cxv.cli.stale import stale as found_in
    from cxv.config.load import load

    settings = load(params)
    found = found_in(settings, studies, results=results, data=data)
    sys.stdout.write(as_json(found) if json else listing(found, settings.stale))


def accept(records: Sequence[str], because: str) -> None:
    """Keep runs whose files were altered, if their predictions still prove their numbers."""
    from cxv.records.accept import accept as accept_run

    for record in records:
        accept_run(Path(record), because)


def seal(folder: Path) -> None:
    """Seal the files of a paper's folder, after an edit that was meant."""
    from cxv.paper.paper_seal import seal_paper

    names = ", ".join(path.name for path in seal_paper(folder))
    sys.stdout.write(f"{folder}: sealed {names}\n")


def export(
    study: str,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    data: Path = Path("data/raw"),
    out: Path | None = None,
    weights: bool = False,
) -> None:
    """Write a study as a Workflow Run RO-Crate to be uploaded with a paper; it checks itself."""
    from cxv.cli.export import exported

    sys.stdout.write(exported(params, study, results=results, data=data, out=out, weights=weights))


def latex_macros(
    study: str,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    out: Path | None = None,
) -> None:
    """Write each number of a study as a LaTeX macro, with the records that give it as a comment."""
    from cxv.cli.manuscript import write_macros
    from cxv.config.load import load

    sys.stdout.write(write_macros(load(params), study, results=results, out=out))


def audit(
    manuscript: Path,
    study: str | None = None,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    json: bool = False,
) -> None:
    """Name each number of a LaTeX manuscript that does not follow from the records of its study."""
    from cxv.cli.manuscript import audited
    from cxv.config.load import load

    found = audited(load(params), manuscript, study, results=results)
    sys.stdout.write(found.as_json() if json else str(found))
    if found.findings:
        raise UserError(f"{manuscript}: {len(found.findings)} numbers do not follow from records")
