"""Judge the paper's claims by every record that there is."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from cxv.config.grid import Params
from cxv.jobs import counts, profile, train
from cxv.paper.claim_family import ClaimResult
from cxv.paper.claims_from_runs import judge_claims
from cxv.paper.description import Description
from cxv.paper.load_claims import Paper
from cxv.paper.prospects import Prospect, prospects
from cxv.results.lookup import find, find_all
from cxv.results.records import Records


def judged_by(paper: Paper, params: Params, results: Path) -> Mapping[str, ClaimResult]:
    """Return what became of each claim, by its id."""
    return judge_claims(paper, every_record(params, paper.description, results))


def expected_of(
    paper: Paper, params: Params, studies: Iterable[str], results: Path
) -> dict[str, tuple[Prospect, ...]]:
    """Return what studies can tell of each claim, run or not; any record is a pilot."""
    means, pilot = paper.description.means, every_record(params, paper.description, results)
    planned = {
        study: Records(means, [pilot.runs[id] for id in params.runs(study)], ())
        for study in studies
    }
    return {study: prospects(paper, records, pilot) for study, records in planned.items()}


def every_record(params: Params, paper: Description, results: Path) -> Records:
    """Return what a folder of results holds of every study of ``params.yaml``."""
    runs = {id: job for name in params.studies for id, job in train.jobs(params, name).items()}
    networks = {id: job for x in params.studies for id, job in profile.jobs(params, x).items()}
    asked = paper.counts()
    return Records(
        paper.means,
        find_all(runs, results, params.stale).values(),
        find_all(networks, results, params.stale).values(),
        find(counts.job(asked), results, params.stale) if asked else None,
        usual_recipe=paper.file.about.recipe,
    )
