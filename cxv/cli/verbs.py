"""The verbs that people type; each imports what it needs when it runs."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxv.errors import UserError

if TYPE_CHECKING:
    from cxv.cli.status import Status


def check(params: Path = Path("params.yaml"), results: Path = Path("results")) -> None:
    """Validate params.yaml; warn of odd settings; list runs per study, and claims in doubt."""
    from cxv.cli.prospects import warning
    from cxv.config.load import load, placed
    from cxv.jobs.check import faults, sound_paper
    from cxv.jobs.claims import expected_of
    from cxv.jobs.expected_images import in_folder
    from cxv.jobs.odd_settings import odd_settings

    folder = params.parent
    settings = load(params, also=lambda found: faults(in_folder(found, folder)))
    for line in placed(params, odd_settings(in_folder(settings, folder))):
        sys.stdout.write(f"warning: {line}\n")
    expected = {}
    if settings.paper:
        paper = sound_paper(params.parent / settings.paper)
        expected = expected_of(paper, settings, settings.studies, results)
    for study in settings.studies:
        runs, profiles = settings.runs(study), settings.profiles(study)
        sys.stdout.write(f"{study}: {len(runs)} runs, {len(profiles)} profiles\n")
        sys.stdout.write(warning(study, expected.get(study, ())))


def new_study(new: str, params: Path = Path("params.yaml")) -> None:
    """Write a small study into params.yaml, below the others, to be edited."""
    from cxv.cli.new_study import new_study as written

    sys.stdout.write(written(params, new))


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


def show(
    name: str | None = None,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    data: Path = Path("data/raw"),
    json: bool = False,
) -> None:
    """Show what a study found, with its table; the outcome of a run; or which studies are made."""
    from cxv.cli.show import show as shown
    from cxv.config.load import load

    found = shown(load(params), name, results=results, data=data)
    if json:
        sys.stdout.write(found.as_json())
    else:
        found.print()


def status(
    name: str | None = None,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
    data: Path = Path("data/raw"),
    live: bool = False,
    json: bool = False,
) -> None:
    """Show what of a study is done, what runs where and how far, and what failed, with its log."""
    from cxv.cli.status import show_live
    from cxv.cli.status import status as standing
    from cxv.config.load import load
    from cxv.paper.description import load_description

    settings = load(params)
    paper = load_description(params.parent / settings.paper) if settings.paper else None

    def now() -> "Status":
        return standing(settings, name or settings.study, paper, results=results, data=data)

    if live and sys.stdout.isatty():
        show_live(now)
    else:
        sys.stdout.write(now().as_json() if json else str(now()))


def open(
    name: str | None = None,
    params: Path = Path("params.yaml"),
    results: Path = Path("results"),
) -> None:
    """Open the report of a study in a browser, and say where it is."""
    from cxv.cli.open_report import open_report
    from cxv.config.load import load

    sys.stdout.write(open_report(load(params), name, results=results))


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
