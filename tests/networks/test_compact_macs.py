"""Multiply-accumulates of the second paper's networks: as released, by hand, and as printed."""

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from types import MappingProxyType

import pytest
import torch
from compact import DEPTHS, NETWORKS, RATIOS, WIDTHS, compact, tokens
from torch import nn

from cxv.profiling.macs import count_macs
from cxv.records.costs import Convention

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("compact macs"),  # they share their counts
    pytest.mark.usefixtures("one_thread", "unchecked"),
]

FVCORE_M = {  # millions that fvcore counts of the released classes, for 10 classes
    "ViT-Lite-7/4": "255.73",
    "ViT-Lite-6/4": "219.32",
    "CVT-7/4": "251.61",
    "CVT-6/4": "215.80",
    "CCT-2/3x2": "35.55",
    "CCT-4/3x2": "50.39",
    "CCT-6/3x2": "254.53",
    "CCT-7/3x2": "290.34",
    "CCT-7/3x1": "1186.53",
    "CCT-6/3x1": "1018.10",
}
PRINTED_G = {  # billions that the paper prints
    "ViT-Lite-7/4": "0.239",
    "ViT-Lite-6/4": "0.205",
    "CVT-7/4": "0.236",
    "CVT-6/4": "0.202",
    "CCT-2/3x2": "0.033",
    "CCT-4/3x2": "0.046",
    "CCT-6/3x2": "0.241",
    "CCT-7/3x2": "0.275",
    "CCT-7/3x1": "0.947",
    "CCT-6/3x1": "0.813",
}
DIFFERS = {"CCT-7/3x2": "0.274", "CCT-6/3x1": "0.812"}
"""What thop's rules give where they do not give the print."""

every_network = pytest.mark.parametrize("title", NETWORKS)


@cache
def counts(title: str) -> Mapping[Convention, int]:
    return counted(compact(title))


def counted(model: nn.Module) -> Mapping[Convention, int]:
    macs = count_macs(model, torch.zeros(1, 3, 32, 32))
    return MappingProxyType({convention: one.macs for convention, one in macs.items()})


def is_cct(title: str) -> bool:
    return title.startswith("CCT")


def convolutions(title: str) -> list[tuple[int, int, int]]:
    """Return channels, new channels and pixels of each convolution of CCT's tokenizer."""
    widths = [3, *([64] if title.endswith("3x2") else []), WIDTHS[title]]
    pairs = pairwise(widths)
    return [(i, o, (32 >> step) ** 2) for step, (i, o) in enumerate(pairs)] * is_cct(title)


def by_thop(title: str) -> int:
    """Count layers alone: no product of two activations, no norm; a convolution with its bias."""
    n, d = tokens(title), WIDTHS[title]
    patches = 0 if is_cct(title) else 64 * (3 * 4 * 4 + 1) * d
    tokenizer = sum(9 * i * o * pixels for i, o, pixels in convolutions(title))
    layer = n * (4 + 2 * RATIOS[title]) * d**2
    scores = 0 if title.startswith("ViT") else n * d
    return patches + tokenizer + DEPTHS[title] * layer + scores + d * 10


def by_fvcore(title: str) -> int:
    """Count what thop does, no bias, every product, and five for each element of a layer norm."""
    n, d, depth = tokens(title), WIDTHS[title], DEPTHS[title]
    bias = 0 if is_cct(title) else 64 * d
    attention = 2 * n**2 * d
    pooled = 0 if title.startswith("ViT") else n * d  # scores by tokens
    norms = (2 * depth + 1) * n * d
    return by_thop(title) - bias + depth * attention + pooled + 5 * norms


def relus(title: str) -> int:
    """Count one for each element that leaves a ReLU, which is what enters its pooling."""
    return sum(o * pixels for _, o, pixels in convolutions(title))


@every_network
def test_fvcore_counts_what_it_counts_of_the_released_classes(title: str) -> None:
    counted = counts(title)["fvcore"]
    assert counted == by_fvcore(title)
    assert f"{counted / 1e6:.2f}" == FVCORE_M[title]


def linear_biases(title: str) -> int:
    """Count the bias of each linear layer once, whatever the tokens: output, perceptron, head."""
    layer = (1 + RATIOS[title] + 1) * WIDTHS[title]
    scores = 0 if title.startswith("ViT") else 1
    return DEPTHS[title] * layer + scores + 10


@every_network
def test_thops_rules_give_the_printed_macs_or_the_difference_is_named(title: str) -> None:
    counted = counts(title)["thop"]
    assert counted == by_thop(title)
    assert f"{counted / 1e9:.3f}" == DIFFERS.get(title, PRINTED_G[title])


@every_network
def test_the_rules_of_ptflops_give_every_printed_number(title: str) -> None:
    """Authors of the paper name it: github.com/SHI-Labs/Compact-Transformers/issues/2.

    To thop's layers it adds the elements that leave a ReLU and that enter its pooling.
    """
    counted = counts(title)["ptflops"]
    assert counted == by_thop(title) + 2 * relus(title) + linear_biases(title)
    assert f"{counted / 1e9:.3f}" == PRINTED_G[title]


def test_norms_and_biases_of_linear_layers_are_not_in_the_print() -> None:
    """One for each element of ViT-Lite's norms would be too much already, as would biases."""
    title = "ViT-Lite-7/4"
    n, d, depth = tokens(title), WIDTHS[title], DEPTHS[title]
    for more in ((2 * depth + 1) * n * d, depth * n * (2 + RATIOS[title]) * d):
        assert f"{(by_thop(title) + more) / 1e9:.3f}" == "0.240" != PRINTED_G[title]


def test_positions_cost_nothing() -> None:
    bare = compact("CCT-6/3x1", edits=("no_positions",))
    assert counted(bare) == counts("CCT-6/3x1")
