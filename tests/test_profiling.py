import logging

import pytest
import torch
from torch import nn

from cxv import create_model
from cxv.profiling import count_macs, count_paper_params, profile

SMALL = {"dim": 16, "depth": 1, "mixer": {"heads": 2, "head_dim": 8}}


@pytest.mark.parametrize(
    ("name", "macs"),
    [("resnet18", 0.5567e9), ("cnv", 1.7722e9), ("cltv", 1.4124e9), ("cpv", 1.6611e9)],
)
def test_fvcore_counts_the_macs_of_the_specification(name: str, macs: float) -> None:
    counted, _ = count_macs(create_model(name).eval(), torch.zeros(1, 3, 32, 32))
    assert counted == pytest.approx(macs, rel=1e-3)


def test_the_papers_parameters_leave_out_channel_norm_and_positions() -> None:
    assert count_paper_params(create_model("cnv")) == 1_343_454 == 1_344_734 - 5 * 2 * 128
    assert count_paper_params(create_model("cpv", edits=["positions_once"])) == 1_344_714
    assert count_paper_params(create_model("cpv", edits=["batch_norm"])) == 1_345_994
    assert count_paper_params(create_model("resnet18")) == 11_173_962


def test_a_linear_layer_costs_one_mac_a_weight_and_softmax_goes_uncounted() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 7), nn.Softmax(dim=-1))
    assert count_macs(model, torch.zeros(1, 3, 2, 2)) == (12 * 7, {"aten::softmax": 1})


def test_a_profile_measures_inference_without_a_word(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    model = create_model("cnv", settings=SMALL)
    batches = []
    model.register_forward_hook(lambda module, *_: batches.append(module.training))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with caplog.at_level(logging.DEBUG):
        profiled = profile(model, image_size=16, batch=3, device="cpu")
    assert not any(batches)
    assert profiled.params == sum(x.numel() for x in before.values())
    assert profiled.params_paper == profiled.params - 2 * 16
    assert 1 < profiled.images_per_second < 1e6
    assert profiled.uncounted["aten::softmax"] == 3
    assert (profiled.batch, bool(profiled.device)) == (3, True)
    assert all(torch.equal(x, before[name]) for name, x in model.state_dict().items())
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def test_macs_are_of_one_image_whatever_the_batch() -> None:
    model = create_model("cltv", settings=SMALL)
    one, three = (profile(model, image_size=8, batch=n, device="cpu") for n in (1, 3))
    assert one.macs_fvcore == three.macs_fvcore > 0


@pytest.mark.gpu
def test_a_gpu_counts_the_same_macs() -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    model = create_model("cpv")
    on_cpu = count_macs(model.eval(), torch.zeros(1, 3, 32, 32))[0]
    profiled = profile(model, image_size=32, batch=64, device="cuda")
    assert profiled.macs_fvcore == on_cpu
    assert profiled.device == torch.cuda.get_device_name()
