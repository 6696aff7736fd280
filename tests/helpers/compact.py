"""The ten networks of the second paper: the row and the settings of each."""

from typing import Any

from torch import nn

from cxv.networks.registry import describe

SIX: dict[str, Any] = {"depth": 6}
NARROW: dict[str, Any] = {"dim": 128, "expansion": 1, "mixer": {"heads": 2}}  # of 2 and 4 layers
TWO_CONVS: dict[str, Any] = {"stem": {"depth": 2}}

NETWORKS: dict[str, tuple[str, dict[str, Any]]] = {
    "ViT-Lite-7/4": ("vit_lite", {}),
    "ViT-Lite-6/4": ("vit_lite", SIX),
    "CVT-7/4": ("compact_vit", {}),
    "CVT-6/4": ("compact_vit", SIX),
    "CCT-2/3x2": ("compact_cct", {"depth": 2} | NARROW | TWO_CONVS),
    "CCT-4/3x2": ("compact_cct", {"depth": 4} | NARROW | TWO_CONVS),
    "CCT-6/3x2": ("compact_cct", SIX | TWO_CONVS),
    "CCT-7/3x2": ("compact_cct", TWO_CONVS),
    "CCT-7/3x1": ("compact_cct", {}),
    "CCT-6/3x1": ("compact_cct", SIX),
}

DEPTHS = {title: int(title.rpartition("-")[2].partition("/")[0]) for title in NETWORKS}
WIDTHS = {title: {2: 128, 4: 128, 6: 256, 7: 256}[depth] for title, depth in DEPTHS.items()}
HEADS = {title: {2: 2, 4: 2, 6: 4, 7: 4}[depth] for title, depth in DEPTHS.items()}
RATIOS = {title: {2: 1, 4: 1, 6: 2, 7: 2}[depth] for title, depth in DEPTHS.items()}
"""Layers, width, heads and MLP ratio, as the paper has them."""


def tokens(title: str) -> int:
    """Return how many tokens the layers have of an image of 32 x 32 pixels."""
    return {"ViT": 65, "CVT": 64}.get(title[:3]) or {"1": 256, "2": 64}[title[-1]]


def compact(
    title: str, classes: int = 10, image_size: int = 32, edits: tuple[str, ...] = ()
) -> nn.Module:
    """Return one of them, in evaluation mode."""
    row, settings = NETWORKS[title]
    return describe(row, settings=settings, edits=edits).build(classes, image_size).eval()
