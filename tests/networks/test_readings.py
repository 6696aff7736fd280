"""The readings of the paper that were not taken: each builds, and is the other reading."""

from typing import Any

import pytest
import torch
from test_models_counts import PARAMS
from torch import nn

from cxv.config.grid import Params
from cxv.networks.dropout import StochasticDepth
from cxv.networks.registry import Description, describe

D = 128
WIDE_STEM = (64 * 128 - 32 * 64) * 9 + 64 + (3 * 9 + 1) * 32  # 3 -> 64 -> 128, not 3 -> 32 -> 64
WIDE_EMBEDDING = WIDE_STEM + (128 - 64) * 9 * 128  # the first layer's convolution takes all of it
HALF_PERCEPTRON = (2 * D + 1) * 2 * D  # 4 times the dimension without it are twice
NORM = 2 * D
MIXER_CHANNELS = (  # of 256 in the place of 128
    (3 + 1 + 2 + 10) * D  # patches, norm, head
    + 5 * (2 * NORM + (4 * D * 2 * (2 * D) + 6 * D) - (2 * D * 2 * D + 3 * D))
)
READINGS = {  # parameters that the other reading has more than the one taken
    ("cpv", "softmax_kernel"): 0,
    ("vip", "softmax_kernel"): 0,
    ("cltv", "elu_kernel"): 0,
    ("vilt", "elu_kernel"): 0,
    ("cnv", "wide_embedding"): WIDE_EMBEDDING,
    ("cltv", "wide_embedding"): WIDE_EMBEDDING,
    ("cpv", "wide_embedding"): WIDE_EMBEDDING,
    ("cct", "released_dropouts"): 0,
    ("cct", "narrow_perceptron"): -6 * HALF_PERCEPTRON,
    ("fnet", "narrow_perceptron"): -10 * HALF_PERCEPTRON,
    ("mlp_mixer", "wide_tokens"): MIXER_CHANNELS,
    ("wavemix", "shared_perceptron"): -5 * 3 * ((256 + 1) * 32 + (32 + 1) * 32),  # of four levels
    ("cvt", "pointwise_projection"): -5 * 2 * (3 * 3 - 1) * D,  # q; k and v
}
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


def test_the_study_trains_every_reading_next_to_the_one_taken(params: Params) -> None:
    runs = params.final_runs("readings").values()
    pairs = {(run.model.name, run.variant.name) for run in runs}
    bases = {(model, "base") for model, _ in READINGS}
    assert pairs == READINGS.keys() | bases
    assert not params.studies["readings"].in_all


@every_reading
def test_a_reading_has_its_parameters(params: Params, model: str, variant: str) -> None:
    with torch.device("meta"):
        taken, other = (count(built(params, model, name)) for name in ("base", variant))
    assert taken == PARAMS[model][0][0]
    assert other - taken == READINGS[model, variant]


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
