"""The parts of the second paper's networks: layers, dropout, the first weights, edits."""

from typing import Any

import pytest
import torch
from compact import DEPTHS, HEADS, NETWORKS, WIDTHS, compact
from registry_rows import COMPACT
from torch import Tensor, nn

from cxv import create_model
from cxv.networks.dropout import StochasticDepth
from cxv.networks.registry import describe

pytestmark = pytest.mark.usefixtures("one_thread")

every_network = pytest.mark.parametrize("title", NETWORKS)
every_row = pytest.mark.parametrize("name", COMPACT)


def parts(network: nn.Module, kind: type[nn.Module]) -> list[Any]:
    return [part for part in network.modules() if isinstance(part, kind)]


@every_row
def test_positions_are_added_to_their_own_tokens(name: str) -> None:
    """The layers see stem + table pixel by pixel, behind token + position of ViT-Lite."""
    network: Any = create_model(name, image_size=8, settings={"depth": 1}).eval()
    seen: list[Tensor] = []
    network.layers.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    image = torch.rand(1, 3, 8, 8)
    with torch.no_grad():
        network(image)
        pixels = (network.stem(image) + network.positions.table).flatten(2).mT
    if name == "vit_lite":
        first = network.class_token.token + network.class_token.position
        pixels = torch.cat([first, pixels], dim=1)
    torch.testing.assert_close(seen[0], pixels)


@every_network
def test_queries_keys_and_values_have_no_bias_and_heads_share_the_width(title: str) -> None:
    network, width = compact(title), WIDTHS[title]
    row, settings = NETWORKS[title]
    mixer: Any = describe(row, settings=settings).mixer  # type: ignore[attr-defined]
    assert (mixer.heads, mixer.heads * mixer.head_dim) == (HEADS[title], width)
    linears = parts(network.get_submodule("layers"), nn.Linear)
    biases = [linear.bias is not None for linear in linears]
    assert biases == DEPTHS[title] * [False, True, True, True]  # q k v, output, perceptron


def test_a_layer_adds_the_perceptron_to_the_normed_stream() -> None:
    network: Any = compact("CVT-6/4")
    attend, norm, feed = layer = network.layers[0]
    x = torch.randn(2, 5, 256)
    with torch.no_grad():
        normed = norm(x + attend.branch(x))
        torch.testing.assert_close(layer(x), normed + feed.branch(normed))
    assert [type(part) for part in attend.branch][:1] == [nn.LayerNorm]
    assert not parts(feed.branch, nn.LayerNorm)
    assert len(parts(feed.branch, nn.GELU)) == 1


@every_network
def test_only_attention_weights_and_layers_are_dropped(title: str) -> None:
    network = compact(title)
    assert {part.p for part in parts(network, nn.Dropout)} == {0.0}
    attention = [
        x.dropout for x in network.modules() if isinstance(getattr(x, "dropout", 0), float)
    ]
    assert attention == DEPTHS[title] * [0.1]
    rates = [part.probability for part in parts(network, StochasticDepth)]
    last = DEPTHS[title] - 1
    linear = [0.1 * layer / last for layer in range(last + 1) for _ in ("attention", "perceptron")]
    assert rates == pytest.approx(linear)


def near(values: Tensor, deviation: float) -> bool:
    """Tell whether noise has a deviation, to five standard errors, and mean 0."""
    made, error = values.detach(), 5 * deviation / values.numel() ** 0.5
    return abs(float(made.std()) - deviation) < error and abs(float(made.mean())) < error


@every_row
def test_a_network_begins_as_released(name: str) -> None:
    torch.manual_seed(0)
    network: Any = create_model(name)
    for linear in parts(network, nn.Linear):
        assert near(linear.weight, 0.02)
        assert linear.bias is None or not linear.bias.any()
    for conv in parts(network.stem, nn.Conv2d):
        fan_in = conv.weight[0].numel()
        assert near(conv.weight, (2 / fan_in) ** 0.5)
    for norm in parts(network, nn.LayerNorm):
        assert norm.weight.eq(1).all()
        assert not norm.bias.any()
    assert near(network.positions.table, 0.2)
    if name == "vit_lite":
        assert near(network.class_token.position, 0.2)
        assert not network.class_token.token.any()


def test_two_convolutions_begin_as_one_does() -> None:
    torch.manual_seed(0)
    convs = parts(compact("CCT-7/3x2"), nn.Conv2d)
    assert [
        near(conv.weight, (2 / (9 * width)) ** 0.5)
        for conv, width in zip(convs, (3, 64), strict=True)
    ] == [True, True]


def test_only_positions_tell_a_compact_transformer_where_its_tokens_are() -> None:
    torch.manual_seed(0)
    for edits, sees in (((), True), (("no_positions",), False)):
        for title in ("ViT-Lite-6/4", "CVT-6/4"):
            network = compact(title, image_size=8, edits=edits)
            left, right = torch.rand(2, 1, 3, 8, 4)
            images = [torch.cat(halves, dim=3) for halves in ((left, right), (right, left))]
            with torch.no_grad():
                one, other = map(network, images)
            assert torch.allclose(one, other, atol=1e-5) != sees


@pytest.mark.parametrize("name", ["cpv", "vit", "cct"])
def test_no_positions_refuses_the_models_of_the_first_paper(name: str) -> None:
    with pytest.raises(ValueError, match="no_positions edits CompactTransformer, not "):
        describe(name, edits=["no_positions"])


@pytest.mark.parametrize("edit", ["mean_pooling", "rotary", "softmax_attention", "pre_norm"])
@every_row
def test_edits_of_other_models_refuse_a_compact_transformer(name: str, edit: str) -> None:
    with pytest.raises(ValueError, match=f"{edit} edits [A-Za-z]+, not CompactTransformer"):
        describe(name, edits=[edit])
