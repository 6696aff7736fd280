"""The readings of the paper that were not taken: each builds, and is the other reading."""

from typing import Any

import pytest
import torch
from torch import nn

from cxv.dropout import StochasticDepth
from cxv.grid import Params
from cxv.zoo import Description, describe

READINGS = {  # parameters of the reading taken, and of the other
    ("cpv", "softmax_kernel"): (1_345_994, 1_345_994),
    ("vip", "softmax_kernel"): (1_416_522, 1_416_522),
    ("cltv", "elu_kernel"): (1_345_994, 1_345_994),
    ("vilt", "elu_kernel"): (1_284_938, 1_284_938),
    ("cnv", "wide_embedding"): (1_344_734, 1_474_718),
    ("cltv", "wide_embedding"): (1_345_994, 1_475_978),
    ("cpv", "wide_embedding"): (1_345_994, 1_475_978),
    ("cct", "released_dropouts"): (1_432_395, 1_432_395),
    ("cct", "narrow_perceptron"): (1_432_395, 1_037_643),
    ("fnet", "narrow_perceptron"): (1_455_626, 797_706),
    ("mlp_mixer", "wide_tokens"): (21_321_098, 22_310_666),
    ("wavemix", "shared_perceptron"): (1_433_482, 1_294_282),
    ("cvt", "pointwise_projection"): (1_303_050, 1_292_810),
}
D = 128
every_reading = pytest.mark.parametrize(("model", "variant"), READINGS)


def described(params: Params, model: str, variant: str) -> Description:
    settings, other = params.models[model], params.variants[variant]
    return describe(
        settings.zoo, settings=settings.set, edits=other.edits, variant_settings=other.set
    )


def built(params: Params, model: str, variant: str) -> nn.Module:
    return described(params, model, variant).build(10, 32)


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_study_trains_every_reading_beside_the_one_taken(params: Params) -> None:
    runs = params.ends("readings").values()
    pairs = {(run.model.name, run.variant.name) for run in runs}
    bases = {(model, "base") for model, _ in READINGS}
    assert pairs == READINGS.keys() | bases
    assert not params.studies["readings"].in_all


@every_reading
def test_a_reading_has_its_parameters(params: Params, model: str, variant: str) -> None:
    with torch.device("meta"):
        networks = (built(params, model, name) for name in ("base", variant))
        assert tuple(map(count, networks)) == READINGS[model, variant]


@pytest.mark.parametrize(("model", "variant"), [pair for pair in READINGS if "_kernel" in pair[1]])
def test_another_kernel_is_another_function_of_the_same_weights(
    params: Params, model: str, variant: str
) -> None:
    base, other = (built(params, model, name).eval() for name in ("base", variant))
    other.load_state_dict(base.state_dict())
    images = torch.rand(2, 3, 8, 8)
    assert other(images).isfinite().all()
    assert not torch.allclose(base(images), other(images), atol=1e-4)


def test_the_released_cct_drops_attention_weights_and_layers_alone(params: Params) -> None:
    other: Any = described(params, "cct", "released_dropouts")
    assert (other.dropout, other.mixer.dropout, other.mixer.attention_dropout) == (0, 0, 0.1)
    network = other.build(10, 32)
    assert {x.p for x in network.modules() if isinstance(x, nn.Dropout)} == {0}
    assert max(x.probability for x in network.modules() if isinstance(x, StochasticDepth)) == 0.1
    base: Any = described(params, "cct", "base")
    assert (base.dropout, base.mixer.dropout, base.mixer.attention_dropout) == (0.5, 0.5, 0.5)


def test_the_wide_embedding_ends_at_the_dimension(params: Params) -> None:
    network: Any = built(params, "cpv", "wide_embedding")
    widths = [x.out_channels for x in network.stem.modules() if isinstance(x, nn.Conv2d)]
    assert widths == [D // 2, D]
    added = (3 * 9 + 1) * 32 + (64 * 128 - 32 * 64) * 9 + 64 + 64 * 128 * 9  # stem, first layer
    taken, other = READINGS["cpv", "wide_embedding"]
    assert other - taken == added
