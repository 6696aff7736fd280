"""AMP's type on the device that trained is part of what a record is; the other device's is not."""

from pathlib import Path
from typing import Any

import pytest
import samples
from resealed import edit

from cxv.config.grid import Params
from cxv.config.load import ParamsError
from cxv.jobs import alterations
from cxv.jobs.train import job
from cxv.records.intact import Intact
from cxv.records.record import OtherPrecisionError, OtherSettingsError
from cxv.records.run import RunRecord
from cxv.results.lookup import Gap, find

GPU = "NVIDIA A100-SXM4-40GB"


def asking(folder: Path, cuda: str, cpu: str) -> Params:
    """Return the small study with types for AMP."""
    text = samples.GRID.replace("autocast_cuda: float16", f"autocast_cuda: {cuda}")
    return samples.grid(folder, text.replace("autocast_cpu: float32", f"autocast_cpu: {cpu}"))


def record(folder: Path, made: Params, device: str, precision: str) -> tuple[Path, Any]:
    """Write the record of a training on a device; return its path and its run."""
    run = next(iter(made.runs("small").values()))
    samples.save_run(folder / "runs", run)
    path = folder / "runs" / run.id / "metrics.json"
    edit(path, lambda fields: fields["stamp"].update(device=device, precision=precision))
    return path, run


@pytest.mark.parametrize(
    ("device", "precision", "cuda", "cpu", "is_it"),
    [
        ("cpu", "float32", "auto", "float32", True),
        ("cpu", "float32", "bfloat16", "float32", True),
        ("cpu", "float32", "auto", "bfloat16", False),
        (GPU, "bfloat16", "auto", "float32", True),  # as it was made
        (GPU, "bfloat16", "auto", "float16", True),
        (GPU, "bfloat16", "bfloat16", "float32", True),  # what auto came to
        (GPU, "bfloat16", "float16", "float32", False),
        (GPU, "bfloat16", "float32", "float32", False),
    ],
)
def test_a_record_is_asked_for_its_own_precision(
    tmp_path: Path, device: str, precision: str, cuda: str, cpu: str, is_it: bool
) -> None:
    made = asking(tmp_path, "auto", "float32")
    path, run = record(tmp_path, made, device, precision)
    asked = asking(tmp_path, cuda, cpu).runs("small")[run.id]
    assert job(asked).identity == job(run).identity
    found = find(job(asked), tmp_path)
    planned = alterations.of_record("train", job(asked), tmp_path, tmp_path, intact(tmp_path))
    if is_it:
        assert found.spec == run
        assert not isinstance(found.record, Gap)
        assert planned is None
        return
    with pytest.raises(OtherPrecisionError, match=f"computed in {precision} on {device}: train"):
        RunRecord.load(path, asked)
    assert isinstance(found.record, Gap)
    assert found.record.status == "stale"
    assert planned is not None
    assert not planned.needs_training  # nothing was altered: it is made again without a question


def intact(folder: Path) -> Intact:
    return Intact(folder / "intact.json")


def test_what_was_intact_under_one_precision_is_looked_at_again_under_another(
    tmp_path: Path,
) -> None:
    _, run = record(tmp_path, asking(tmp_path, "auto", "float32"), "cpu", "float32")
    other = asking(tmp_path, "auto", "float16").runs("small")[run.id]
    seen = intact(tmp_path)
    assert alterations.of_record("train", job(run), tmp_path, tmp_path, seen) is None
    assert alterations.of_record("train", job(other), tmp_path, tmp_path, seen) is not None


def test_other_settings_are_said_before_another_precision(tmp_path: Path) -> None:
    path, run = record(tmp_path, asking(tmp_path, "auto", "float32"), "cpu", "float32")
    training = run.training.model_copy(update={"autocast_cpu": "float16", "cpu_threads": 2})
    with pytest.raises(OtherSettingsError, match=r"training\.cpu_threads: 1 != 2"):
        RunRecord.load(path, run.model_copy(update={"training": training}))


def test_a_table_takes_records_of_any_precision(tmp_path: Path) -> None:
    """Its rule is given none: the rule of a training has the records made again first."""
    made = asking(tmp_path, "auto", "float32")
    _, run = record(tmp_path, made, "cpu", "float32")
    asked = made.only("small").runs("small")[run.id]
    found = find(job(asked), tmp_path)
    assert found.spec == run
    assert found.source.endswith(f"#{run.digest}")


@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_null_is_no_type(tmp_path: Path, device: str) -> None:
    types = {"cuda": "auto", "cpu": "float32"} | {device: "null"}
    with pytest.raises(ParamsError, match=f"autocast_{device}: must be a type, not null"):
        asking(tmp_path, **types)
