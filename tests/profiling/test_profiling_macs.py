import math
from collections.abc import Callable, Mapping
from typing import get_args

import pytest
import torch
from torch import Tensor, nn

from cxv import create_model
from cxv.profiling import count_macs
from cxv.profiling.macs import HANDLES, Handle, _quiet
from cxv.records.costs import Convention


class Formula(nn.Module):
    """A function of the image as a network."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


def image(size: int, channels: int = 3) -> Tensor:
    return torch.zeros(1, channels, size, size)


def counts(model: nn.Module, x: Tensor) -> tuple[int, int]:
    model.eval()
    macs = count_macs(model, x)
    return macs["thop"].macs, macs["products"].macs


def by_fvcore(model: nn.Module, handles: Mapping[str, Handle] | None) -> tuple[int, dict[str, int]]:
    """Count by fvcore itself under one table of handles, its own without."""
    with _quiet(), torch.inference_mode():
        from fvcore.nn import FlopCountAnalysis  # noqa: PLC0415 - warns when imported

        count = FlopCountAnalysis(model, image(16))
        if handles is not None:
            count.clear_op_handles().set_op_handle(**handles)
        return round(count.total()), dict(sorted(count.unsupported_ops().items()))


@pytest.mark.usefixtures("one_thread", "unchecked")
@pytest.mark.parametrize(
    ("name", "small"),
    [
        *((x, {"dim": 16, "depth": 1}) for x in ("fnet", "vit", "vin", "wavemix", "convmixer")),
        ("cpv", {"dim": 16, "depth": 1}),
        ("cvt", {"dim": 16, "depths": [1]}),
        ("resnet18", {"width": 4, "blocks": [1]}),  # ReLU, which fvcore neither counts nor tells
    ],
)
def test_all_conventions_count_in_one_pass_what_each_counts_alone(
    name: str, small: dict[str, object]
) -> None:
    model = create_model(name, image_size=16, settings=small).eval()
    together = count_macs(model, image(16))
    assert list(together) == list(get_args(Convention))
    for convention, macs in together.items():
        assert macs == by_fvcore(model, HANDLES.get(convention))


def test_a_convolution_costs_its_kernel_a_pixel_and_to_the_paper_its_bias_too() -> None:
    outputs = 8 * 5 * 5
    assert counts(nn.Conv2d(6, 8, 3, padding=1, groups=2), image(5, 6)) == (
        outputs * (3 * 9 + 1),
        outputs * (3 * 9),
    )
    assert counts(nn.Conv2d(6, 8, 3, padding=1, bias=False), image(5, 6))[0] == outputs * 6 * 9


def test_ptflops_adds_activations_pooling_and_the_bias_of_a_linear_layer_once() -> None:
    def more(model: nn.Module, x: Tensor) -> int:
        macs = count_macs(model.eval(), x)
        return macs["ptflops"].macs - macs["thop"].macs

    assert more(nn.ReLU(), image(5, 6)) == 6 * 5 * 5
    assert more(nn.MaxPool2d(2), image(6, 3)) == 3 * 6 * 6  # of what enters it
    assert more(nn.GELU(), image(5, 6)) == more(nn.LayerNorm(5), image(5, 6)) == 0
    assert more(nn.Linear(5, 7), image(5, 6)) == 7  # and not for each of 30 rows
    assert more(nn.Linear(5, 7, bias=False), image(5, 6)) == 0
    assert more(nn.Conv2d(6, 8, 3), image(5, 6)) == more(nn.BatchNorm2d(6), image(5, 6)) == 0


def test_the_paper_counts_a_transposed_convolution_stride_squared_times() -> None:
    layer = nn.ConvTranspose2d(6, 8, 4, stride=2, padding=1, groups=2, bias=False)
    truth = 6 * 5 * 5 * 4 * 16  # every input pixel meets a kernel for each of its group's outputs
    assert counts(layer, image(5, 6)) == (4 * 8 * 5 * 5 * 3 * 16, truth)
    assert counts(layer, image(5, 6))[0] == 4 * truth


def test_a_linear_layer_costs_one_mac_a_weight_and_its_bias_nothing() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 7), nn.Softmax(dim=-1))
    assert counts(model, image(2)) == (12 * 7, 12 * 7)
    assert count_macs(model, image(2))["fvcore"] == (12 * 7, {"aten::softmax": 1})


def test_batch_norm_is_two_an_element_to_the_paper_and_no_product() -> None:
    norm = nn.BatchNorm2d(3)
    assert counts(norm, image(4)) == (2 * 3 * 16, 0)
    assert count_macs(norm.eval(), image(4))["products"].uncounted == {"aten::batch_norm": 1}


def test_pooling_is_counted_as_a_layer_and_not_as_a_mean() -> None:
    assert counts(nn.AdaptiveAvgPool2d(1), image(4)) == (3 * 16 + 3, 0)
    assert counts(nn.AvgPool2d(2), image(4)) == (3 * 4, 0)
    mean = Formula(lambda x: x.mean(dim=(2, 3)))
    assert count_macs(mean, image(4))["thop"] == (0, {"aten::mean": 1})


@pytest.mark.parametrize(
    "product",
    [
        lambda x: x @ x,
        lambda x: torch.bmm(x[0], x[0]),
        lambda x: torch.einsum("bcij,bcjk->bcik", x, x),
        lambda x: torch.baddbmm(x[0], x[0], x[0]),
    ],
)
def test_a_product_outside_a_layer_costs_nothing_to_the_paper(
    product: Callable[[Tensor], Tensor],
) -> None:
    assert counts(Formula(product), image(4)) == (0, 3 * 4 * 4 * 4)
    assert sum(count_macs(Formula(product), image(4))["thop"].uncounted.values()) == 1


def test_fused_attention_costs_its_two_products() -> None:
    model = Formula(lambda x: torch.nn.functional.scaled_dot_product_attention(x, x, x))
    assert counts(model, torch.zeros(1, 2, 8, 4)) == (0, 2 * (8 * 8 * 4 + 8 * 8 * 4))
    macs = count_macs(model, torch.zeros(1, 2, 8, 4))
    assert macs["fvcore"].uncounted == {"aten::scaled_dot_product_attention": 1}


def test_a_fourier_transform_costs_five_halves_n_log_n_and_half_of_it_on_real_numbers() -> None:
    along_rows = Formula(lambda x: torch.fft.fft(x, dim=-1).real)
    assert counts(along_rows, image(8)) == (0, round(1.25 * 3 * 64 * math.log2(8)))
    plane = Formula(lambda x: torch.fft.fft2(x).real)
    assert counts(plane, image(8)) == (0, round(1.25 * 3 * 64 * math.log2(64)))
    columns_after_rows = Formula(lambda x: torch.fft.fft(torch.fft.fft(x), dim=-2).real)
    assert counts(columns_after_rows, image(8))[1] == round((1.25 + 2.5) * 3 * 64 * math.log2(8))
    assert "aten::fft_fft2" in count_macs(plane, image(8))["thop"].uncounted


def test_nothing_that_changes_a_number_is_left_out_in_silence() -> None:
    model = Formula(lambda x: torch.tanh(x) * x.exp() + 1)
    uncounted = {"aten::add": 1, "aten::exp": 1, "aten::mul": 1, "aten::tanh": 1}
    macs = count_macs(model, image(4))
    assert macs["thop"] == macs["products"] == (0, uncounted)
