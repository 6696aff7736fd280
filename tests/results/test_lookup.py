"""A record is found where it is asked for, made by this code and under these settings, or not."""

import json
import operator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import samples
from kinds import KINDS, SEARCHES, Kind
from look_up import find_profiles, find_run, find_runs, find_searches
from resealed import edit, replace

from cxv.config.grid import Params
from cxv.records.run import RunRecord
from cxv.results.lookup import Gap, Lookup, count_statuses, top1, why_none

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return samples.grid(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "records"


def saved(kind: Kind, params: Params, folder: Path) -> tuple[Path, Any]:
    spec: Any = kind.spec(params)
    path = folder / kind.path.format(digest=spec.digest)
    kind.save(path, spec)
    return path, spec


@every_kind
def test_what_was_made_as_asked_is_found(kind: Kind, params: Params, folder: Path) -> None:
    path, spec = saved(kind, params, folder)
    found = kind.find(params, folder)
    assert not isinstance(found.record, Gap), found.record
    assert (found.path, found.spec, found.record.spec) == (path, spec, spec)
    assert found.source == f"{path}#{spec.digest}"
    assert found.record.stamp.code == kind.code(spec)


@every_kind
def test_what_is_not_there_is_not_run(kind: Kind, params: Params, folder: Path) -> None:
    found = kind.find(params, folder)
    assert isinstance(found.record, Gap)
    assert found.record == Gap("not run", f"{found.path}: not made yet")


@every_kind
def test_what_other_code_made_is_stale(kind: Kind, params: Params, folder: Path) -> None:
    path, spec = saved(kind, params, folder)
    now = kind.code(spec)
    replace(path, now, "0" * 12)
    found = kind.find(params, folder)
    assert found.record == Gap("stale", f"{path}: made by code {'0' * 12}, now {now}")


@every_kind
def test_what_another_version_wrote_is_stale(kind: Kind, params: Params, folder: Path) -> None:
    path, _ = saved(kind, params, folder)
    replace(path, '"commit"', '"revision"')
    found = kind.find(params, folder)
    assert isinstance(found.record, Gap)
    assert found.record.status == "stale"
    assert found.record.reason.startswith(f"{path}: unreadable: ")
    path.write_text("{}")
    unsealed = kind.find(params, folder)
    assert unsealed.record == Gap("stale", f"{path}: unreadable: it has no seal")


@every_kind
def test_what_was_edited_or_cut_short_is_altered(kind: Kind, params: Params, folder: Path) -> None:
    path, _ = saved(kind, params, folder)
    whole = path.read_text()
    edited = json.loads(whole)
    edited["stamp"]["seconds"] += 1
    for text in (json.dumps(edited), whole[:-3], ""):
        path.write_text(text)
        found = kind.find(params, folder)
        assert isinstance(found.record, Gap)
        assert found.record.status == "altered"
        assert found.record.reason.startswith(f"{path}: altered: ")


OTHER = {
    "run": ("seed", 2),
    "profile": ("batch", 9),
    "search": ("params_m", "1.4"),
    "model_summary": ("classes", 11),
    "counts": ("networks.cifar10/cpv/base.image_size", 16),
    "examples": ("images", 4),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_other_settings_made_is_stale_and_says_which(
    name: str, params: Params, folder: Path
) -> None:
    kind, (key, value) = KINDS[name], OTHER[name]
    path, spec = saved(kind, params, folder)
    *outer, last = key.split(".")
    asked = json.dumps(reduce(operator.getitem, (*outer, last), json.loads(spec.canonical())))

    def change(fields: dict[str, Any]) -> None:
        reduce(operator.getitem, outer, fields["spec"])[last] = value
        if name == "examples":
            fields["classes"] = fields["classes"][:value]

    edit(path, change)
    found = kind.find(params, folder)
    assert isinstance(found.record, Gap)
    assert found.record.status == "stale"
    assert f"than asked for ({spec.digest})" in found.record.reason
    assert found.record.reason.endswith(f": {key}: {value!r} != {asked}".replace('"', "'"))


def test_every_link_and_every_network_of_a_study_is_looked_for(
    params: Params, folder: Path
) -> None:
    runs = find_runs(params, "small", folder)
    assert list(runs) == list(params.runs("small"))
    assert [run.path for run in runs.values()] == [folder / id / "metrics.json" for id in runs]
    profiles = find_profiles(params, "small", folder)
    assert list(profiles) == list(params.profiles("small"))
    paths = [folder / id / "profile.json" for id in profiles]
    assert [one.path for one in profiles.values()] == paths
    searched = find_searches(["vit", "cpv"], SEARCHES, folder)
    assert [one.path.name for one in searched] == ["vit.json", "cpv.json"]


def seeds(params: Params, folder: Path, *statuses: str) -> list[Lookup[Any, RunRecord]]:
    """Return a seed of each status, seed 0 first."""
    found = []
    for seed, status in enumerate(statuses):
        run = params.runs("small")["cifar10/cnv/base/s0/adamw_ra"].model_copy(update={"seed": seed})
        if status != "not run":
            samples.save_run(folder, run, diverged=status == "diverged")
        if status == "stale":
            (folder / run.id / "metrics.json").write_text("{}")
        found.append(find_run(run, folder))
        assert found[-1].record.status == status
    return found


@pytest.mark.parametrize(
    ("statuses", "reason", "status"),
    [
        (["finished", "finished"], "", "not run"),
        (["not run", "not run"], "2 of 2 not run (seed 0, 1)", "not run"),
        (["not run", "diverged", "not run"],
         "1 of 3 diverged (seed 1); 2 of 3 not run (seed 0, 2)", "diverged"),
        (["diverged", "not run", "finished", "stale", "diverged"],
         "1 of 5 stale (seed 3); 2 of 5 diverged (seed 0, 4); 1 of 5 not run (seed 1)", "stale"),
    ],
)  # fmt: skip
def test_lost_seeds_are_counted_by_their_reason_and_the_gravest_is_named(
    params: Params, folder: Path, statuses: list[str], reason: str, status: Any
) -> None:
    found = seeds(params, folder, *statuses)
    assert count_statuses(found) == reason
    assert why_none(found) == Gap(status, reason)


def test_only_a_run_that_finished_has_a_top1_and_it_is_the_tests(
    params: Params, folder: Path
) -> None:
    found = seeds(params, folder, "finished", "diverged", "stale", "not run")
    record = found[0].record
    assert isinstance(record, RunRecord)
    outcome = record.outcome
    assert [top1(one) for one in found] == [outcome.top1, None, None, None]
    assert outcome.top1 not in {outcome.selected_top1, outcome.last_top1, outcome.loss}
