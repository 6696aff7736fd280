"""Augment a few images by the code that trainings use."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from einops import rearrange
from jaxtyping import Int64, UInt8
from PIL import Image
from torch import Tensor

from cxv.augment.plan import plan
from cxv.config.spec import Examples
from cxv.data.manifest import Manifest
from cxv.data.tensors import Split, load

SEED = 0


def record_fields(spec: Examples, images: Path, manifest: Path) -> dict[str, Any]:
    """Return what a record of examples says, from the files of their dataset."""
    facts = Manifest.load(manifest)
    chosen, augmented = make_examples(spec, load(images, facts.sha256).train)
    return {
        "data_sha256": facts.sha256,
        "classes": tuple(facts.classes[label] for label in chosen.labels.tolist()),
        "originals": strip(chosen.images),
        "augmented": tuple(map(strip, augmented)),
    }


def make_examples(
    spec: Examples, train: Split
) -> tuple[Split, tuple[UInt8[Tensor, "n 3 h w"], ...]]:
    """Return a few images, and the same by each list of augmentations, each drawn from ``SEED``.

    Args:
        spec: which, and how many.
        train: of its dataset, on the CPU; its images are square.
    """
    chosen = train.take(choose(train.labels, spec.images))
    side = chosen.images.shape[-1]
    augmented = (
        plan(steps, len(chosen), side, torch.Generator().manual_seed(SEED))(chosen.images, 0)
        for steps in spec.augment
    )
    return chosen, tuple(augmented)


def choose(labels: Int64[Tensor, " n"], count: int) -> Int64[Tensor, " k"]:
    """Return where the first image of each class is, then the second, ...: at most ``count``."""
    turns = torch.zeros_like(labels)
    for label in set(labels.tolist()):
        members = labels == label
        turns[members] = torch.arange(int(members.sum()))
    order = torch.argsort(turns * (labels.max() + 1) + labels, stable=True)
    return order[:count]


def strip(images: UInt8[Tensor, "n 3 h w"]) -> bytes:
    """Return a PNG of the images side by side, in base64."""
    pixels = rearrange(images, "n c h w -> h (n w) c").contiguous().numpy()
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, format="png")
    return b64encode(buffer.getvalue())
