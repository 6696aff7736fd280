import logging
from collections.abc import Callable, Iterable
from functools import cache, partial

import pytest
import torch
from torch import Tensor, nn

from cxv import create_model
from cxv.profiling import count_module_params, profile, throughput
from cxv.records.run import CostProfile
from cxv.training.evaluation import EVALUATION_BATCH

SMALL = {"dim": 16, "depth": 1, "mixer": {"heads": 2, "head_dim": 8, "iterations": 1}}


pytestmark = pytest.mark.usefixtures("one_thread", "unchecked")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert profiled.training_images_per_second > 0
    assert profiled.inference_images_per_second > 0


def test_training_is_timed_in_training_mode() -> None:
    modes: list[bool] = []
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2)).eval()
    model.register_forward_hook(lambda module, *_: modes.append(module.training))
    throughput.training_images_per_second(model, torch.zeros(2, 3, 2, 2), torch.float32)
    assert all(modes)
    throughput.inference_images_per_second(model, torch.zeros(2, 3, 2, 2))
    assert not modes[-1]


class Clocked(nn.Module):
    """A network whose passes take the given seconds of a clock of its own."""

    def __init__(self, seconds: Iterable[float]) -> None:
        super().__init__()
        self.layer = nn.Linear(12, 2)
        self.seconds, self.now, self.passes = iter(seconds), 0.0, 0

    def forward(self, x: Tensor) -> Tensor:
        self.now += next(self.seconds)
        self.passes += 1
        return self.layer(x.flatten(1))


@pytest.mark.parametrize(
    "rate",
    [
        throughput.inference_images_per_second,
        partial(throughput.training_images_per_second, dtype=torch.float32),
    ],
    ids=["inference", "training"],
)
@pytest.mark.parametrize(
    ("seconds", "middle"),
    [
        pytest.param([5.0, *[0.25] * 4], 0.25, id="a cold start is not timed"),
        pytest.param([9.0, 4.0, 2.0, 3.0], 3.0, id="steps above the budget are timed thrice"),
        pytest.param([0.125, 0.125, 0.75, 0.125], 0.125, id="one slow step counts little"),
    ],
)
def test_speed_is_that_of_the_middle_step_of_a_warm_network(
    rate: Callable[[nn.Module, Tensor], float],
    seconds: list[float],
    middle: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = Clocked(seconds)
    monkeypatch.setattr(throughput, "TIMED_SECONDS", 1.0)
    monkeypatch.setattr(throughput.time, "perf_counter", lambda: model.now)
    assert rate(model, torch.zeros(2, 3, 2, 2)) == pytest.approx(2 / middle)
    assert model.passes == len(seconds)  # the one that warms up, and those timed


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
