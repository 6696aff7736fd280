"""An edit of ``params.yaml`` that means the same plans nothing; another one, what it is about."""

from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import samples
from identity_pairs import BASE, CHANGED, EQUAL, Equal, Other

from cxv.config.grid import Params
from cxv.config.spec import Dataset
from cxv.jobs.plan import plan
from cxv.results.lookup import Gap, find

STUDIES = ("small", "other")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of trainings on a CPU, in a folder that no test changes."""
    root = tmp_path_factory.mktemp("made")
    params = samples.grid(root, BASE)
    for study in STUDIES:
        samples.make(params, study, root / "results")
    return root


@pytest.fixture(scope="module")
def before(folder: Path) -> dict[str, str]:
    return jobs(samples.grid(folder, BASE))


def jobs(params: Params) -> dict[str, str]:
    """Return what each job is compared by: its settings and its code."""
    found = {}
    for study in STUDIES:
        for kind, known in plan(params, study, None).items():
            found |= {f"{kind} {id}": f"{job.identity} {job.code}" for id, job in known.items()}
            names = {job.settings.dataset.name for job in known.values()}
            found |= {f"fetch {name}": wherever(params.datasets[name]) for name in names}
        found |= {f"{rule} {study}": params.only(study).canonical() for rule in ("table", "report")}
    return found


def wherever(dataset: Dataset) -> str:
    """Return what a fetch is compared by; the folder's place is not."""
    return dataset.model_copy(update={"path": None}).canonical()


def to_train(params: Params, results: Path) -> set[str]:
    """Return the trainings without a record of these settings; all have one of the base's."""
    known = {id: job for study in STUDIES for id, job in plan(params, study, None)["train"].items()}
    return {
        f"train {id}" for id, job in known.items() if isinstance(find(job, results).record, Gap)
    }


def planned(before: dict[str, str], folder: Path, edited: Path, text: str) -> set[str]:
    """Return the jobs to be done after an edit, with those that depend on their results."""
    params = samples.grid(edited, text)
    after = jobs(params)
    lacking = to_train(params, folder / "results")
    found = {name for name, text in after.items() if before.get(name) != text} | lacking
    assert {name for name in found if name.startswith("train ")} == lacking
    for study in STUDIES:
        records = plan(params, study, None)
        if any(f"{kind} {id}" in found for kind in ("train", "profile") for id in records[kind]):
            found |= {f"table {study}", f"report {study}"}
    return found


def after(edit: Equal | Other) -> str:
    assert BASE.count(edit.old) == 1, edit.old
    return BASE.replace(edit.old, edit.new)


@pytest.mark.parametrize("edit", EQUAL, ids=lambda edit: edit.what)
def test_an_edit_that_means_the_same_plans_nothing(
    before: dict[str, str], folder: Path, tmp_path: Path, edit: Equal
) -> None:
    assert planned(before, folder, tmp_path, after(edit)) == set()


@pytest.mark.parametrize("edit", CHANGED, ids=lambda edit: edit.what)
def test_another_edit_plans_the_jobs_that_it_concerns_and_no_other(
    before: dict[str, str], folder: Path, tmp_path: Path, edit: Other
) -> None:
    text = after(edit)
    names = jobs(samples.grid(tmp_path, text))
    concerned = [{name for name in names if fnmatchcase(name, x)} for x in edit.jobs]
    assert all(concerned), "a pattern is of no job"
    assert planned(before, folder, tmp_path, text) == set().union(*concerned)
