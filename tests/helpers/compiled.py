"""Compile a small CPV with dropout, step against its gradient, compare it with itself uncompiled.

A program of its own: checks of shapes, which tests run under, keep torch from compiling a whole.
"""

import sys

import torch
import torch.nn.functional as F
from settings_table import dataset
from torch import Tensor, nn

from cxv.config.spec import Run
from cxv.networks.dropout import Dropout
from cxv.training.setup import network

STEP = 1e-3
"""Length of a step against the gradient, over which the loss is nearly straight."""


def loss(model: nn.Module, images: Tensor, seed: int) -> Tensor:
    torch.manual_seed(seed)
    return F.cross_entropy(model(images), torch.arange(len(images)) % 2)


def main(spec: str) -> None:
    """Fail if the loss falls otherwise than the gradient says: both passes see the same masks."""
    compiled = Run.model_validate_json(spec)
    assert compiled.training.compile
    data, manifest = dataset()
    model = network(compiled, manifest, None).train()
    assert {x.p for x in model.modules() if isinstance(x, Dropout)} == {0.5, 0.1}
    images = data.train.images / 255
    before = loss(model, images, seed=1)
    before.backward()
    gradients = [x.grad for x in model.parameters() if x.grad is not None]
    length = torch.stack([x.norm() for x in gradients]).norm().item()
    assert loss(model, images, seed=1) == before
    assert loss(model, images, seed=2) != before
    with torch.no_grad():
        for weight, gradient in zip(model.parameters(), gradients, strict=True):
            weight.sub_(STEP / length * gradient)
    fallen = (before - loss(model, images, seed=1)).item()
    torch.testing.assert_close(fallen, STEP * length, rtol=0.05, atol=0)
    uncompiled = compiled.model_copy(
        update={"training": compiled.training.model_copy(update={"compile": False})}
    )
    eager = network(uncompiled, manifest, model.state_dict()).eval()
    with torch.inference_mode():
        torch.testing.assert_close(model.eval()(images), eager(images), rtol=1e-4, atol=1e-5)


if __name__ == "__main__":
    main(sys.argv[1])
