"""A compiled network learns as the one that it was compiled from, dropout and all."""

import jaxtyping
import pytest
import torch
import torch.nn.functional as F
from settings_table import dataset
from torch import Tensor, nn
from trained import first, training

from cxv.course import network
from cxv.dropout import Dropout
from cxv.spec import Run

STEP = 1e-3
"""Length of a step against the gradient, over which the loss is nearly straight."""


def loss(model: nn.Module, images: Tensor, seed: int) -> Tensor:
    torch.manual_seed(seed)
    return F.cross_entropy(model(images), torch.arange(len(images)) % 2)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch's compiler about itself
def test_a_compiled_network_with_dropout_descends_along_its_gradient_and_scores_the_same(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss falls as far as the gradient says: both passes see the same masks."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # cannot be compiled
    shallow = run.model.model_copy(update={"set": {**run.model.set, "depth": 1}})
    plain = first(run).model_copy(update={"model": shallow})
    data, manifest = dataset()
    model = network(training(plain, compile=True), manifest, None).train()
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
    assert fallen == pytest.approx(STEP * length, rel=0.05)
    eager = network(plain, manifest, model.state_dict()).eval()
    with torch.inference_mode():
        torch.testing.assert_close(model.eval()(images), eager(images), rtol=1e-4, atol=1e-5)
