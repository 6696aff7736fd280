"""What MLflow shows of finished chains, written from their records."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tracked import (
    HISTORY,
    LATER,
    RECORD,
    RUN,
    STAMP,
    TWO,
    chain,
    client,
    content,
    curve,
    live,
    show,
    shown,
    write,
)

from cxv.config.grid import Params
from cxv.config.load import load
from cxv.jobs.track import mirror_study
from cxv.tracking.chain import Chain, longest
from cxv.tracking.store import Store

pytestmark = pytest.mark.slow


def test_a_mirror_equals_what_was_shown_live_and_does_not_repeat_it(
    store: str, tables: Path, tmp_path: Path
) -> None:
    rebuilt = f"sqlite:///{shutil.copy(tables, tmp_path / 'rebuilt.db')}"
    found = chain(tmp_path)
    output = found.folder / "metrics.json"
    with live(TWO, store, write(RECORD, tmp_path), output) as tracker:
        tracker.log(*LATER)
        tracker.finish(found.record)
    (original,) = shown(store)
    ids = [show(found, place) for place in (store, rebuilt, rebuilt)]
    ((untouched,), (copy,)) = shown(store), shown(rebuilt)
    assert ids == [original.info.run_id, copy.info.run_id, copy.info.run_id]
    assert content(store, untouched) == content(store, original) == content(rebuilt, copy)
    assert copy.info.end_time - copy.info.start_time == 25_000  # of both links


def test_a_run_has_its_files_and_says_where_its_record_and_report_are(
    store: str, tmp_path: Path
) -> None:
    found = chain(tmp_path)
    id = show(found, store)
    (artifact,) = client(store).list_artifacts(id)
    assert artifact.path == "shown.txt"
    said = client(store).get_run(id).data.tags["mlflow.note.content"]
    assert f"{found.folder}/metrics.json" in said
    assert "results/studies/demo/report.html" in said


@pytest.mark.parametrize("broken", ["status", "numbers"])
def test_a_mirror_remakes_a_run_that_is_not_whole(store: str, tmp_path: Path, broken: str) -> None:
    former = show(chain(tmp_path), store)
    record = RECORD
    if broken == "status":
        client(store).set_terminated(former, "FAILED")
    if broken == "numbers":  # trained again on another machine
        record = record.model_copy(update={"stamp": STAMP.model_copy(update={"seconds": 9})})
    show(chain(tmp_path, record=record), store)
    (remade,) = shown(store)
    assert remade.info.run_id != former


def test_a_run_whose_files_did_not_arrive_gets_them(store: str, tmp_path: Path) -> None:
    id = show(chain(tmp_path), store)
    client(store).delete_tag(id, "cxv.illustrated")
    assert show(chain(tmp_path), store) == id
    assert "cxv.illustrated" in client(store).get_run(id).data.tags


def test_a_chain_that_diverged_shows_no_top1_of_the_phase_before(
    store: str, tmp_path: Path
) -> None:
    nothing = RECORD.outcome.model_copy(update={"top1": None, "loss": None})
    record = RECORD.model_copy(update={"status": "diverged", "outcome": nothing})
    show(chain(tmp_path, record=record), store)
    (run,) = shown(store)
    assert (run.info.status, run.data.tags["cxv.status"]) == ("FINISHED", "diverged")
    assert "test_top1" not in run.data.metrics


def test_what_is_finished_of_a_chain_is_found(tmp_path: Path) -> None:
    assert longest(TWO, tmp_path) is None
    write(RECORD, tmp_path)
    first = longest(TWO, tmp_path)
    assert first
    assert first.run == RUN
    assert longest(TWO, tmp_path) == Chain.load(RUN, tmp_path / RUN.id)
    assert longest(chain(tmp_path).run, tmp_path) == Chain.load(TWO, tmp_path / TWO.id)


@pytest.fixture
def settings() -> Params:
    """One question about both links, and one about the second alone."""
    params = load(Path(__file__).parents[2] / "params.yaml")
    blocks = {"datasets": ["digits"], "models": ["cltv_small"], "variants": ["base"]}
    studies = {
        "both": {"title": "Both", "runs": [blocks | {"recipes": ["demo_adamw", "demo_dualopt"]}]},
        "second": {"title": "Second", "runs": [blocks | {"recipes": ["demo_dualopt"]}]},
    }
    fields = params.model_dump(mode="json") | {"studies": studies, "seeds": [0, 1]}
    return Params.model_validate_json(json.dumps(fields))


def test_every_study_shows_its_chains_in_its_own_experiment_once(
    store: str, settings: Params, tmp_path: Path
) -> None:
    """A first phase is a run only in a study with a recipe that ends with it."""
    for run in settings.runs("both").values():
        write(RECORD.model_copy(update={"spec": run}), tmp_path / "runs", HISTORY)
    seen = []
    for _ in range(2):
        for study in settings.studies:
            mirror_study(settings, study, tmp_path, tmp_path, (), Store(store))
        seen.append([(run.info.run_id, content(store, run)) for run in runs_of(store)])
    assert seen[0] == seen[1]
    assert len(shown(store, "both")) == 4
    assert sorted(len(curve(store, run)) for run in shown(store, "both")) == [3, 3, 6, 6]
    assert [len(curve(store, run)) for run in shown(store, "second")] == [6, 6]


def runs_of(store: str) -> list[Any]:
    return [*shown(store, "both"), *shown(store, "second")]


def test_a_link_is_withdrawn_when_its_chain_goes_on(
    store: str, settings: Params, tmp_path: Path
) -> None:
    links = settings.runs("second").values()
    for link in sorted(links, key=lambda link: len(link.phases)):
        write(RECORD.model_copy(update={"spec": link}), tmp_path / "runs", HISTORY)
        mirror_study(settings, "second", tmp_path, tmp_path, (), Store(store))
    assert {run.data.tags["phases"] for run in shown(store, "second")} == {"adamw_demo, sgd_demo"}
    assert len(shown(store, "second")) == 2


def test_runs_that_are_not_asked_for_stay_as_they_are(
    store: str, settings: Params, tmp_path: Path
) -> None:
    ids = [run.id for run in settings.final_runs("second").values()]
    for run in settings.runs("both").values():
        write(RECORD.model_copy(update={"spec": run}), tmp_path / "runs", HISTORY)
    mirror_study(settings, "both", tmp_path, tmp_path, ids[:1], Store(store))
    assert [run.data.tags["cxv.run"] for run in shown(store, "both")] == ids[:1]
