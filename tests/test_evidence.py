"""A record is found where it is asked for, made by this code and under these settings, or not."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import samples
from conftest import ROOT
from profiled import stamp

from cxv import evidence, fingerprint
from cxv.evidence import Evidence, Gap, tally, top1, why_none
from cxv.examples import ExamplesRecord
from cxv.findings import Candidate, Findings, ForensicsRecord
from cxv.forensics import searches
from cxv.frozen import Frozen
from cxv.grid import Params
from cxv.outline import Block, OutlineRecord
from cxv.records import Counted, CountsRecord, Record, RunRecord
from cxv.spec import Counts
from cxv.zoo import ZOO

SEARCHES = searches(ROOT / "data/paper/table1.csv")
RUN = "cifar10/cnv/base/s1/adamw_ra/adamw"
PROFILE = "digits/cpv_small/gelu"


@dataclass(frozen=True)
class Kind:
    """One kind of record: where it lies, what it has to be, and how it is looked for."""

    path: str
    spec: Callable[[Params], Frozen]
    code: Callable[[Any], str]
    save: Callable[[Path, Any], None]
    find: Callable[[Params, Path], Evidence[Any, Any]]


def write(path: Path, record: Record) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(record.model_dump_json())


def save_search(path: Path, spec: Any) -> None:
    choice = Candidate(
        settings={}, edits=(), image_size=32, chosen=True, params={"all": 1}, macs={}
    )
    found = Findings(tried=1, choice=choice, explanations=(choice,), nearest=())
    made = stamp(fingerprint.of_forensics(spec), seconds=1.0)
    write(path, ForensicsRecord(spec=spec, findings=found, stamp=made))


def save_outline(path: Path, spec: Any) -> None:
    block = Block(name="", kind="CNV", detail="", form="whole", shape=(10,), params=7, macs={})
    made = stamp(fingerprint.of_outline(spec), seconds=1.0)
    write(path, OutlineRecord(spec=spec, outline=block, stamp=made))


def save_counts(path: Path, spec: Any) -> None:
    counted = {row: Counted(params_paper=5, macs_paper=7) for row in spec.rows}
    made = stamp(fingerprint.of_counts(spec), seconds=1.0)
    write(path, CountsRecord(spec=spec, counted=counted, stamp=made))


def save_examples(path: Path, spec: Any) -> None:
    strip = b64encode(b"png")
    made = stamp(fingerprint.of_examples(spec), seconds=1.0)
    record = ExamplesRecord(
        spec=spec,
        data_sha256="d",
        classes=("cat",) * spec.images,
        originals=strip,
        augmented=(strip,) * len(spec.augment),
        stamp=made,
    )
    write(path, record)


def only(found: tuple[Any, ...]) -> Any:
    [one] = found
    return one


KINDS = {
    "run": Kind(
        path=f"{RUN}/metrics.json",
        spec=lambda params: params.runs("small")[RUN],
        code=fingerprint.of_run,
        save=lambda path, spec: samples.save_run(path.parents[6], spec) and None,
        find=lambda params, root: evidence.find_runs(params, "small", root)[RUN],
    ),
    "profile": Kind(
        path=f"{PROFILE}/profile.json",
        spec=lambda params: params.profiles("small")[PROFILE],
        code=fingerprint.of_profile,
        save=lambda path, spec: samples.save_profile(path.parents[3], spec) and None,
        find=lambda params, root: evidence.find_profiles(params, "small", root)[PROFILE],
    ),
    "search": Kind(
        path="vit.json",
        spec=lambda _: SEARCHES["vit"],
        code=fingerprint.of_forensics,
        save=save_search,
        find=lambda _, root: only(evidence.find_forensics(["none", "vit"], SEARCHES, root)),
    ),
    "outline": Kind(
        path="cnv.json",
        spec=lambda params: params.sketches("small")["cnv"],
        code=fingerprint.of_outline,
        save=save_outline,
        find=lambda params, root: only(evidence.find_outlines(params, "small", root)),
    ),
    "counts": Kind(
        path="counts.json",
        spec=lambda _: Counts(rows=tuple(ZOO)),
        code=fingerprint.of_counts,
        save=save_counts,
        find=lambda _, root: evidence.find_counts(root / "counts.json"),
    ),
    "examples": Kind(
        path="cifar10_{digest}.json",
        spec=lambda params: only(tuple(params.examples("small").values())),
        code=fingerprint.of_examples,
        save=save_examples,
        find=lambda params, root: only(evidence.find_examples(params, "small", root)),
    ),
}
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
    path.write_text(path.read_text().replace(now, "0" * 12))
    found = kind.find(params, folder)
    assert found.record == Gap("stale", f"{path}: made by code {'0' * 12}, now {now}")


@every_kind
def test_what_cannot_be_read_is_stale(kind: Kind, params: Params, folder: Path) -> None:
    path, _ = saved(kind, params, folder)
    for text in ("", "{", path.read_text().replace('"commit"', '"revision"')):
        path.write_text(text)
        found = kind.find(params, folder)
        assert isinstance(found.record, Gap)
        assert found.record.status == "stale"
        assert found.record.reason.startswith(f"{path}: unreadable: ")


OTHER = {
    "run": ("seed", 2),
    "profile": ("batch", 9),
    "search": ("params_m", "1.4"),
    "outline": ("classes", 11),
    "counts": ("image_size", 16),
    "examples": ("images", 4),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_other_settings_made_is_stale_and_says_which(
    name: str, params: Params, folder: Path
) -> None:
    kind, (key, value) = KINDS[name], OTHER[name]
    path, spec = saved(kind, params, folder)
    fields = json.loads(path.read_text())
    asked = json.dumps(fields["spec"][key]).replace('"', "'")
    fields["spec"][key] = value
    if name == "examples":
        fields["classes"] = fields["classes"][:value]
    path.write_text(json.dumps(fields))
    found = kind.find(params, folder)
    assert isinstance(found.record, Gap)
    assert found.record.status == "stale"
    assert f"than asked for ({spec.digest})" in found.record.reason
    assert found.record.reason.endswith(f": {key}: {value!r} != {asked}")


def test_every_link_and_every_network_of_a_study_is_looked_for(
    params: Params, folder: Path
) -> None:
    runs = evidence.find_runs(params, "small", folder)
    assert list(runs) == list(params.runs("small"))
    assert [run.path for run in runs.values()] == [folder / id / "metrics.json" for id in runs]
    profiles = evidence.find_profiles(params, "small", folder)
    assert list(profiles) == list(params.profiles("small"))
    paths = [folder / id / "profile.json" for id in profiles]
    assert [one.path for one in profiles.values()] == paths
    searched = evidence.find_forensics(["vit", "cpv"], SEARCHES, folder)
    assert [one.path.name for one in searched] == ["vit.json", "cpv.json"]


def seeds(params: Params, folder: Path, *statuses: str) -> list[Evidence[Any, RunRecord]]:
    """Return a seed of each status, seed 0 first."""
    found = []
    for seed, status in enumerate(statuses):
        run = params.runs("small")["cifar10/cnv/base/s0/adamw_ra"].model_copy(update={"seed": seed})
        if status != "not run":
            samples.save_run(folder, run, diverged=status == "diverged")
        if status == "stale":
            (folder / run.id / "metrics.json").write_text("{}")
        found.append(evidence.find_run(run, folder))
        assert found[-1].record.status == status
    return found


@pytest.mark.parametrize(
    ("statuses", "told", "status"),
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
    params: Params, folder: Path, statuses: list[str], told: str, status: Any
) -> None:
    found = seeds(params, folder, *statuses)
    assert tally(found) == told
    assert why_none(found) == Gap(status, told)


def test_only_a_run_that_finished_has_a_top1_and_it_is_the_tests(
    params: Params, folder: Path
) -> None:
    found = seeds(params, folder, "finished", "diverged", "stale", "not run")
    record = found[0].record
    assert isinstance(record, RunRecord)
    outcome = record.outcome
    assert [top1(one) for one in found] == [outcome.top1, None, None, None]
    assert outcome.top1 not in {outcome.selected_top1, outcome.last_top1, outcome.loss}
