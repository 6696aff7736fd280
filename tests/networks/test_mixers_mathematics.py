"""Each mixer computes what its paper defines, and costs what it claims."""

import pytest
import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Tensor

from cxv.networks.layers import OnTokens, Rotary
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.fourier import Fourier, fourier
from cxv.networks.mixers.linear import Linear
from cxv.networks.mixers.nystrom import Nystrom
from cxv.networks.mixers.performer import Performer
from cxv.networks.mixers.softmax import ConvSoftmax, Softmax, attention
from cxv.networks.mixers.wavelet import Wavelet, haar
from cxv.profiling import count_macs

DIM, HEADS, HEAD_DIM = 8, 2, 4
SIZES = (16, 32, 64)  # maps of 256, 1024 and 4096 tokens
HEADED = {"heads": HEADS, "head_dim": HEAD_DIM}


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def costs(mixer: Mixer) -> list[int]:
    module = mixer.build(DIM).eval()
    return [count_macs(module, torch.zeros(1, DIM, size, size))["fvcore"].macs for size in SIZES]


def is_linear(costs: list[int]) -> bool:
    """Tell whether costs at n, 4n and 16n tokens lie on a line."""
    first, second, third = costs
    return first < second and third - second == 4 * (second - first)


@pytest.mark.parametrize(
    "mixer",
    [
        Nystrom(**HEADED, landmarks=16),
        Performer(**HEADED, features=9),
        Performer(**HEADED, features=9, kernel="softmax"),
        Linear(**HEADED),
        Linear(**HEADED, kernel="elu"),
        Wavelet(hidden=8, width=8),
    ],
    ids=["nystrom", "performer", "favor", "linear", "elu", "wavelet"],
)
def test_a_linear_mixer_costs_the_same_for_every_further_token(mixer: Mixer) -> None:
    assert is_linear(costs(mixer))


@pytest.mark.parametrize("mixer", [Softmax(**HEADED), ConvSoftmax(**HEADED)], ids=["vit", "cvt"])
def test_softmax_attention_costs_two_products_a_pair_of_tokens(mixer: Mixer) -> None:
    pairs = [2 * HEADS * HEAD_DIM * size**4 for size in SIZES]
    counted = costs(mixer)
    assert not is_linear(counted)
    assert is_linear([cost - pair for cost, pair in zip(counted, pairs, strict=True)])


def test_fourier_mixing_is_the_product_with_two_dft_matrices() -> None:
    def dft(length: int) -> Tensor:
        index = torch.arange(length, dtype=torch.float64)
        turns = torch.outer(index, index) / length
        return torch.exp(-2j * torch.pi * turns)

    x = torch.randn(2, 15, DIM, dtype=torch.float64)
    torch.testing.assert_close(fourier(x), (dft(15) @ x.cdouble() @ dft(DIM)).real)
    image = rearrange(x, "b (h w) c -> b c h w", h=3)
    mixed = Fourier().build(DIM)(image)
    torch.testing.assert_close(rearrange(mixed, "b c h w -> b (h w) c"), fourier(x))


def test_fourier_mixing_twice_adds_the_mirror_image_of_tokens_and_channels() -> None:
    """The transform itself; its real part is the transform of x and its mirror image in halves."""
    x = torch.randn(1, 6, DIM, dtype=torch.float64)
    mirrored = x.flip(1, 2).roll((1, 1), (1, 2))
    torch.testing.assert_close(fourier(fourier(x)), 6 * DIM * (x + mirrored) / 2)
    assert fourier(1e3 * torch.ones(1, 1024, 128, dtype=torch.float16)).isfinite().all()


def unhaar(bands: Tensor) -> Tensor:
    """Return the inverse Haar transform of ``bands``: its matrix is its own inverse."""
    a, b, c, d = bands
    pixels = torch.stack([a + b + c + d, a + b - c - d, a - b + c - d, a - b - c + d]) / 2
    return rearrange(pixels, "(p q) b c h w -> b c (h p) (w q)", p=2)


def test_the_haar_transform_keeps_energy_and_can_be_undone() -> None:
    image = torch.randn(2, 3, 16, 32, dtype=torch.float64)
    low, levels, energy = image, [], torch.zeros((), dtype=torch.float64)
    for _ in range(4):
        bands = haar(low)
        assert bands.square().sum() == pytest.approx(low.square().sum())
        low, high = bands[0], bands[1:]
        levels.append(high)
        energy += high.square().sum()
    assert low.shape == (2, 3, 1, 2)
    assert energy + low.square().sum() == pytest.approx(image.square().sum())
    for high in reversed(levels):
        low = unhaar(torch.cat([low[None], high]))
    torch.testing.assert_close(low, image)


def test_the_high_bands_of_haar_are_edges_by_direction() -> None:
    across = torch.tensor([1.0, -1.0]).repeat(4)[:, None].expand(1, 1, 8, 8)
    images = (across**2, across, across.mT, across * across.mT)
    active = [haar(image).abs().amax(dim=(1, 2, 3, 4)).gt(0).tolist() for image in images]
    assert active == torch.eye(4).bool().tolist()


def test_wavelet_mixing_fills_the_map_up_and_cuts_it_back() -> None:
    module = Wavelet(hidden=8, width=8).build(DIM).eval()
    x = torch.randn(1, DIM, 8, 11)
    filled = F.pad(x, (0, 5, 0, 8))
    torch.testing.assert_close(module(x), module(filled)[..., :8, :11])


def test_one_perceptron_can_serve_all_wavelet_levels() -> None:
    each, shared = (Wavelet(shared=shared).build(64) for shared in (False, True))
    params = [sum(x.numel() for x in module.parameters()) for module in (each, shared)]
    assert params[0] - params[1] == 3 * ((4 * 64 + 1) * 32 + (32 + 1) * 32)


def test_softmax_attention_is_torchs_and_drops_weights_not_values() -> None:
    q, k, v = torch.randn(3, 2, 2, 9, 4)
    exact = F.scaled_dot_product_attention(q, k, v)
    torch.testing.assert_close(attention(q, k, v, dropout=0.0), exact)
    uniform = attention(0 * q, k, torch.ones(2, 2, 9, 4), dropout=0.5)
    kept = uniform * 9 / 2  # weights of 1/9 that are kept count twice
    torch.testing.assert_close(kept, kept.round())
    assert kept.unique().numel() > 2


def test_softmax_attention_sees_positions_only_when_asked_to() -> None:
    x = torch.randn(1, DIM, 1, 6)
    mirrored = x.flip(-1)
    blind, rotary = (
        Softmax(**HEADED, **part).build(DIM).eval() for part in ({}, {"positions": Rotary})
    )
    torch.testing.assert_close(blind(mirrored), blind(x).flip(-1))
    assert not torch.allclose(rotary(mirrored), rotary(x).flip(-1), atol=1e-4)


@pytest.mark.parametrize("mixer", [Nystrom(**HEADED, landmarks=4), Softmax(**HEADED)])
def test_tokens_are_mixed_as_the_map_that_they_unroll(mixer: Mixer) -> None:
    module = mixer.build(DIM).eval()
    image = torch.randn(2, DIM, 3, 5)
    tokens = rearrange(image, "b c h w -> b (h w) c")
    unrolled = rearrange(module(image), "b c h w -> b (h w) c")
    torch.testing.assert_close(OnTokens(module)(tokens), unrolled)


def test_rotary_angles_are_the_index_times_falling_frequencies() -> None:
    unit = torch.tensor([1.0, 0.0]).repeat(4).expand(1, 1, 5, 8)
    turned = rearrange(Rotary(8)(unit), "1 1 n (d two) -> n d two", two=2)
    angles = torch.atan2(turned[..., 1], turned[..., 0])
    expected = torch.arange(5)[:, None] * torch.tensor([1, 0.1, 0.01, 0.001])
    torch.testing.assert_close(torch.cos(angles), torch.cos(expected))
    torch.testing.assert_close(torch.sin(angles), torch.sin(expected))
