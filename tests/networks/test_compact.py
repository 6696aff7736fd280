"""The ten networks of the second paper against its authors' release, counted by hand and by torch.

ViT-Lite, CVT (compact, not CvT) and CCT: arXiv:2104.05704.
"""

from itertools import pairwise
from typing import Any

import pytest
import torch
from compact import DEPTHS, NETWORKS, RATIOS, WIDTHS, compact, tokens
from registry_rows import COMPACT
from torch import Tensor, nn

from cxv import create_model
from cxv.networks.layers import FirstToken
from cxv.networks.models.cct import SequencePool
from cxv.networks.registry import ZOO

pytestmark = pytest.mark.usefixtures("one_thread")

PARAMS = {  # of the released classes, for 10 and 100 classes
    "ViT-Lite-7/4": (3_716_874, 3_740_004),
    "ViT-Lite-6/4": (3_190_538, 3_213_668),
    "CVT-7/4": (3_716_619, 3_739_749),
    "CVT-6/4": (3_190_283, 3_213_413),
    "CCT-2/3x2": (283_723, 295_333),
    "CCT-4/3x2": (482_123, 493_733),
    "CCT-6/3x2": (3_326_923, 3_350_053),
    "CCT-7/3x2": (3_853_259, 3_876_389),
    "CCT-7/3x1": (3_760_139, 3_783_269),
    "CCT-6/3x1": (3_233_803, 3_256_933),
}
PRINTED_M = {  # the paper's own column, millions
    "ViT-Lite-7/4": "3.717",
    "ViT-Lite-6/4": "3.191",
    "CVT-7/4": "3.717",
    "CVT-6/4": "3.190",
    "CCT-2/3x2": "0.284",
    "CCT-4/3x2": "0.482",
    "CCT-6/3x2": "3.327",
    "CCT-7/3x2": "3.853",
    "CCT-7/3x1": "3.760",
    "CCT-6/3x1": "3.168",
}
every_network = pytest.mark.parametrize("title", NETWORKS)


def by_hand(title: str, classes: int) -> int:
    d = WIDTHS[title]
    convs = [3, *([64] if title.endswith("3x2") else []), d]
    stem = sum(9 * i * o for i, o in pairwise(convs))  # without bias
    if "3x" not in title:
        stem = 3 * 4 * 4 * d + d  # with
    norm, hidden = 2 * d, RATIOS[title] * d
    attention = 3 * d * d + (d * d + d)  # q, k, v without bias; output with
    layer = 2 * norm + attention + (d + 1) * hidden + (hidden + 1) * d
    reads = d if title.startswith("ViT") else d + 1  # class token; map to one score
    return stem + tokens(title) * d + DEPTHS[title] * layer + norm + reads + (d + 1) * classes


def params(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def shape_into(network: nn.Module, part: str, image_size: int = 32) -> tuple[int, ...]:
    """Return the shape of what enters a part of the network for one image."""
    found: list[tuple[int, ...]] = []

    def note(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        found.append(tuple(given[0].shape))

    handle = network.get_submodule(part).register_forward_pre_hook(note)
    with torch.inference_mode():
        network(torch.zeros(1, 3, image_size, image_size))
    handle.remove()
    return found[0]


@every_network
def test_a_network_has_the_parameters_of_the_released_class(title: str) -> None:
    with torch.device("meta"):
        counted = tuple(params(compact(title, classes)) for classes in (10, 100))
    assert counted == PARAMS[title] == (by_hand(title, 10), by_hand(title, 100))


@every_network
def test_a_network_has_the_printed_parameters(title: str) -> None:
    """Of CCT-6/3x1 the paper prints those without the table of positions."""
    edits = ("no_positions",) if title == "CCT-6/3x1" else ()
    with torch.device("meta"):
        assert f"{params(compact(title, edits=edits)) / 1e6:.3f}" == PRINTED_M[title]


def test_the_rows_have_the_titles_of_their_largest_networks() -> None:
    rows = {row: title for title, (row, settings) in NETWORKS.items() if not settings}
    assert rows == {name: ZOO[name].title for name in COMPACT}


@every_network
def test_no_positions_takes_the_whole_table_and_keeps_the_class_token(title: str) -> None:
    with torch.device("meta"):
        learned, bare = compact(title), compact(title, edits=("no_positions",))
    width = WIDTHS[title]
    assert params(learned) - params(bare) == tokens(title) * width
    without = shape_into(compact(title, edits=("no_positions",)), "layers")
    assert without == (1, tokens(title), width)


def test_cct_without_positions_has_65536_parameters_fewer() -> None:
    with torch.device("meta"):
        bare = compact("CCT-6/3x1", edits=("no_positions",))
    assert params(bare) == 3_233_803 - 65_536 == 3_168_267


@every_network
def test_layers_get_as_many_tokens_as_the_paper_has(title: str) -> None:
    assert shape_into(compact(title), "layers") == (1, tokens(title), WIDTHS[title])


@pytest.mark.parametrize(
    ("title", "image_size", "count"),
    [
        *(("ViT-Lite-7/4", 8, 5), ("ViT-Lite-7/4", 64, 65)),
        *(("CVT-7/4", 8, 4), ("CVT-7/4", 64, 64)),
        *(("CCT-2/3x2", 8, 4), ("CCT-2/3x2", 13, 16), ("CCT-2/3x2", 64, 64)),
        *(("CCT-7/3x1", 8, 16), ("CCT-7/3x1", 13, 49)),
    ],
)
def test_other_images_have_tokens_and_positions_of_their_own(
    title: str, image_size: int, count: int
) -> None:
    network: Any = compact(title, image_size=image_size)
    assert shape_into(network, "layers", image_size)[1] == count
    side = network.positions.table.shape[-1]
    assert side**2 == count - title.startswith("ViT")


def test_patches_that_do_not_cover_the_image_are_refused() -> None:
    with pytest.raises(ValueError, match="image_size=10: patches of 4 pixels do not cover it"):
        create_model("compact_vit", image_size=10)


@pytest.mark.parametrize("title", ["ViT-Lite-6/4", "CVT-6/4"])
def test_patches_meet_one_convolution_and_nothing_else(title: str) -> None:
    stem: Any = compact(title).get_submodule("stem")
    assert type(stem) is nn.Conv2d
    assert (stem.kernel_size, stem.stride, stem.padding) == ((4, 4), (4, 4), (0, 0))
    assert stem.bias is not None


@pytest.mark.parametrize(("title", "widths"), [("CCT-7/3x1", [256]), ("CCT-7/3x2", [64, 256])])
def test_each_convolution_of_cct_is_followed_by_relu_and_a_halving_pool(
    title: str, widths: list[int]
) -> None:
    steps: Any = compact(title).get_submodule("stem")
    assert [step[0].out_channels for step in steps] == widths
    for conv, relu, pool in steps:
        assert (conv.kernel_size, conv.stride, conv.padding) == ((3, 3), (1, 1), (1, 1))
        assert conv.bias is None
        assert (type(relu), type(pool)) == (nn.ReLU, nn.MaxPool2d)
        assert (pool.kernel_size, pool.stride, pool.padding) == (3, 2, 1)


@every_network
def test_vit_lite_alone_has_a_class_token_and_reads_it(title: str) -> None:
    network: Any = compact(title)
    is_vit = title.startswith("ViT")
    assert isinstance(network.class_token, nn.Identity) != is_vit
    assert type(network.pool) is (FirstToken if is_vit else SequencePool)
    made = torch.randn(2, 9, WIDTHS[title])
    behind_first = network.class_token(made)[:, is_vit:]
    assert torch.equal(behind_first, made)
