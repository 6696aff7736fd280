"""Multiply-accumulates of Table 1's models by three conventions, each against its own number."""

import math
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import pytest
import torch
from registry_rows import TABLE1
from torch.utils.flop_counter import FlopCounterMode

from cxv import create_model
from cxv.profiling.macs import count_macs
from cxv.records.costs import Convention

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("macs"),  # they share their counts
    pytest.mark.usefixtures("one_thread", "unchecked"),
]

GIGA = 1e9
DATASETS = {"cifar10": (10, 32), "cifar100": (100, 32), "tiny_imagenet": (200, 64)}
"""Classes, and pixels of a side."""

# Billions for one image: as the paper counts, as fvcore does, and the products alone; for 10 and
# 100 classes of 32 x 32 pixels and 200 classes of 64 x 64.
GIGA_MACS = {
    "resnet18": ((0.5567, 0.5567, 0.5568), (0.5567, 0.5567, 0.5568), (0.5554, 0.5555, 0.5555)),
    "resnet34": ((1.1615, 1.1615, 1.1616), (1.1615, 1.1615, 1.1616), (1.1594, 1.1594, 1.1595)),
    "fnet": ((1.3439, 1.3439, 1.3451), (1.3570, 1.3570, 1.3582), (1.3439, 1.3439, 1.3451)),
    "mlp_mixer": ((3.0223, 3.0223, 3.0235), (3.0275, 3.0275, 3.0287), (3.0203, 3.0203, 3.0215)),
    "wavemix": ((1.2930, 1.2930, 1.2930), (0.0681, 0.0681, 0.0681), (0.0674, 0.0674, 0.0674)),
    "convmixer": ((1.3692, 1.3692, 1.3716), (1.3605, 1.3606, 1.3629), (1.3430, 1.3430, 1.3454)),
    "vit": ((1.3439, 1.3439, 1.3451), (4.0466, 4.0466, 4.0478), (4.0335, 4.0335, 4.0347)),
    "vin": ((1.4093, 1.4093, 1.4093), (2.3670, 2.3670, 2.3670), (2.3591, 2.3591, 2.3591)),
    "vip": ((1.3046, 1.3046, 1.3047), (2.0104, 2.0104, 2.0104), (2.0025, 2.0026, 2.0026)),
    "vilt": ((1.3114, 1.3115, 1.3115), (1.4040, 1.4040, 1.4040), (1.4039, 1.4039, 1.4039)),
    "cct": ((1.3231, 1.3231, 1.3231), (2.9424, 2.9424, 2.9424), (2.9339, 2.9339, 2.9339)),
    "cvt": ((1.3297, 1.3297, 1.3298), (4.0111, 4.0111, 4.0111), (4.0083, 4.0083, 4.0083)),
    "cnv": ((1.3948, 1.3948, 1.3948), (1.7722, 1.7722, 1.7722), (1.7721, 1.7721, 1.7721)),
    "cltv": ((1.3758, 1.3758, 1.3758), (1.4124, 1.4124, 1.4124), (1.4123, 1.4123, 1.4123)),
    "cpv": ((1.3732, 1.3732, 1.3732), (1.6611, 1.6611, 1.6611), (1.6609, 1.6609, 1.6610)),
}

D, HIDDEN = 128, 256
N = 32 * 32  # tokens
every_model = pytest.mark.parametrize("name", TABLE1)


@cache
def counts(name: str, dataset: str = "cifar10") -> Mapping[Convention, int]:
    classes, image_size = DATASETS[dataset]
    model = create_model(name, classes=classes, image_size=image_size).eval()
    image = torch.zeros(1, 3, image_size, image_size)
    macs = count_macs(model, image)
    return MappingProxyType({convention: one.macs for convention, one in macs.items()})


def fourier(name: str) -> float:
    """Cost of FNet's transforms of 1025 tokens, which torch's counter leaves out."""
    elements = (N + 1) * D
    return 10 * 1.25 * elements * math.log2(elements) if name == "fnet" else 0


def perceptron(width: int, hidden: int) -> int:
    return 2 * width * hidden


@pytest.mark.parametrize("dataset", DATASETS)
@every_model
def test_a_model_costs_its_macs_by_every_convention(name: str, dataset: str) -> None:
    counted = counts(name, dataset)
    paper, fvcore, products = (cells[list(DATASETS).index(dataset)] for cells in GIGA_MACS[name])
    assert counted["thop"] == pytest.approx(paper * GIGA, rel=1e-3)
    assert counted["fvcore"] == pytest.approx(fvcore * GIGA, rel=1e-3)
    assert counted["products"] - fourier(name) == pytest.approx(products * GIGA, rel=1e-3)


@every_model
def test_products_are_what_torch_counts(name: str) -> None:
    with torch.inference_mode(), FlopCounterMode(display=False) as flops:
        create_model(name).eval()(torch.zeros(1, 3, 32, 32))
    torchs = flops.get_total_flops() / 2  # a multiply and an add
    assert counts(name)["products"] == round(torchs + fourier(name))


def test_the_table_is_table_1() -> None:
    assert tuple(GIGA_MACS) == TABLE1


def test_the_papers_counter_lets_every_weight_and_bias_of_a_convolution_meet_every_pixel() -> None:
    stem = (3 * 9 + 1) * 32 + (32 * 9 + 1) * 64
    local = (64 * 9 + 1) * D + 4 * (D * 9 + 1) * D
    feed = 5 * ((D + 1) * HIDDEN + (HIDDEN + 1) * D)
    body, head = stem + local + feed, D * 10
    convs, linears, taps = 5 * 4 * (D + 1) * D, 5 * 4 * D * D, 5 * D * 33
    assert counts("cltv")["thop"] == N * (body + convs) + head
    assert counts("cpv")["thop"] == N * (body + linears) + head
    assert counts("cnv")["thop"] == N * (body + linears + taps) + head


def test_the_papers_counter_sees_no_attention() -> None:
    tokens = N + 1
    layer = 4 * D * D + perceptron(D, HIDDEN)
    vit, fnet = counts("vit"), counts("fnet")
    assert vit["thop"] == N * 3 * D + 10 * tokens * layer + D * 10
    assert vit["products"] - vit["thop"] == 10 * 2 * tokens**2 * D
    assert fnet["thop"] == N * 3 * D + 10 * tokens * perceptron(D, 4 * D) + D * 10
    assert vit["thop"] == fnet["thop"]


def test_the_papers_counter_takes_two_for_each_element_of_a_batch_norm() -> None:
    width = 256
    layer = (8 * 8 + 1) * width + (width + 1) * width + 2 * 2 * width
    assert counts("convmixer")["thop"] == N * (6 * width + 16 * layer) + width * 10
