import logging
from functools import cache

import pytest
import torch
from torch import Tensor

from cxv import create_model
from cxv.profiling import count_module_params, profile, throughput
from cxv.records.costs import CostProfile
from cxv.training.evaluation import EVALUATION_BATCH

SMALL = {"dim": 16, "depth": 1, "mixer": {"heads": 2, "head_dim": 8, "iterations": 1}}


pytestmark = pytest.mark.usefixtures("one_thread", "unchecked")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "WARM_SECONDS", 0.01)
    monkeypatch.setattr(throughput, "TIMED_SECONDS", 0.01)


def test_the_papers_parameters_leave_out_channel_norm_and_positions() -> None:
    assert count_module_params(create_model("cnv")) == 1_343_454 == 1_344_734 - 5 * 2 * 128
    assert count_module_params(create_model("cpv", edits=["positions_once"])) == 1_344_714
    assert count_module_params(create_model("cpv", edits=["batch_norm"])) == 1_345_994
    assert count_module_params(create_model("resnet18")) == 11_173_962


def test_a_profile_leaves_no_trace_on_the_model(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    model = create_model("resnet18", settings={"width": 4, "blocks": [1]})
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with caplog.at_level(logging.DEBUG):
        profile(model, image_size=16, batch=3, device="cpu")
    assert not model.training
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@cache
def profiled_and_seen() -> tuple[CostProfile, list[Tensor]]:
    """Return the profile of a small CNV, which takes seconds, and the images that it saw."""
    model, seen = create_model("cnv", settings=SMALL), []
    model.register_forward_hook(lambda module, inputs, _: seen.append(inputs[0]))
    return profile(model, image_size=8, batch=3, device="cpu"), seen


@pytest.mark.slow
def test_a_profile_tells_its_conventions_apart() -> None:
    profiled, _ = profiled_and_seen()
    assert profiled.params_modules == profiled.params - 2 * 16
    assert profiled.macs_thop < profiled.macs_products <= profiled.macs_fvcore
    assert profiled.uncounted["fvcore"]["aten::softmax"] == 3
    assert "aten::matmul" in profiled.uncounted["thop"]
    assert "aten::matmul" not in profiled.uncounted["products"]


def test_timing_on_a_cpu_takes_a_small_batch_and_memory_the_whole() -> None:
    profiled, seen = profiled_and_seen()
    timed = {len(images) for images in seen if images.device.type == "cpu"}
    assert timed == {1, profiled.timed_batch} == {1, 2}
    foreseen = {len(images) for images in seen if images.device.type == "cuda"}
    assert foreseen == {3, EVALUATION_BATCH}  # of a training step, and of scoring
    assert profiled.batch == 3
    assert profiled.device
    for speed in (profiled.inference, profiled.training):
        assert speed
        assert 0 < speed.lower_images_per_second <= speed.median_images_per_second
        assert speed.median_images_per_second <= speed.upper_images_per_second


@pytest.mark.gpu
def test_a_gpu_counts_the_same_and_measures_the_memory_too() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    model = create_model("cpv")
    on_cpu, on_gpu = (
        profile(model, image_size=32, batch=8, device=device) for device in ("cpu", "cuda")
    )
    assert on_gpu.macs_thop == on_cpu.macs_thop
    assert on_gpu.device == torch.cuda.get_device_name()
    for peak, same in zip(on_gpu.peak_memory, on_cpu.peak_memory, strict=True):
        assert peak.predicted_peak_bytes == same.predicted_peak_bytes
        assert peak.measured_allocated_bytes == pytest.approx(peak.predicted_peak_bytes, rel=0.1)
        assert peak.measured_reserved_bytes >= peak.measured_allocated_bytes
