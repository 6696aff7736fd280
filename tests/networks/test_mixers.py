import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cxv.networks.layers import Rotary
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.fourier import Fourier
from cxv.networks.mixers.linear import Linear, elu_attention, kernel_attention, softmax_attention
from cxv.networks.mixers.nystrom import Nystrom, nystrom_attention, pseudo_inverse
from cxv.networks.mixers.performer import Performer, orthogonal_projection
from cxv.networks.mixers.performer import softmax_attention as favor_attention
from cxv.networks.mixers.softmax import ConvSoftmax, Softmax
from cxv.networks.mixers.wavelet import Wavelet

DIM = 12
MIXERS = {
    "nystrom": Nystrom(heads=2, head_dim=8, landmarks=16),
    "linear": Linear(heads=2, head_dim=8),
    "linear_elu": Linear(heads=2, head_dim=8, kernel="elu"),
    "performer": Performer(heads=2, head_dim=8, features=20),
    "performer_softmax": Performer(heads=2, head_dim=8, features=20, kernel="softmax"),
    "performer_rotary": Performer(heads=2, head_dim=8, features=20, positions=Rotary),
    "softmax": Softmax(heads=2, head_dim=8),
    "conv_softmax": ConvSoftmax(heads=2, head_dim=8),
    "fourier": Fourier(),
    "wavelet": Wavelet(hidden=8, width=8),
}
every_mixer = pytest.mark.parametrize("mixer", MIXERS.values(), ids=MIXERS)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def heads(tokens: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    q, k, v = torch.randn(3, 2, 2, tokens, 8, dtype=dtype)
    return q, k, v


@every_mixer
def test_a_mixer_takes_any_map_and_keeps_its_shape(mixer: Mixer) -> None:
    module = mixer.build(DIM).eval()
    for h, w in ((4, 4), (5, 7), (1, 3), (9, 2)):
        assert module(torch.randn(2, DIM, h, w)).shape == (2, DIM, h, w)


@every_mixer
def test_an_image_does_not_see_the_other_images_of_its_batch(mixer: Mixer) -> None:
    module = mixer.build(DIM).eval()
    image = 30 * torch.randn(1, DIM, 5, 7)
    batch = torch.cat([image, torch.randn(1, DIM, 5, 7), torch.zeros(1, DIM, 5, 7)])
    torch.testing.assert_close(module(batch)[:1], module(image), rtol=1e-4, atol=1e-5)


@every_mixer
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_gradients_under_autocast_are_finite(mixer: Mixer, dtype: torch.dtype) -> None:
    module = mixer.build(DIM)
    x = (100 * torch.randn(1, DIM, 32, 32)).requires_grad_()
    with torch.autocast("cpu", dtype):
        loss = module(x).square().mean()
    loss.float().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in module.parameters())


def test_the_normaliser_would_overflow_in_float16() -> None:
    q = k = torch.full((1, 1, 1024, 110), 2.0, dtype=torch.float16)
    v = torch.ones(1, 1, 1024, 8, dtype=torch.float16)
    assert not kernel_attention(q, k, v).isfinite().all()


def test_nystrom_with_every_token_a_landmark_is_softmax_attention() -> None:
    q, k, v = heads(tokens=8)
    near = nystrom_attention(q, k, v, landmarks=8, iterations=40)
    exact = F.scaled_dot_product_attention(q, k, v)
    torch.testing.assert_close(near, exact, rtol=0, atol=1e-6)
    assert (nystrom_attention(q, k, v, landmarks=4, iterations=40) - exact).abs().max() > 1e-2


def test_the_iteration_converges_to_the_pseudo_inverse() -> None:
    a = (2 * torch.eye(8) + torch.rand(2, 3, 8, 8)).softmax(dim=-1).double()
    exact = torch.linalg.pinv(a)
    errors = [(pseudo_inverse(a, iterations=i) - exact).norm() for i in (1, 2, 3, 4, 12)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-8 * exact.norm()


def test_nystrom_fills_up_with_zero_tokens_in_front() -> None:
    module = Nystrom(heads=2, head_dim=8, landmarks=16).build(DIM).eval()
    row = torch.randn(2, DIM, 1, 31)  # of 16 pairs, the first or the last would have the zero
    torch.testing.assert_close(module(F.pad(row, (1, 0)))[..., 1:], module(row))
    assert not torch.allclose(module(F.pad(row, (0, 1)))[..., :31], module(row), atol=1e-3)


def test_nystrom_convolves_the_values_along_the_tokens() -> None:
    module = Nystrom(heads=2, head_dim=8, landmarks=16).build(DIM).eval()
    assert module.neighbours.weight.shape == (2, 1, 33, 1)
    with torch.no_grad():
        module.to_qkv.weight[: 2 * 16] = 0  # uniform attention: the rest is the convolution's
        x = torch.randn(1, DIM, 1, 64)
        near, far = x.clone(), x.clone()
        near[..., 16] += 1
        far[..., 17] += 1
        moved_near, moved_far = (module(y) - module(x) for y in (near, far))
    assert (moved_near[..., 0] - moved_near[..., -1]).abs().max() > 1e-3
    torch.testing.assert_close(moved_far[..., 0], moved_far[..., -1], rtol=0, atol=1e-5)


def test_favor_features_converge_to_softmax_attention() -> None:
    q, k, v = heads(tokens=16)
    q, k = q / 2, k / 2  # the variance of the features is exponential in |q + k|²
    exact = F.scaled_dot_product_attention(q, k, v)
    projections = (orthogonal_projection(n, 8).double() for n in (64, 1024, 16384))
    errors = [(favor_attention(q, k, v, w) - exact).norm() / exact.norm() for w in projections]
    assert errors[0] > 2 * errors[1] > 4 * errors[2]
    assert errors[2] < 0.02


def test_projection_rows_are_orthogonal_in_blocks_and_as_long_as_gaussian_ones() -> None:
    rows = orthogonal_projection(110, 32)
    lengths = rows.norm(dim=1)
    for block in (rows / lengths[:, None]).split(32):
        torch.testing.assert_close(block @ block.T, torch.eye(len(block)), rtol=0, atol=1e-5)
    assert lengths.std() > 0.3  # sqrt(32) rows would have none; chi(32) has 0.7
    assert lengths.mean() == pytest.approx(32**0.5, rel=0.05)


def test_the_projection_is_fixed_by_the_seed_and_saved_with_the_weights() -> None:
    def build() -> nn.Module:
        torch.manual_seed(3)
        return Performer(heads=2, head_dim=8).build(DIM)

    first, second = build(), build()
    assert torch.equal(first.state_dict()["projection"], second.projection)
    assert "projection" not in dict(first.named_parameters())


@pytest.mark.parametrize(
    ("attend", "query", "key"),
    [
        (softmax_attention, lambda q: q.softmax(-1), lambda k: k.softmax(-2)),
        (elu_attention, lambda q: F.elu(q) + 1, lambda k: F.elu(k) + 1),
    ],
)
def test_linear_attention_is_its_quadratic_form(attend, query, key) -> None:
    q, k, v = heads(tokens=10)
    scale = 8**-0.25 if attend is softmax_attention else 1
    weights = query(scale * q) @ key(scale * k).mT
    weights = weights / weights.sum(dim=-1, keepdim=True)
    torch.testing.assert_close(attend(q, k, v), weights @ v, rtol=0, atol=1e-5)


def test_the_relu_kernel_is_the_default_and_its_quadratic_form() -> None:
    assert Performer(heads=1).kernel == "relu"
    module = Performer(heads=2, head_dim=8, features=20).build(DIM)
    q, k, v = heads(tokens=10, dtype=torch.float32)
    phi_q, phi_k = (F.relu(8**-0.25 * x @ module.projection.T) + 1e-3 for x in (q, k))
    weights = phi_q @ phi_k.mT
    expected = weights / weights.sum(dim=-1, keepdim=True) @ v
    torch.testing.assert_close(module.attend(q, k, v, module.projection), expected)


def test_rotary_products_depend_on_the_distance_alone() -> None:
    q, k = torch.randn(2, 1, 1, 1, 8).expand(2, 1, 1, 12, 8)
    rotate = Rotary(8)
    products = (rotate(q) @ rotate(k).mT)[0, 0]
    torch.testing.assert_close(products[2, 5], products[6, 9], rtol=0, atol=1e-4)
    assert (products[2, 5] - products[5, 2]).abs() > 1e-3
    torch.testing.assert_close(rotate(q).norm(dim=-1), q.norm(dim=-1))
    with pytest.raises(ValueError, match="head_dim=7"):
        Rotary(7)
