"""What would make a fast device wait, and what compiling may change."""

from typing import Any

import jaxtyping
import pytest
import torch
from conftest import Fetched
from torch.utils._python_dispatch import TorchDispatchMode
from trained import Train, first, training

from cxv.course import network, set_out
from cxv.data.manifest import Manifest
from cxv.data.tensors import load
from cxv.spec import Run
from cxv.train import Learner

ASKS = {"_local_scalar_dense", "nonzero", "masked_select", "equal", "is_nonzero"}
"""Operations whose result the CPU waits for."""


class Waits(TorchDispatchMode):
    """Counts them."""

    count = 0

    def __torch_dispatch__(
        self, function: Any, _: Any, arguments: Any = (), named: Any = None
    ) -> Any:
        self.count += function.overloadpacket.__name__ in ASKS
        return function(*arguments, **(named or {}))


def waits_of_an_epoch(run: Run, digits: Fetched, batch: int) -> int:
    """Return how often the steps of an epoch wait for what they computed."""
    phase = run.phase.model_copy(update={"batch": batch})
    spec = run.model_copy(update={"phases": (phase,)})
    facts = Manifest.load(digits.manifest)
    course, _ = set_out(spec, load(digits.images), facts, torch.device("cpu"))
    learner = Learner(network(spec, facts, None), course)
    with Waits() as waits:
        learner._pass(lambda: None)
    return waits.count


@pytest.mark.parametrize("link", [0, 1], ids=["AdamW", "SGD"])
def test_no_step_waits_for_the_device(run: Run, digits: Fetched, link: int) -> None:
    """Loss scale, optimizer, sum of losses and RandAugment stay where the images are."""
    steps = [{"name": "randaugment", "operations": 1, "magnitude": 5}]
    alone = run.model_copy(update={"phases": run.phases[link : link + 1]})
    spec = training(first(alone, augment=steps), autocast_cpu="float16")
    few, many = (waits_of_an_epoch(spec, digits, batch) for batch in (100, 10))
    assert few == many


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of torch's compiler about itself
def test_a_compiled_model_learns_the_same_within_rounding(
    run: Run, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # cannot be compiled
    small = run.model.model_copy(update={"set": {**run.model.set, "dropout": 0.0, "depth": 1}})
    spec = first(run, max_epochs=1, batch=100).model_copy(update={"model": small})
    plain, compiled = train(spec, "plain"), train(training(spec, compile=True), "compiled")
    assert compiled.outcome.loss == pytest.approx(plain.outcome.loss, rel=1e-3)
