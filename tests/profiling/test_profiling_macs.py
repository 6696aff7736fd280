import math
from collections.abc import Callable
from typing import get_args

import pytest
import torch
from torch import Tensor, nn

from cxv import create_model
from cxv.profiling import count_macs
from cxv.profiling.macs import count_macs_by_every_convention
from cxv.records.run import Convention


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
    return count_macs(model, x, "thop")[0], count_macs(model, x, "products")[0]


@pytest.mark.usefixtures("one_thread", "unchecked")
@pytest.mark.parametrize("name", ["fnet", "vit", "vin", "cvt", "wavemix", "convmixer", "cpv"])
def test_all_conventions_count_in_one_pass_what_each_counts_alone(name: str) -> None:
    depth = {"depths": [1]} if name == "cvt" else {"depth": 1}
    model = create_model(name, image_size=16, settings={"dim": 16, **depth}).eval()
    together = count_macs_by_every_convention(model, image(16))
    alone = {convention: count_macs(model, image(16), convention)[0] for convention in together}
    assert together == alone
    assert list(together) == list(get_args(Convention))


def test_a_convolution_costs_its_kernel_a_pixel_and_to_the_paper_its_bias_too() -> None:
    outputs = 8 * 5 * 5
    assert counts(nn.Conv2d(6, 8, 3, padding=1, groups=2), image(5, 6)) == (
        outputs * (3 * 9 + 1),
        outputs * (3 * 9),
    )
    assert counts(nn.Conv2d(6, 8, 3, padding=1, bias=False), image(5, 6))[0] == outputs * 6 * 9


def test_ptflops_adds_activations_pooling_and_the_bias_of_a_linear_layer_once() -> None:
    def more(model: nn.Module, x: Tensor) -> int:
        thop, ptflops = (count_macs(model.eval(), x, c)[0] for c in ("thop", "ptflops"))
        return ptflops - thop

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
    assert count_macs(model, image(2)) == (12 * 7, {"aten::softmax": 1})


def test_batch_norm_is_two_an_element_to_the_paper_and_no_product() -> None:
    norm = nn.BatchNorm2d(3)
    assert counts(norm, image(4)) == (2 * 3 * 16, 0)
    assert count_macs(norm.eval(), image(4), "products")[1] == {"aten::batch_norm": 1}


def test_pooling_is_counted_as_a_layer_and_not_as_a_mean() -> None:
    assert counts(nn.AdaptiveAvgPool2d(1), image(4)) == (3 * 16 + 3, 0)
    assert counts(nn.AvgPool2d(2), image(4)) == (3 * 4, 0)
    mean = Formula(lambda x: x.mean(dim=(2, 3)))
    assert count_macs(mean, image(4), "thop") == (0, {"aten::mean": 1})


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
    assert sum(count_macs(Formula(product), image(4), "thop")[1].values()) == 1


def test_fused_attention_costs_its_two_products() -> None:
    model = Formula(lambda x: torch.nn.functional.scaled_dot_product_attention(x, x, x))
    assert counts(model, torch.zeros(1, 2, 8, 4)) == (0, 2 * (8 * 8 * 4 + 8 * 8 * 4))
    _, uncounted = count_macs(model, torch.zeros(1, 2, 8, 4))
    assert uncounted == {"aten::scaled_dot_product_attention": 1}


def test_a_fourier_transform_costs_five_halves_n_log_n_and_half_of_it_on_real_numbers() -> None:
    along_rows = Formula(lambda x: torch.fft.fft(x, dim=-1).real)
    assert counts(along_rows, image(8)) == (0, round(1.25 * 3 * 64 * math.log2(8)))
    plane = Formula(lambda x: torch.fft.fft2(x).real)
    assert counts(plane, image(8)) == (0, round(1.25 * 3 * 64 * math.log2(64)))
    columns_after_rows = Formula(lambda x: torch.fft.fft(torch.fft.fft(x), dim=-2).real)
    assert counts(columns_after_rows, image(8))[1] == round((1.25 + 2.5) * 3 * 64 * math.log2(8))
    assert "aten::fft_fft2" in count_macs(plane, image(8), "thop")[1]


def test_nothing_that_changes_a_number_is_left_out_in_silence() -> None:
    model = Formula(lambda x: torch.tanh(x) * x.exp() + 1)
    uncounted = {"aten::add": 1, "aten::exp": 1, "aten::mul": 1, "aten::tanh": 1}
    assert count_macs(model, image(4), "thop") == (0, uncounted)
    assert count_macs(model, image(4), "products") == (0, uncounted)
