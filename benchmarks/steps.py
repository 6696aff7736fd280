"""Training steps of our models against other implementations: ``python -m benchmarks.steps``.

Forward, cross-entropy, backward and AdamW on 16 images of 32x32 pixels, or 4 where attention takes
a GB an image, in float32, on one thread. Names of models after the command leave the others out.
"""

import sys
from collections.abc import Callable
from functools import partial
from statistics import geometric_mean
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

import cxv
from benchmarks import naive, references
from benchmarks.pairs import Pair, Step, compare, parameters

SIZE, CLASSES = 32, 10
SECONDS = 60  # a pair, at least


def pair(name: str, reference: str, theirs: Callable[[], nn.Module], **how: Any) -> Pair:
    """Return our model ``name`` paired with a reference."""
    ours = partial(cxv.create_model, name, classes=CLASSES, image_size=SIZE)
    return Pair(name=name, reference=reference, ours=ours, theirs=theirs, **how)


VIT: dict[str, Any] = {
    "batch": 4,
    "differs": "theirs: the last norm is of every token, not of the class token alone",
}
PAIRS = (
    pair("resnet18", "timm", partial(references.timm_resnet, 2, 2, 2, 2)),
    pair("resnet34", "timm", partial(references.timm_resnet, 3, 4, 6, 3)),
    pair("convmixer", "timm", references.timm_convmixer),
    pair("mlp_mixer", "timm", references.timm_mlp_mixer),
    pair("vit", "timm", references.timm_vit, **VIT),
    pair("vit", "vit-pytorch", references.vit_pytorch_vit, **VIT),
    pair("cvt", "vit-pytorch", references.vit_pytorch_cvt, batch=4),
    *(pair(name, "naive", partial(naive.create_model, name)) for name in naive.ATTENTION),
)


def training_step(model: nn.Module, batch: int) -> Step:
    """Return a step of training on noise."""
    images = torch.randn(batch, 3, SIZE, SIZE)
    labels = torch.arange(batch) % CLASSES
    optimizer = torch.optim.AdamW(model.train().parameters())

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(model(images), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


@torch.no_grad()
def check_naive(name: str, *, image_size: int = SIZE) -> None:
    """Make sure that the naive network is the one it is compared with.

    Raises:
        AssertionError: it has other parameters, or other logits under the same weights.
    """
    ours, theirs = cxv.create_model(name).eval(), naive.create_model(name).eval()
    naive.copy_weights(ours, theirs)
    images = torch.randn(2, 3, image_size, image_size)
    torch.testing.assert_close(parameters(theirs), parameters(ours), rtol=0, atol=0)
    torch.testing.assert_close(theirs(images), ours(images), rtol=0, atol=1e-4)


def main() -> None:
    """Print a row for each pair, and how much faster than naively the CXVs are."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for name in naive.ATTENTION:
        check_naive(name)
    names = sys.argv[1:] or cxv.list_models()
    wanted = [pair for pair in PAIRS if pair.name in names]
    rows = list(compare(wanted, training_step, seconds=SECONDS))
    faster = [1 / row.cpu.median for row in rows if row.pair.reference == "naive"]
    if faster:
        print(f"faster than naively, geometric mean: {geometric_mean(faster):.2f}x")


if __name__ == "__main__":
    main()
