"""What every model of the zoo promises, on networks small enough to run it."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from registry_rows import COMPACT, TABLE1
from torch import nn

from cxv import create_model, list_models
from cxv.networks.dropout import StochasticDepth
from cxv.networks.layers import LearnedPositions
from cxv.networks.models.stems import Patches, Stem

TINY = {"heads": 2, "head_dim": 4}
SMALL: dict[str, dict[str, Any]] = {
    "resnet18": {"width": 4},
    "resnet34": {"width": 4, "blocks": [1, 1, 1]},
    "fnet": {"dim": 8, "depth": 2},
    "mlp_mixer": {"dim": 8, "depth": 2},
    "wavemix": {"dim": 8, "depth": 2, "mixer": {"hidden": 8, "width": 8}},
    "convmixer": {"dim": 8, "depth": 2},
    "vit": {"dim": 8, "depth": 2, "mixer": TINY},
    "vin": {"dim": 8, "depth": 2, "mixer": {**TINY, "landmarks": 8}},
    "vip": {"dim": 8, "depth": 2, "mixer": {**TINY, "features": 8}},
    "vilt": {"dim": 8, "depth": 2, "mixer": TINY},
    "cct": {"dim": 8, "depth": 2, "mixer": TINY},
    "cvt": {"dim": 8, "depths": [1, 1], "mixer": TINY},
    "cnv": {"dim": 8, "depth": 2, "mixer": {**TINY, "landmarks": 8}},
    "cltv": {"dim": 8, "depth": 2, "mixer": TINY},
    "cpv": {"dim": 8, "depth": 2, "mixer": {**TINY, "features": 8}},
    **{name: {"dim": 8, "depth": 2, "mixer": TINY} for name in COMPACT},
}
every_model = pytest.mark.parametrize("name", list_models())


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def small(name: str, image_size: int = 8, **changes: Any) -> nn.Module:
    settings = {**SMALL[name], **changes}
    return create_model(name, classes=5, image_size=image_size, settings=settings)


def dropouts(name: str) -> list[float]:
    with torch.device("meta"):
        model = create_model(name)
    hidden = [x.dropout for x in model.modules() if isinstance(getattr(x, "dropout", None), float)]
    return hidden + [x.p for x in model.modules() if isinstance(x, nn.Dropout)]


@every_model
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_step_has_a_finite_loss_and_finite_gradients(name: str, dtype: torch.dtype) -> None:
    model = small(name, **({"stochastic_depth": 0.0} if name in {"cct", *COMPACT} else {}))
    with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        loss = F.cross_entropy(model(torch.rand(8, 3, 8, 8)), torch.arange(8) % 5)
    loss.backward()
    assert loss.isfinite()
    for parameter in model.parameters():
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()
    assert any(parameter.grad.any() for parameter in model.parameters())


@every_model
def test_a_step_against_the_gradient_lowers_the_loss_as_far_as_it_says(name: str) -> None:
    model = small(name).double().eval()  # without dropout
    images, labels = torch.rand(5, 3, 8, 8).double(), torch.arange(5)
    before = F.cross_entropy(model(images), labels)
    parameters = list(model.parameters())
    gradients = torch.autograd.grad(before, parameters)
    length = torch.stack([gradient.norm() for gradient in gradients]).norm().item()
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.sub_(1e-5 * gradient / length)
        after = F.cross_entropy(model(images), labels)
    assert (before - after).item() == pytest.approx(1e-5 * length, rel=0.01)


@every_model
def test_an_image_does_not_see_the_other_images_of_its_batch(name: str) -> None:
    model = small(name)
    for _ in range(3):
        model(torch.rand(8, 3, 8, 8))  # moves the averages of batch norms
    model.eval()
    images = torch.rand(3, 3, 8, 8) * torch.tensor([1.0, 5.0, 20.0])[:, None, None, None]
    together = model(images)
    for image, logits in zip(images, together, strict=True):
        torch.testing.assert_close(model(image[None])[0], logits, rtol=1e-3, atol=1e-4)
    assert not torch.allclose(together[0], together[1])


@every_model
@pytest.mark.parametrize("image_size", [8, 32, 64])
def test_a_model_takes_every_size_it_is_built_for(name: str, image_size: int) -> None:
    model = small(name, image_size).eval()
    with torch.inference_mode():
        logits = model(torch.rand(1, 3, image_size, image_size))
    assert logits.shape == (1, 5)
    assert logits.isfinite().all()


@every_model
def test_every_pixel_matters(name: str) -> None:
    model = small(name).eval()
    images = torch.rand(1, 3, 8, 8, requires_grad=True)
    model(images).square().sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum(dim=1).gt(0).all()


@pytest.mark.parametrize("name", TABLE1)
def test_dropout_is_one_half_wherever_a_model_has_any(name: str) -> None:
    found = dropouts(name)
    assert set(found) <= {0.5}
    assert (found == []) == (name in {"resnet18", "resnet34", "convmixer"})


def test_softmax_models_drop_attention_itself_while_training() -> None:
    for name, settings in (("vit", {"dropout": 0.0, "embedding_dropout": 0.0}), ("cvt", {})):
        model = small(name, **settings, mixer={**TINY, "dropout": 0.0}).train()
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        images = torch.rand(4, 3, 8, 8)
        assert not torch.allclose(model(images), model(images))


def test_stochastic_depth_drops_whole_images_and_keeps_the_mean() -> None:
    x = torch.ones(4000, 2, 3)
    drop = StochasticDepth(0.25)
    kept = drop(x)
    assert torch.equal(kept, kept[:, :1, :1].expand_as(kept))
    assert kept.unique().tolist() == pytest.approx([0, 4 / 3])
    assert kept.mean() == pytest.approx(1, abs=0.05)
    assert torch.equal(drop.eval()(x), x)


def test_stochastic_depth_grows_from_layer_to_layer() -> None:
    with torch.device("meta"):
        layers = create_model("cct").layers
    rates = [x.probability for x in layers.modules() if isinstance(x, StochasticDepth)]
    assert rates == pytest.approx([rate for i in range(6) for rate in 2 * [0.02 * i]])


def test_the_class_token_alone_is_read() -> None:
    model = small("vit").eval()
    tokens = torch.randn(1, 65, 8)
    swapped = tokens[:, [0, *range(64, 0, -1)]]
    tail = nn.Sequential(model.pool, model.norm, model.head)
    torch.testing.assert_close(tail(tokens), tail(swapped))
    assert not torch.allclose(tail(tokens), tail(tokens.flip(1)))


def test_only_positions_tell_a_vit_where_its_patches_are() -> None:
    model = small("vit").eval()
    images = torch.rand(1, 3, 8, 8)
    mirrored = images.flip(-1)
    assert not torch.allclose(model(images), model(mirrored), atol=1e-5)
    table = next(x for x in model.modules() if isinstance(x, LearnedPositions)).table
    with torch.no_grad():
        table.zero_()
    torch.testing.assert_close(model(images), model(mirrored))


@pytest.mark.parametrize("build", [Patches().build, Stem().build, Stem(depth=3).build])
def test_stems_leave_32_pixels_and_halve_64(build: Callable[..., nn.Module]) -> None:
    for image_size, size in ((8, 8), (32, 32), (64, 32)):
        assert build(16, image_size)(torch.rand(1, 3, image_size, image_size)).shape == (
            *(1, 16),
            *(size, size),
        )


def test_a_patch_is_one_linear_map_of_its_own_pixels() -> None:
    stem = Patches().build(16, 64)
    images = torch.rand(1, 3, 64, 64)
    moved = images.clone()
    moved[..., 2:4, 6:8] += 1
    changed = (stem(moved) - stem(images)).abs().sum(dim=(0, 1)) > 0
    assert changed.nonzero().tolist() == [[1, 3]]


def test_impossible_builds_name_their_values() -> None:
    for name, settings, image_size, message in (
        ("vit", {}, 45, "image_size=45: patches of 2 pixels do not cover it"),
        ("vin", {"dim": 2}, 32, "width=2 cannot be halved depth-1=2 times"),
        ("wavemix", {"dim": 66}, 32, "dim=66 is no multiple of levels=4"),
        ("cvt", {"mixer": {"kernel": 2}}, 32, "kernel=2: an odd number"),
    ):
        with pytest.raises(ValueError, match=message):
            create_model(name, settings=settings, image_size=image_size)
