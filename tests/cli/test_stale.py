"""Each record that would be made otherwise now is named with the change, and no other is."""

import json
from pathlib import Path

import pytest
import samples
from resealed import edit

from cxv.cli import stale as subject
from cxv.config.grid import Params
from cxv.data.manifest import Manifest, Origin
from cxv.errors import UserError
from cxv.records.packages import installed
from cxv.records.seal import SEAL

RESULTS, DATA = Path("results"), Path("data/raw")
RUN = "digits/resnet18/base/s0/adamw"
RECORD = RESULTS / "runs" / RUN / "metrics.json"
CHILD = RECORD.parent / "sgd/metrics.json"
COLUMNS = ("top1_best", "top1_mean", "top1_sd", "n", "top1_optimism", "top1_without_optimism")


@pytest.fixture
def params(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Params:
    monkeypatch.chdir(tmp_path)
    params = samples.grid(tmp_path)
    samples.make(params, "small", RESULTS)
    return params


def found(params: Params) -> dict[str, subject.Found]:
    every = subject.stale(params, ["small"], results=RESULTS, data=DATA)
    assert len({one.path for one in every}) == len(every)
    made = [one for one in every if one.kind in {"train", "profile"}]
    return {one.path: one for one in made}


def said(params: Params) -> dict[str, list[str]]:
    return {path: list(one.why) for path, one in found(params).items()}


def test_what_was_just_made_is_not_stale(params: Params) -> None:
    assert found(params) == {}


def test_a_record_of_other_code_is_named_with_the_cells_made_from_it(params: Params) -> None:
    edit(RECORD, lambda fields: fields["stamp"].update(code="0" * 12))
    [(path, one)] = found(params).items()
    assert (path, one.kind, one.status) == (RECORD.as_posix(), "train", "stale")
    assert one.numbers == tuple(f"small/digits/resnet18/base/adamw/{x}" for x in COLUMNS)
    [change] = one.as_json()["changes"]
    assert (change["kind"], change["before"]) == ("code", "0" * 12)


def test_a_setting_is_named_with_both_values(params: Params) -> None:
    sgd = params.phases["sgd"]
    edited = {**params.phases, "sgd": sgd.model_copy(update={"batch": 32})}
    stale = said(params.model_copy(update={"phases": edited}))
    assert {path for path in stale if path.endswith("sgd/metrics.json")} == stale.keys()
    assert stale[CHILD.as_posix()] == ["specification: phases.1.batch: 64 -> 32"]


def test_other_tensors_of_a_dataset_make_its_runs_stale_alone(params: Params) -> None:
    dataset = params.datasets["digits"]
    origin = Origin(archive="a", urls=(), license="", official=True, differing=(), md5={})
    facts = Manifest(
        dataset=dataset, origin=origin, classes=("0",), train_images=(1,), test_images=(1,),
        shape=(1, 8, 8), mean=(0, 0, 0), std=(1, 1, 1), sha256="f" * 64,
    )  # fmt: skip
    path = DATA / "digits/manifest.json"
    path.parent.mkdir(parents=True)
    path.write_text(facts.text())
    stale = said(params)
    before = samples._sha("digits")
    assert stale.keys() == {
        f"results/runs/{id}/metrics.json" for id in params.runs("small") if "digits" in id
    }
    assert stale[RECORD.as_posix()] == [f"data: digits, SHA-256: {before} -> {'f' * 64}"]


def test_other_weights_to_start_from_are_named(params: Params) -> None:
    edit(CHILD, lambda fields: fields.update(parent_sha256="e" * 64))
    [(path, [why])] = said(params).items()
    assert path == CHILD.as_posix()
    now = samples._sha(RUN)
    assert why == f"data: {RECORD.with_name('checkpoint.pt')}, SHA-256: {'e' * 64} -> {now}"


def test_other_packages_alone_are_a_status_of_their_own(
    params: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is trained again for them."""
    monkeypatch.setattr(subject, "installed", lambda: installed() | {"numpy": "9.9"})
    every = found(params)
    assert len(every) == len(params.runs("small")) + len(params.profiles("small"))
    for one in every.values():
        assert one.status == "made with other packages"
        assert one.why == ("packages: numpy: 2.4.6 -> 9.9",)


def test_altered_unreadable_and_missing_records_keep_their_names(params: Params) -> None:
    altered = json.loads(RECORD.read_text())
    altered["outcome"]["top1"] = 0.5
    RECORD.write_text(json.dumps(altered))
    CHILD.write_text("{}")
    lost = RECORD.parents[1].with_name("s1") / "adamw/metrics.json"
    lost.unlink()
    status = {path: one.status for path, one in found(params).items()}
    assert SEAL in altered
    assert status == {
        RECORD.as_posix(): "altered",
        CHILD.as_posix(): "unreadable",
        lost.as_posix(): "not made",
    }


def test_records_of_the_same_change_are_listed_together(params: Params) -> None:
    for path in (RECORD, CHILD):
        edit(path, lambda fields: fields["stamp"].update(code="0" * 12))
    every = [one for one in found(params).values()]
    text = subject.listing(every, "retrain")
    assert text.count("stale:\n") == 1
    assert f"small/digits/resnet18/base/adamw: {', '.join(COLUMNS)}\n" in text
    assert subject.POLICIES["retrain"] in text
    assert subject.POLICIES["report"] in subject.listing(every, "report")
    assert "every record" in subject.listing([], "retrain")
    assert [one["path"] for one in json.loads(subject.as_json(every))] == [x.path for x in every]


def test_an_unknown_study_is_refused_with_those_that_exist(params: Params) -> None:
    with pytest.raises(UserError, match=r"no study 'large'.*; there are: small, all"):
        subject.stale(params, ["large"], results=RESULTS, data=DATA)
