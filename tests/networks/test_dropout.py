"""Dropout by random bits is dropout: its rate, its mean, its independence, its gradient."""

import pytest
import torch
from torch import Tensor

from cxv.networks.dropout import Dropout, drop


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def kept(x: Tensor, probability: float) -> Tensor:
    return drop(x, probability) != 0


@pytest.mark.parametrize("probability", [0.5, 0.1, 0.9])
def test_the_rate_is_the_one_asked_for_and_the_mean_stays(probability: float) -> None:
    x = torch.ones(1_000_000)
    dropped = drop(x, probability)
    spread = (probability * (1 - probability) / len(x)) ** 0.5
    assert (dropped == 0).double().mean() == pytest.approx(probability, abs=5 * spread)
    assert dropped.unique().tolist() == pytest.approx([0, 1 / (1 - probability)], rel=1e-4)
    assert dropped.mean() == pytest.approx(1, abs=5 * spread / (1 - probability))


def test_elements_that_share_a_draw_are_independent() -> None:
    quarters = kept(torch.ones(100_000, 4), 0.5)  # four elements are cut from 64 bits
    patterns = (quarters.int() * torch.tensor([8, 4, 2, 1])).sum(dim=1).bincount(minlength=16)
    expected = 100_000 / 16
    assert ((patterns - expected) ** 2 / expected).sum() < 37.7  # chi-squared, 15 degrees, 0.1 %


@pytest.mark.parametrize("shape", [(7,), (1,), (3, 5, 2, 3), (2, 3, 5), (0, 4)])
def test_any_shape_and_any_order_in_memory(shape: tuple[int, ...]) -> None:
    for x in (
        torch.ones(shape),
        torch.ones(shape).mT if len(shape) > 1 else torch.ones(shape)[::2],
    ):
        assert drop(x, 0.5).shape == x.shape
    maps = torch.ones(2, 8, 6, 6).to(memory_format=torch.channels_last)
    assert drop(maps, 0.5).is_contiguous(memory_format=torch.channels_last)


def test_a_map_with_channels_last_is_dropped_pixel_by_pixel_too() -> None:
    maps = torch.ones(4, 64, 32, 32).to(memory_format=torch.channels_last)
    rates = kept(maps, 0.5).double()
    for axis in range(4):
        others = [other for other in range(4) if other != axis]
        assert (rates.mean(dim=others) - 0.5).abs().max() < 0.05


def test_the_gradient_passes_where_the_value_does() -> None:
    x = torch.randn(1000, requires_grad=True)
    y = drop(x, 0.25)
    y.sum().backward()
    assert x.grad is not None
    torch.testing.assert_close(x.grad, (y != 0) / 0.75)


def test_a_probability_near_one_keeps_one_element_in_65536() -> None:
    left = drop(torch.ones(2_000_000), 1 - 1e-7).unique().tolist()
    assert left == [0, 2**16]


def test_on_another_device_torch_drops() -> None:
    """Its kernel is there; our random bits would come from the CPU."""
    x = torch.ones(5, device="meta")
    assert drop(x, 0.5).device == x.device


def test_no_dropout_where_none_is_asked_for() -> None:
    x = torch.randn(1000)
    assert torch.equal(drop(x, 0.0), x)
    assert torch.equal(Dropout(0.5).eval()(x), x)
    assert not torch.equal(Dropout(0.5)(x), x)


def test_the_seed_decides() -> None:
    x = torch.ones(1000)
    first = torch.manual_seed(3) and drop(x, 0.5)
    again = torch.manual_seed(3) and drop(x, 0.5)
    assert torch.equal(first, again)
    assert not torch.equal(drop(x, 0.5), again)
