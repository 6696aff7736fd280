import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cxv import create_model
from cxv.networks.layers import ChannelNorm, LearnedPositions, Pointwise, feed_forward

D, DEPTH, HIDDEN, HEADS = 128, 5, 256, 4
STEM = (3 * 9 + 1) * 32 + (32 * 9 + 1) * 64
LOCAL = (64 * 9 + 1) * D + 4 * (D * 9 + 1) * D + DEPTH * 2 * D  # convolutions, ChannelNorm
QKVO = DEPTH * 4 * (D + 1) * D  # with bias
NYSTROM = DEPTH * (3 * D * D + (D + 1) * D + HEADS * 33)  # bias on the output only; 33 taps
FFN = DEPTH * ((D + 1) * HIDDEN + (HIDDEN + 1) * D)
BODY = STEM + LOCAL + FFN

SMALL = {"dim": 16, "depth": 2, "mixer": {"heads": 2, "head_dim": 8}}
every_xformer = pytest.mark.parametrize("name", ["cnv", "cltv", "cpv"])


def params(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_every_xformer_has_the_parameters_of_table_1() -> None:
    head = (D + 1) * 10
    assert params(create_model("cnv")) == BODY + NYSTROM + head == 1_344_734
    assert params(create_model("cltv")) == BODY + QKVO + head == 1_345_994
    assert params(create_model("cpv")) == BODY + QKVO + head == 1_345_994


def test_resnets_have_the_parameters_of_table_1() -> None:
    def stage(width: int, wider: int, blocks: int) -> int:
        convs = 9 * width * wider + (2 * blocks - 1) * 9 * wider * wider
        shortcut = (width + 2) * wider if width != wider else 0
        return convs + 2 * blocks * 2 * wider + shortcut

    def resnet(*blocks: int) -> int:
        widths = (64, 64, 128, 256, 512)
        stages = sum(map(stage, widths, widths[1:], blocks))
        return (3 * 9 + 2) * 64 + stages + 513 * 10

    assert params(create_model("resnet18")) == resnet(2, 2, 2, 2) == 11_173_962
    assert params(create_model("resnet34")) == resnet(3, 4, 6, 3) == 21_282_122


@pytest.mark.parametrize("name", ["resnet18", "cpv"])
def test_images_beyond_32_pixels_enter_the_layers_as_maps_of_half_the_size(name: str) -> None:
    for image_size, size in ((8, 8), (32, 32), (64, 32)):
        stem = create_model(name, image_size=image_size).stem
        assert stem(torch.zeros(1, 3, image_size, image_size)).shape[-2:] == (size, size)


@every_xformer
def test_a_network_takes_any_map_and_an_image_sees_no_other(name: str) -> None:
    model = create_model(name, classes=7, settings=SMALL).eval()
    images = torch.rand(3, 3, 10, 6) * torch.tensor([1.0, 5.0, 50.0])[:, None, None, None]
    logits = model(images)
    assert logits.shape == (3, 7)
    for image, alone in zip(images, logits, strict=True):
        torch.testing.assert_close(model(image[None])[0], alone, rtol=1e-3, atol=1e-4)


@every_xformer
def test_gradients_under_bfloat16_autocast_are_finite(name: str) -> None:
    model = create_model(name, settings=SMALL)
    with torch.autocast("cpu", torch.bfloat16):
        loss = F.cross_entropy(model(torch.rand(4, 3, 16, 16)), torch.arange(4))
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize(("name", "sites"), [("cnv", 3), ("cltv", 2), ("cpv", 3)])
def test_dropout_is_one_half_in_the_perceptron_and_behind_attention(name: str, sites: int) -> None:
    modules = create_model(name).modules()
    assert [x.p for x in modules if isinstance(x, nn.Dropout)] == DEPTH * sites * [0.5]


@every_xformer
def test_a_seed_fixes_every_weight(name: str) -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        state = create_model(name, settings=SMALL).state_dict()
        return torch.cat([x.flatten() for x in state.values()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_channel_norm_is_layer_norm_over_channels_and_survives_float16() -> None:
    norm = ChannelNorm(6)
    nn.init.normal_(norm.gain)
    nn.init.normal_(norm.shift)
    x = torch.randn(2, 6, 3, 4)
    last = F.layer_norm(x.movedim(1, -1), (6,), norm.gain.flatten(), norm.shift.flatten())
    torch.testing.assert_close(norm(x), last.movedim(-1, 1))
    loud = (1000 * x).half()
    torch.testing.assert_close(norm(loud), norm(loud.float()))
    assert not loud.square().isfinite().all()


def test_the_perceptron_treats_every_pixel_alike() -> None:
    perceptron = feed_forward(4, 8, dropout=0.5).eval()
    x = torch.randn(1, 4, 3, 5)
    torch.testing.assert_close(perceptron(x)[..., 1:2, 2:3], perceptron(x[..., 1:2, 2:3]))


def test_learned_positions_fit_other_maps() -> None:
    positions = LearnedPositions(4, size=8)
    torch.testing.assert_close(positions(torch.zeros(2, 4, 8, 8))[1], positions.table[0])
    assert positions(torch.zeros(1, 4, 5, 6)).abs().sum() > 0


@pytest.mark.parametrize("bias", [True, False])
def test_a_pointwise_convolution_is_one_in_training_too(bias: bool) -> None:
    layer = Pointwise(6, 4, bias=bias)
    conv = nn.Conv2d(6, 4, 1, bias=bias)
    conv.load_state_dict(layer.state_dict())
    for images in (torch.randn(2, 6, 3, 5), torch.randn(2, 5, 3, 6).movedim(-1, 1)):
        made = layer.train()(images)
        torch.testing.assert_close(made, conv(images))
        torch.testing.assert_close(layer.eval()(images), conv(images))
        made.square().sum().backward()
        conv(images).square().sum().backward()
    for ours, theirs in zip(layer.parameters(), conv.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad)
