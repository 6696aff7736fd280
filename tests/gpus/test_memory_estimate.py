"""How much of a GPU a training is given, and on which."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from profiled import save_profile
from shared_fixtures import Fetched
from torch import nn

from cxv.config.phases import Optimizer
from cxv.config.spec import Profile, Run
from cxv.data.manifest import Manifest
from cxv.errors import UserError
from cxv.gpus import devices, memory_estimate
from cxv.gpus.devices import explain_out_of_memory, training_device
from cxv.profiling.memory import predicted_peaks
from cxv.records.costs import PeakMemory, ProfileRecord
from cxv.records.cuda_context import CUDA_CONTEXT_BYTES
from cxv.records.seal import read_sealed
from cxv.training.evaluation import EVALUATION_BATCH
from workflow.machine import _gpus

PEAK = PeakMemory(
    memory="fused",
    precision="float16",
    optimizer="AdamW",
    predicted_peak_bytes=100 + 200 + 50 + 3000 + 150,
    predicted_weight_bytes=100,
    predicted_optimizer_bytes=200,
    predicted_gradient_bytes=50,
    predicted_activation_bytes=3000,
    predicted_temporary_bytes=150,
    predicted_saved_bytes=2900,
    predicted_scoring_bytes=1000,
)
KEPT, STEPPING = 350, 3150


def need(run: Run, peak: PeakMemory = PEAK, batch: int = 64, data_bytes: int = 0) -> int:
    """Return what is needed without context and spare bytes."""
    whole = memory_estimate.need_bytes(
        run, peak, batch=batch, data_bytes=data_bytes, context_bytes=7
    )
    return whole - memory_estimate.SPARE_BYTES - 7


def spared(tensor_bytes: int) -> Any:
    return pytest.approx(1.1 * tensor_bytes, abs=1)  # rounded up


def test_a_training_needs_its_step_its_images_a_context_and_something_to_spare(run: Run) -> None:
    assert run.phase.batch == 64
    assert need(run, data_bytes=600) == spared(KEPT + STEPPING + 600)


def test_a_larger_step_needs_more_and_a_smaller_one_no_less(run: Run) -> None:
    assert need(run, batch=32) == spared(KEPT + 2 * STEPPING)  # profiled at half of its 64
    assert need(run, batch=128) == need(run, batch=64)


def test_gradients_added_up_need_what_a_part_of_the_step_needs(run: Run) -> None:
    in_parts = run.training.model_copy(update={"micro_batch": 16})
    assert need(run.model_copy(update={"training": in_parts}), batch=8) == spared(
        KEPT + 2 * STEPPING
    )


@pytest.mark.parametrize("micro_batch", [65, 1000, "auto", None])
def test_a_part_above_the_batch_is_the_batch(run: Run, micro_batch: int | str | None) -> None:
    in_parts = run.training.model_copy(update={"micro_batch": micro_batch})
    assert run.phase.batch == 64
    assert need(run.model_copy(update={"training": in_parts}), batch=8) == spared(
        KEPT + 8 * STEPPING
    )


def test_scoring_counts_where_it_takes_more_than_a_step(run: Run) -> None:
    large = PEAK.model_copy(update={"predicted_scoring_bytes": 9000})
    assert need(run, large) == spared(KEPT + 9000)


def test_what_a_gpu_was_seen_to_take_counts_where_it_is_more(run: Run) -> None:
    seen = PEAK.model_copy(update={"measured_reserved_bytes": 5000})
    assert need(run, seen) == spared(5000)


def test_images_lie_on_the_gpu_once_to_train_and_twice_to_test(digits: Fetched) -> None:
    facts = Manifest.load(digits.manifest)  # 200 and 100 images of 3 x 8 x 8
    assert memory_estimate.data_bytes(facts) == (200 + 2 * 100) * (3 * 8 * 8 + 8)


def test_scoring_without_gradients_keeps_two_maps_at_a_time() -> None:
    """A perceptron of wide layers without biases: an input and an output are all that is alive."""
    width, images = 1024, EVALUATION_BATCH
    layers = (nn.Linear(width, width, bias=False) for _ in range(4))
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 2 * 2, width, bias=False), *layers)
    adamw, sgd = predicted_peaks(model, 2, 1, "fused", "float32")
    maps, first = 2 * images * width * 4, images * 3 * 2 * 2 * 4
    assert adamw.predicted_scoring_bytes == sgd.predicted_scoring_bytes == maps + first


@pytest.fixture
def record(run: Run, tmp_path: Path) -> Path:
    profile = Profile(dataset=run.dataset, model=run.model, variant=run.variant, batch=64)
    save_profile(tmp_path, profile)
    return tmp_path / profile.id / "profile.json"


def test_the_record_of_its_form_precision_and_optimizer_is_asked(
    run: Run, record: Path, digits: Fetched
) -> None:
    measured = ProfileRecord.model_validate_json(read_sealed(record)).measured
    found = memory_estimate.training_need(run, record, digits.manifest)
    (peak,) = (
        x
        for x in measured.peak_memory
        if (x.memory, x.precision, x.optimizer) == ("fused", "float16", "SGD")
    )
    images = memory_estimate.data_bytes(Manifest.load(digits.manifest))
    context = measured.predicted_context_bytes
    assert found == memory_estimate.need_bytes(
        run, peak, batch=64, data_bytes=images, context_bytes=context
    )
    wide = run.training.model_copy(update={"autocast_cuda": "bfloat16", "memory": "eager"})
    other = memory_estimate.training_need(
        run.model_copy(update={"training": wide}), record, digits.manifest
    )
    assert other is not None
    assert found is not None
    assert other > found


def test_without_a_record_of_its_network_a_training_takes_a_whole_gpu(
    run: Run, record: Path, digits: Fetched, tmp_path: Path
) -> None:
    assert memory_estimate.training_need(run, tmp_path / "none.json", digits.manifest) is None
    edited = run.variant.model_copy(update={"edits": ("batch_norm",)})
    other = run.model_copy(update={"variant": edited})
    assert memory_estimate.training_need(other, record, digits.manifest) is None
    nadam = run.phase.model_copy(update={"optimizer": Optimizer(name="NAdam", lr=0.002)})
    other = run.model_copy(update={"phases": (nadam,)})
    assert memory_estimate.training_need(other, record, digits.manifest) is None
    fields = json.loads(record.read_text())
    del fields["measured"]["peak_memory"]
    record.write_text(json.dumps(fields))
    assert memory_estimate.training_need(run, record, digits.manifest) is None


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Pretend GPUs of 16 GB; the settings that torch receives."""
    received: dict[str, Any] = {}
    cuda = SimpleNamespace(
        is_available=lambda: True,
        device_count=lambda: 2,
        get_device_properties=lambda i: SimpleNamespace(uuid=f"u{i}", total_memory=16 * 10**9),
        set_device=lambda i: received.update(device=i),
        set_per_process_memory_fraction=lambda share: received.update(share=share),
    )
    monkeypatch.setattr(devices.torch, "cuda", cuda)
    monkeypatch.setenv("CXV_SLOTS", str(tmp_path))
    return received


def test_the_gpu_with_room_becomes_the_current_one(two_gpus: dict[str, Any]) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(training_device(None))
        second = stack.enter_context(training_device(4 * 10**9))
        assert (first, second) == (torch.device("cuda", 0), torch.device("cuda", 1))
        assert two_gpus == {"device": 1, "share": (4 * 10**9 - CUDA_CONTEXT_BYTES) / (16 * 10**9)}


def test_a_need_beyond_every_gpu_is_tried_on_a_whole_one(
    two_gpus: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with training_device(20 * 10**9) as device:
        assert device == torch.device("cuda", 0)
    assert "share" not in two_gpus
    assert "predicted to need 20.0 GB" in caplog.text


def test_without_cuda_nothing_is_reserved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(devices.torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv("CXV_SLOTS", str(tmp_path / "slots"))
    with training_device(None) as device:
        assert device == torch.device("cpu")
    assert not (tmp_path / "slots").exists()


@pytest.mark.gpu
def test_a_training_finds_a_real_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    monkeypatch.setenv("CXV_SLOTS", str(tmp_path))
    with training_device(10**9) as device:
        assert torch.ones(1, device="cuda").device == device
        with pytest.raises(torch.cuda.OutOfMemoryError):
            torch.empty(10**9, dtype=torch.uint8, device=device)


def test_each_gpu_of_the_machine_is_counted_and_no_other_file(tmp_path: Path) -> None:
    for name in ("nvidia0", "nvidia11", "nvidiactl", "nvidia-uvm", "nvidia-caps", "null"):
        (tmp_path / name).touch()
    assert _gpus(tmp_path) == 2


def test_a_lack_of_memory_is_reported_with_what_to_change(
    run: Run, two_gpus: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {"mem_get_info": lambda _: (10**9, 16 * 10**9)}
    monkeypatch.setattr(devices.torch, "cuda", SimpleNamespace(**free))
    message = (
        r"adamw_demo: out of memory on cuda:1: 4\.0 GB were predicted, 1\.0 GB of 16\.0 GB are"
        r" free\. .*training\.memory: lean.*phases\.adamw_demo\.batch below 64"
    )
    first = run.model_copy(update={"phases": run.phases[:1]})
    with (
        pytest.raises(UserError, match=message),
        explain_out_of_memory(first, torch.device("cuda", 1), 4 * 10**9),
    ):
        raise torch.OutOfMemoryError("CUDA out of memory")
