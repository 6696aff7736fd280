"""Every ablation of the paper's models as it is run: it trains, and costs what is published."""

from functools import cache

import pytest
import torch
import torch.nn.functional as F

from cxv import create_model
from cxv.networks.registry import ABLATIONS
from cxv.profiling.macs import count_macs
from cxv.profiling.throughput import ADAMW
from cxv.training.optimizers import optimizer

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("one_thread", "unchecked")]

GIGA = 1e9
N, D = 32 * 32, 128

# Billions of MACs for one image of 32 x 32 pixels: as the paper counts, and the products alone.
BASE = {"cnv": (1.3948, 1.7721), "cltv": (1.3758, 1.4123), "cpv": (1.3732, 1.6609)}
GIGA_MACS = {  # where they are not those of the base
    "embed_1_conv": {"cnv": (1.3768, 1.7541), "cltv": (1.3578, 1.3943), "cpv": (1.3552, 1.6429)},
    "embed_3_convs": {"cnv": (1.3991, 1.7763), "cltv": (1.3801, 1.4165), "cpv": (1.3775, 1.6652)},
    "embed_3_convs_wide": {
        "cnv": (1.4043, 1.7815), "cltv": (1.3853, 1.4217), "cpv": (1.3826, 1.6704)
    },
    "embed_no_padding": {
        "cnv": (1.0847, 1.4155), "cltv": (1.0535, 1.0814), "cpv": (1.0514, 1.2718)
    },
    "conv_in_alternate_layers": {
        "cnv": (1.0926, 1.4701), "cltv": (1.0735, 1.1103), "cpv": (1.0709, 1.3589)
    },
    "batch_norm": {"cnv": (1.3961, 1.7721), "cltv": (1.3771, 1.4123), "cpv": (1.3745, 1.6609)},
    # controls, published nowhere: as counted here
    "softmax_attention": {
        "cnv": (1.3730, 2.7125), "cltv": (1.3730, 2.7125), "cpv": (1.3730, 2.7125)
    },
    "no_conv": {"cnv": (0.7231, 1.1010), "cltv": (0.7041, 0.7412), "cpv": (0.7014, 0.9898)},
    "conv_in_alternate_layers_wide": {
        "cnv": (1.3920, 1.7692), "cltv": (1.3731, 1.4094), "cpv": (1.3703, 1.6581)
    },
}  # fmt: skip
every_xformer = pytest.mark.parametrize("name", BASE)
OTHERS = {"mean_pooling", "no_positions"}  # of other models
every_ablation = pytest.mark.parametrize("edit", [x for x in ABLATIONS if x not in OTHERS])


@cache
def counts(name: str, *edits: str) -> tuple[int, int]:
    model, image = create_model(name, edits=edits).eval(), torch.zeros(1, 3, 32, 32)
    macs = count_macs(model, image)
    return macs["thop"].macs, macs["products"].macs


@every_ablation
@every_xformer
def test_an_ablation_costs_what_its_specification_says(name: str, edit: str) -> None:
    paper, products = counts(name, edit)
    giga_paper, giga_products = GIGA_MACS.get(edit, BASE)[name]
    assert paper == pytest.approx(giga_paper * GIGA, rel=1e-3)
    assert products == pytest.approx(giga_products * GIGA, rel=1e-3)


@every_ablation
@every_xformer
def test_an_ablation_takes_a_step_of_training(name: str, edit: str) -> None:
    torch.manual_seed(0)
    side = 16  # the weights are those of 32 x 32 pixels
    model = create_model(name, image_size=side, edits=[edit])
    before = [parameter.detach().clone() for parameter in model.parameters()]
    loss = F.cross_entropy(model(torch.rand(2, 3, side, side)), torch.tensor([3, 7]))
    loss.backward()
    optimizer(ADAMW, model.parameters()).step()
    assert loss.isfinite()
    for parameter, old in zip(model.parameters(), before, strict=True):
        assert parameter.grad is not None
        assert parameter.grad.isfinite().all()
        assert parameter.isfinite().all()
        assert not torch.equal(parameter, old)


def test_controls_cost_what_they_take_away_and_add() -> None:
    convs = (64 * 9 + 1) * D + 4 * (D * 9 + 1) * D
    exact = 5 * 2 * N**2 * D  # queries by keys, weights by values
    paper, _ = counts("cltv")
    assert counts("cltv", "no_conv")[0] == paper - N * (convs - (64 + 1) * D)
    assert counts("cltv", "softmax_attention")[0] == paper - N * 5 * 4 * D  # biases of 1x1 convs
    linear = 5 * 2 * N * 32 * D  # keys by values, queries by their product
    products = [counts("cltv", *edits)[1] for edits in ([], ["softmax_attention"])]
    assert products[1] - products[0] == exact - linear
