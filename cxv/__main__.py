"""The command line: the verbs of rules, and a few for people.

Verbs import what they need when they run, so that ``--help`` and ``check`` wait for nothing.
"""

import atexit
import gc
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cxv.cli.parser import parser
from cxv.errors import Stopped, UserError
from cxv.jobs import fetch, report, table, track
from cxv.jobs.plan import KINDS

INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    options = vars(parser(VERBS).parse_args(arguments))
    try:
        options.pop("verb")(**options)
        sys.stdout.flush()
    except UserError as error:
        logging.getLogger("cxv").error("%s%s", UserError.SAYS, error)
        return 1
    except Stopped as stop:
        logging.getLogger("cxv").warning("%s", stop)
        return Stopped.EXIT_CODE
    except KeyboardInterrupt:
        logging.getLogger("cxv").warning("interrupted; type the same command again to go on")
        return INTERRUPTED
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def check(params: Path = Path("params.yaml"), results: Path = Path("results")) -> None:
    """Validate params.yaml; list runs per study, and claims that can hardly come out."""
    from cxv.cli.prospects import warning
    from cxv.config.load import load
    from cxv.jobs.check import faults, sound_paper
    from cxv.jobs.claims import expected_of

    settings = load(params, also=faults)
    expected = {}
    if settings.paper:
        paper = sound_paper(params.parent / settings.paper)
        expected = expected_of(paper, settings, settings.studies, results)
    for study in settings.studies:
        runs, profiles = settings.runs(study), settings.profiles(study)
        sys.stdout.write(f"{study}: {len(runs)} runs, {len(profiles)} profiles\n")
        sys.stdout.write(warning(study, expected.get(study, ())))


def plan(
    studies: Sequence[str] = (),
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
) -> None:
    """Print runs, epochs and what sharing saves; of named studies, the chance of each claim too."""
    from cxv.cli.plan import plans
    from cxv.cli.plan import table as listing
    from cxv.cli.prospects import table as prospects
    from cxv.config.load import load
    from cxv.jobs.claims import expected_of
    from cxv.paper.load_claims import load_paper

    settings = load(params)
    sys.stdout.write(listing(plans(settings, studies)))
    if settings.paper and studies:
        paper = load_paper(params.parent / settings.paper)
        for study, found in expected_of(paper, settings, studies, results).items():
            if found:
                sys.stdout.write(f"\n{study}\n{prospects(found, paper.tolerances)}")


def claims(
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    paper: Path | None = None,
) -> None:
    """Check the paper's claims against its printed numbers and our runs."""
    from cxv.config.load import load
    from cxv.jobs.claims import judged_by
    from cxv.paper.listing import table as listing
    from cxv.paper.load_claims import load_paper

    settings = load(params)
    folder = paper or (params.parent / settings.paper if settings.paper else None)
    if folder is None:
        raise UserError(f"{params}: `paper` is null: name the folder of a paper there, or --paper")
    judged = load_paper(folder)
    sys.stdout.write(listing(judged, judged_by(judged, settings, results)))


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


def diff(
    left: str,
    right: str,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    json: bool = False,
) -> None:
    """Show what differs between two runs, two studies or two commits: settings to numbers."""
    from cxv.cli.diff import as_json, listing
    from cxv.cli.diff import diff as between
    from cxv.config.load import load

    found = between(load(params), left, right, results=results)
    sys.stdout.write(as_json(found) if json else listing(found))


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


def store(results: Path = Path("results"), prune: float | None = None) -> None:
    """Show the store of finished jobs; remove what was unused for some days."""
    from cxv.cli import store as shown
    from cxv.records.kept_jobs import share
    from cxv.records.store import store_near

    kept = store_near(results)
    share(kept)
    if prune is not None:
        sys.stdout.write(shown.prune(kept, prune))
    sys.stdout.write(shown.overview(kept))


VERBS = (
    check,
    plan,
    fetch.fetch,
    *(getattr(module, kind) for kind, module in KINDS.items()),
    table.table,
    report.report,
    claims,
    track.track,
    store,
    verify,
    trace,
    stale,
    diff,
    accept,
    seal,
)


if __name__ == "__main__":
    atexit.register(gc.freeze)  # else Python looks for garbage among all that torch has made
    sys.exit(main())
