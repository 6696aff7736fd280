import inspect
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from cxv import create_model
from cxv.networks import ablations
from cxv.networks.layers import ChannelNorm, Residual, Rotary
from cxv.networks.models.xformer import XFormer
from cxv.networks.registry import ABLATIONS, describe

BASE = {"cnv": 1_344_734, "cltv": 1_345_994, "cpv": 1_345_994}
D = 128
ADDED = {  # parameters of the paper's ablations, the same for every mixer
    "embed_1_conv": (3 * 9 + 1) * 64 - (3 * 9 + 1) * 32 - (32 * 9 + 1) * 64,
    "embed_3_convs": (3 * 9 + 1) * 16 + (16 * 9 + 1) * 32 - (3 * 9 + 1) * 32,
    "embed_3_convs_wide": (32 * 9 + 1) * 32,
    "embed_no_padding": 0,
    "gelu_after_embedding": 0,
    "max_pool_embedding": 0,
    "gelu_after_conv": 0,
    "residual_conv": 0,
    "residual_conv_norm": 0,
    "conv_in_alternate_layers": -2 * (D * 9 + 1) * D,
    "norm_in_alternate_layers": -2 * 2 * D,
    "batch_norm": 0,
    "pre_norm": 10 * 2 * D,
    "pre_norm_only": 5 * 2 * D,
    "positions_once": 1024 * 64,
    "positions_in_attention": 5 * 1024 * D,
    "rotary": 0,
}
INNER = 4 * 32  # heads x their dimension
MIXERS = {"cnv": 4 * 33, "cltv": 3 * INNER, "cpv": 3 * INNER}
"""What a mixer has more than q, k, v and output: Nyström's taps, biases of q, k and v."""


def of_alternate_layers(dim: int, mixer: int) -> int:
    """Count the parameters of a CXV with convolutions in its layers 1, 3 and 5."""
    stem = (3 * 9 + 1) * (dim // 4) + (dim // 4 * 9 + 1) * (dim // 2)
    convs = (dim // 2 * 9 + 1) * dim + 2 * (dim * 9 + 1) * dim
    attention = 3 * dim * INNER + (INNER + 1) * dim + mixer
    perceptron = (dim + 1) * 2 * dim + (2 * dim + 1) * dim
    return stem + convs + 5 * (2 * dim + attention + perceptron) + (dim + 1) * 10


CONV = (D * 9 + 1) * D
CONTROLS = {  # parameters that the controls take from cnv, cltv and cpv
    "softmax_attention": {name: 5 * mixer for name, mixer in MIXERS.items()},
    "no_conv": dict.fromkeys(BASE, (64 * 9 + 1) * D + 4 * CONV - (64 + 1) * D),
    "conv_in_alternate_layers_wide": {
        name: BASE[name] - of_alternate_layers(148, mixer) for name, mixer in MIXERS.items()
    },
}
OTHERS = ("mean_pooling", "no_positions")  # controls of models without convolutions in their layers
SMALL = {"dim": 8, "depth": 3, "mixer": {"heads": 2, "head_dim": 4}}


def small(*edits: str) -> nn.Module:
    torch.manual_seed(0)
    return create_model("cltv", settings=SMALL, edits=edits).eval()


def count(model: nn.Module, kind: type[nn.Module]) -> int:
    return sum(isinstance(module, kind) for module in model.modules())


def is_conv(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d)


def params(name: str, edits: Sequence[str]) -> int:
    with torch.device("meta"):
        model = create_model(name, edits=edits)
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize("edit", ADDED)
def test_an_ablation_has_its_number_of_parameters(edit: str) -> None:
    for name, base in BASE.items():
        assert params(name, [edit]) == base + ADDED[edit]


@pytest.mark.parametrize("edit", CONTROLS)
def test_a_control_has_its_number_of_parameters(edit: str) -> None:
    assert {name: BASE[name] - params(name, [edit]) for name in BASE} == CONTROLS[edit]


def test_the_paper_has_17_ablations_and_we_add_controls() -> None:
    assert len(ADDED) == 17
    assert list(ABLATIONS) == [*ADDED, *CONTROLS, *OTHERS]


def test_controls_are_matched_in_what_they_do_not_control() -> None:
    for name, base in BASE.items():
        narrow = of_alternate_layers(D, MIXERS[name])
        assert params(name, ["conv_in_alternate_layers"]) == narrow == base - 2 * CONV
        assert params(name, ["softmax_attention"]) == pytest.approx(base, rel=0.002)
        assert params(name, ["conv_in_alternate_layers_wide"]) == pytest.approx(base, rel=0.01)


def test_the_counts_of_cnv_are_those_of_the_released_code() -> None:
    """Of its class CNV, edited by hand as section 5.1 of the paper says."""
    released = {
        "embed_1_conv": 1_327_134,
        "embed_3_convs": 1_348_926,
        "embed_3_convs_wide": 1_353_982,
        "conv_in_alternate_layers": 1_049_566,
        "norm_in_alternate_layers": 1_344_222,
        "pre_norm": 1_347_294,
        "pre_norm_only": 1_346_014,
        "positions_once": 1_410_270,
        "positions_in_attention": 2_000_094,
    }
    assert {edit: params("cnv", [edit]) for edit in released} == released
    assert released.keys() == {edit for edit, added in ADDED.items() if added}


@pytest.mark.parametrize("edit", [*ADDED, *CONTROLS])
def test_an_ablation_changes_the_function_on_maps_of_any_shape(edit: str) -> None:
    images = torch.rand(2, 3, 12, 10)
    base, model = small(), small(edit)
    shared = dict(zip(model.state_dict(), base.state_dict().values(), strict=False))
    if ADDED.get(edit) == 0 and edit != "batch_norm":
        model.load_state_dict(shared)  # only the wiring is left to differ
    if edit == "batch_norm":
        model.train()
    assert model(images).shape == (2, 10)
    assert not torch.allclose(model(images), base(images), atol=1e-5)


def test_edits_put_their_parts_where_they_say() -> None:
    assert count(small("gelu_after_embedding").stem, nn.GELU) == 1
    assert count(small("embed_3_convs", "gelu_after_embedding").stem, nn.GELU) == 2
    assert count(small("max_pool_embedding").stem, nn.MaxPool2d) == 2
    assert [type(x) for x in small("gelu_after_conv").layers[0][0].modules()][2:] == [
        nn.Conv2d,
        nn.GELU,
        ChannelNorm,
    ]
    assert count(small("batch_norm"), ChannelNorm) == 0
    assert count(small("batch_norm"), nn.BatchNorm2d) == 3
    widths = [x.out_channels for x in small("embed_3_convs_wide").stem.modules() if is_conv(x)]
    assert widths == [2, 2, 4]
    assert small("embed_no_padding").stem(torch.zeros(1, 3, 32, 32)).shape[-2:] == (28, 28)


@pytest.mark.parametrize("edit", ["residual_conv", "residual_conv_norm"])
def test_the_residual_skips_the_layer_that_changes_the_width(edit: str) -> None:
    layers = small(edit).layers
    assert [count(layer[0], Residual) for layer in layers] == [0, 1, 1]


def test_alternation_keeps_the_odd_layers_and_composes() -> None:
    layers = small("conv_in_alternate_layers", "norm_in_alternate_layers").layers
    assert [count(layer[0], nn.Conv2d) for layer in layers] == [1, 0, 1]
    assert [count(layer[0], ChannelNorm) for layer in layers] == [1, 0, 1]


def test_alternation_gives_an_even_cycle_of_layers_no_second_turn() -> None:
    """Else a third edit would see layers twice that the model has once."""
    once = describe("cpv", edits=["conv_in_alternate_layers"])
    twice = describe("cpv", edits=["conv_in_alternate_layers", "norm_in_alternate_layers"])
    assert isinstance(once, XFormer)
    assert isinstance(twice, XFormer)
    assert len(once.local) == len(twice.local) == 2


def test_edits_compose_in_the_order_given() -> None:
    inside, outside = (
        small(*edits).layers[1][0][0]
        for edits in (["gelu_after_conv", "residual_conv"], ["residual_conv", "gelu_after_conv"])
    )
    assert isinstance(inside, Residual)
    assert isinstance(outside[0], Residual)


def test_the_registry_names_every_edit() -> None:
    here = {
        name
        for name, value in vars(ablations).items()
        if inspect.isfunction(value)
        and value.__module__ == "cxv.networks.ablations"
        and name[0] != "_"
    }
    assert here - {"edit"} == set(ABLATIONS)


@pytest.mark.parametrize("edit", ABLATIONS)
def test_an_edit_refuses_a_model_without_its_parts(edit: str) -> None:
    with pytest.raises(ValueError, match=f"{edit} edits [A-Za-z]+, not ResNet"):
        describe("resnet18", edits=[edit])


@pytest.mark.parametrize("name", ["vit", "fnet", "vin", "vip"])
def test_mean_pooling_has_no_class_token(name: str) -> None:
    assert params(name, ["mean_pooling"]) == params(name, []) - 2 * D  # the token, its position
    model = create_model(name, image_size=4, edits=["mean_pooling"], settings={"dim": 16}).eval()
    tokens = torch.rand(2, 16, 16)
    torch.testing.assert_close(model.pool(model.class_token(tokens)), tokens.mean(dim=1))
    assert model(torch.rand(2, 3, 4, 4)).shape == (2, 10)


def test_an_edit_refuses_the_models_of_another_family() -> None:
    with pytest.raises(ValueError, match="mean_pooling edits ViT, not XFormer"):
        describe("cpv", edits=["mean_pooling"])
    with pytest.raises(ValueError, match="rotary edits XFormer, not ViT"):
        describe("vit", edits=["rotary"])


@pytest.mark.parametrize("name", BASE)
def test_the_softmax_control_changes_the_attention_alone(name: str) -> None:
    base: Any = describe(name)
    model: Any = describe(name, edits=["rotary", "softmax_attention"])
    assert model == replace(base, mixer=model.mixer)
    assert (model.mixer.heads, model.mixer.head_dim) == (base.mixer.heads, base.mixer.head_dim)
    assert model.mixer.positions is Rotary
    assert model.mixer.dropout == getattr(base.mixer, "dropout", 0)
    assert model.mixer.attention_dropout == 0
    with pytest.raises(ValueError, match="softmax_attention needs heads; Preceded has none"):
        describe(name, edits=["positions_in_attention", "softmax_attention"])


def test_without_convolutions_no_pixel_sees_its_neighbours_but_by_attention() -> None:
    local = small("no_conv").layers[0][0]
    x = torch.rand(1, 4, 6, 6)
    torch.testing.assert_close(local(x)[..., 2:3, 3:4], local(x[..., 2:3, 3:4]))
    assert [count(layer[0], nn.Conv2d) for layer in small("no_conv").layers] == [1, 0, 0]


def test_rotary_refuses_a_mixer_without_queries() -> None:
    with pytest.raises(ValueError, match="Preceded has none"):
        describe("cpv", edits=["positions_in_attention", "rotary"])
    assert small("rotary", "positions_in_attention")(torch.zeros(1, 3, 8, 8)).shape == (1, 10)
