"""An edit by hand is seen: of a record by its seal, of a file by its SHA-256, of both by proof."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import samples
from look_up import find_run
from resealed import edit, reseal

from cxv.config.grid import Params
from cxv.config.spec import Run
from cxv.records.predictions import Predictions
from cxv.records.run import FILES, RunRecord
from cxv.records.seal import AlteredError, RecordError, read_sealed, sealed
from cxv.results.lookup import Gap

NAME = "cifar10/cnv/base/s1/adamw_ra/adamw"


@pytest.fixture
def params(tmp_path: Path) -> Params:
    return samples.grid(tmp_path)


@pytest.fixture
def run(params: Params) -> Run:
    return params.runs("small")[NAME]


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    samples.save_run(tmp_path, run)
    return tmp_path / run.id


def found(run: Run, folder: Path) -> RunRecord | Gap:
    """Look the run up in the folder that its own is below."""
    return find_run(run, folder.parents[len(Path(run.id).parts) - 1]).record


def altered(run: Run, folder: Path) -> str:
    """Return why the run has no number."""
    gap = found(run, folder)
    assert isinstance(gap, Gap)
    assert gap.status == "altered"
    return gap.reason


def test_a_sealed_file_has_its_values_in_any_order_and_layout(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(sealed('{"b": [1.5, null], "a": {"é": 1e-8}}'))
    fields = json.loads(path.read_text())
    assert json.loads(read_sealed(path)) == {"b": [1.5, None], "a": {"é": 1e-8}}
    path.write_text(json.dumps(dict(reversed(fields.items()))))
    assert json.loads(read_sealed(path))["b"] == [1.5, None]
    assert len(fields["seal"]) == 64


@pytest.mark.parametrize("value", [0.9999, 7.5, math.nan, None, "0.5", True, [0.5]])
def test_no_other_value_passes_for_a_sealed_one(tmp_path: Path, value: Any) -> None:
    path = tmp_path / "file.json"
    fields = json.loads(sealed('{"top1": 0.5, "n": 3}'))
    path.write_text(json.dumps(fields | {"top1": value}))
    with pytest.raises(AlteredError, match=r"file\.json: altered"):
        read_sealed(path)


def test_what_lacks_a_seal_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    for text in ('{"top1": 0.5}', "[]", "null"):
        path.write_text(text)
        with pytest.raises(RecordError, match="has no seal") as raised:
            read_sealed(path)
        assert not isinstance(raised.value, AlteredError)


def test_every_byte_of_a_record_counts(run: Run, folder: Path) -> None:
    """But for spaces and line breaks, which change no value."""
    assert isinstance(found(run, folder), RunRecord)
    path = folder / "metrics.json"
    whole = path.read_bytes()
    draws = np.random.default_rng(0)
    for at in draws.choice(len(whole), 60, replace=False):
        broken = bytearray(whole)
        broken[at] ^= 1 << int(draws.integers(7))
        path.write_bytes(broken)
        assert json_differs(whole, bytes(broken)) == isinstance(found(run, folder), Gap)


def json_differs(one: bytes, other: bytes) -> bool:
    try:
        return bool(json.loads(one) != json.loads(other))
    except ValueError:
        return True


@pytest.mark.parametrize("name", [name for name in FILES if name != "checkpoint.pt"])
def test_every_file_that_a_number_rests_on_is_held_against_its_sha256(
    run: Run, folder: Path, name: str
) -> None:
    path = folder / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert altered(run, folder) == f"{path}: altered: its SHA-256 is not the one in metrics.json"
    path.unlink()
    assert altered(run, folder).startswith(f"{path}: missing: ")


FORGERIES: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("top-1", lambda outcome: outcome.update(top1=0.9999)),
    ("top-1", lambda outcome: outcome.update(top1=7.5)),
    ("top-1", lambda outcome: outcome.update(top1=None)),
    ("top-1", lambda outcome: outcome.update(top1=outcome["top1"] + 1e-6)),
    ("loss", lambda outcome: outcome.update(loss=outcome["loss"] * (1 - 1e-6))),
    ("test images", lambda outcome: outcome.update(test_images=10_000)),
    ("epochs", lambda outcome: outcome.update(epochs=outcome["epochs"] + 1)),
    ("last top-1", lambda outcome: outcome.update(last_top1=0.99)),
    ("best top-1", lambda outcome: outcome.update(selected_top1=0.99)),
    ("best top-1", lambda outcome: outcome.update(best_epoch=99)),
]


@pytest.mark.parametrize(("what", "forge"), FORGERIES)
def test_a_forged_seal_does_not_help_a_number_that_the_files_contradict(
    run: Run, folder: Path, what: str, forge: Callable[[dict[str, Any]], object]
) -> None:
    edit(folder / "metrics.json", lambda fields: forge(fields["outcome"]))
    assert f"{folder / 'metrics.json'}: altered: {what} " in altered(run, folder)


def test_predictions_of_another_run_are_seen_though_every_seal_is_made_again(
    run: Run, folder: Path, params: Params, tmp_path: Path
) -> None:
    other = params.runs("small")["cifar10/cnv/base/s0/adamw_ra/adamw"]
    samples.save_run(tmp_path, other)
    shutil.copy(tmp_path / other.id / "predictions.npz", folder)
    reseal(folder)
    assert "altered: top-1 " in altered(run, folder)


@pytest.mark.parametrize("name", ["predictions.npz", "history.csv"])
def test_a_file_that_is_none_of_its_kind_is_seen_though_it_is_sealed(
    run: Run, folder: Path, name: str
) -> None:
    (folder / name).write_bytes(b"epoch\n1")
    reseal(folder)
    assert f"{folder / name}: " in altered(run, folder)


def test_a_record_names_each_of_its_files(run: Run, folder: Path) -> None:
    edit(folder / "metrics.json", lambda fields: fields["sha256"].pop("timing.csv"))
    gap = found(run, folder)
    assert isinstance(gap, Gap)
    assert gap.status == "stale"
    assert "wanted of" in gap.reason


def test_a_run_that_diverged_is_held_against_its_history_alone(
    params: Params, tmp_path: Path, run: Run
) -> None:
    samples.save_run(tmp_path, run, diverged=True)
    record = find_run(run, tmp_path).record
    assert not isinstance(record, Gap)
    assert (record.status, record.outcome.top1) == ("diverged", None)


def test_predictions_give_top1_and_loss(tmp_path: Path) -> None:
    """Of three images two are right: 2/3; the loss is (ln 2 + ln 4 + ln 8) / 3 = 2 ln 2."""
    path = tmp_path / "predictions.npz"
    three = (np.array([0, 1, 1], np.int16), np.array([0, 1, 2], np.int16))
    Predictions(*three, -np.log(np.array([2, 4, 8], np.float32))).save(path)
    read = Predictions.load(path)
    assert read.top1 == 2 / 3
    assert read.loss == pytest.approx(2 * math.log(2), rel=1e-7)
