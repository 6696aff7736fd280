"""The parts of every model: their names, which weights are saved under, and the maps they make."""

import pytest
import torch
from registry_rows import COMPACT
from test_models_behaviour import small
from torch import Tensor, nn

from cxv import list_models
from cxv.networks.layers import ChannelNorm, ClassToken, relu_max_pool
from cxv.networks.memory_modes import UnfusedNorm
from cxv.networks.mixers.softmax import ConvSoftmax

TOKENS = "stem positions tokens class_token dropout layers pool norm head"
MAPS = "stem positions layers pool head"
PARTS = {
    **dict.fromkeys(("resnet18", "resnet34"), "stem relu stages pool head"),
    **dict.fromkeys(("fnet", "vit", "vin", "vip"), TOKENS),
    "mlp_mixer": "stem tokens layers norm pool head",
    **dict.fromkeys(("wavemix", "convmixer", "vilt"), "stem layers pool head"),
    "cct": "stem positions tokens dropout layers norm pool head",
    "cvt": "stages pool head",
    **dict.fromkeys(("cnv", "cltv", "cpv"), MAPS),
    **dict.fromkeys(COMPACT, "stem positions tokens class_token dropout layers norm pool head"),
}


@pytest.mark.parametrize("name", list_models())
def test_parts_have_the_names_that_checkpoints_have_and_run_in_this_order(name: str) -> None:
    assert " ".join(part for part, _ in small(name).named_children()) == PARTS[name]


def sizes(model: nn.Module, part: str, image_size: int) -> list[int]:
    """Return the sides of the maps that leave the steps of a part."""
    found: list[int] = []
    for step in model.get_submodule(part).children():
        step.register_forward_hook(lambda _, __, made: found.append(made.shape[-1]))
    with torch.inference_mode():
        model.eval()(torch.zeros(1, 3, image_size, image_size))
    return found


@pytest.mark.parametrize(
    ("name", "part", "image_size", "sides"),
    [
        ("resnet18", "stages", 32, [32, 16, 8, 4]),
        ("resnet18", "stages", 64, [32, 16, 8, 4]),
        ("cvt", "stages", 32, [32, 32]),
        ("cvt", "stages", 64, [32, 32]),
        ("convmixer", "layers", 9, [9, 9]),
        ("cpv", "layers", 32, [32, 32]),
    ],
)
def test_maps_halve_where_the_models_papers_say_and_nowhere_else(
    name: str, part: str, image_size: int, sides: list[int]
) -> None:
    assert sizes(small(name, image_size), part, image_size) == sides


@pytest.mark.parametrize("kernel", [1, 2, 7, 8])
def test_a_convmixer_keeps_its_map_whatever_its_kernel(kernel: int) -> None:
    model = small("convmixer", kernel=kernel)
    assert sizes(model, "layers", 8) == [8, 8]


def test_the_tokenizer_of_cct_takes_maxima_of_what_is_positive_and_keeps_its_map() -> None:
    pool, x = relu_max_pool(8), torch.randn(1, 8, 8, 8)
    expected = nn.functional.max_pool2d(x.clamp(min=0), 3, stride=1, padding=1)
    assert torch.equal(pool(x), expected)


def test_a_class_token_begins_as_noise_of_its_deviation() -> None:
    torch.manual_seed(0)
    made = ClassToken(10_000, deviation=0.3)
    for vector in (made.token.detach(), made.position.detach()):
        assert float(vector.std()) == pytest.approx(0.3, rel=0.05)
        assert float(vector.mean()) == pytest.approx(0, abs=0.3 * 5 / 100)


def test_the_papers_form_of_a_norm_keeps_its_epsilon() -> None:
    norm, x = ChannelNorm(4, eps=0.5), torch.randn(2, 4, 3, 3)
    torch.testing.assert_close(UnfusedNorm(norm)(x), norm(x))


def dropped(module: nn.Module, x: Tensor) -> float:
    return float((module.train()(x) == 0).float().mean())


def test_dropout_falls_on_what_leaves_the_attention_of_cvt() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 16, 8, 8)
    for dropout in (0.0, 0.5):
        mixer = ConvSoftmax(heads=2, head_dim=4, dropout=dropout).build(16)
        assert dropped(mixer, x) == pytest.approx(dropout, abs=0.05)
