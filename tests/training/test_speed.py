"""What would make a fast device wait."""

import warnings
from collections.abc import Callable
from typing import Any

import jaxtyping
import pytest
import torch
from shared_fixtures import Fetched
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from trained import first, small, training

from cxv.config.spec import Run
from cxv.data.manifest import Manifest
from cxv.data.tensors import load
from cxv.training.setup import network, prepare_training
from cxv.training.trainer import Learner

READS = {
    *(Tensor.item, Tensor.tolist, Tensor.numpy, Tensor.cpu, Tensor.__array__),
    *(Tensor.__bool__, Tensor.__int__, Tensor.__float__, Tensor.__index__, Tensor.__contains__),
}
"""Methods that bring numbers to the CPU; on one, torch's dispatcher sees nothing of some."""
DEPENDS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
"""Torch's own marks of operations that the CPU waits for."""


class Waits(TorchDispatchMode):
    """Counts what would wait for a device, whatever the device."""

    def __init__(self) -> None:
        super().__init__()
        self.count, self._reads = 0, Reads(self)

    def __enter__(self) -> "Waits":
        super().__enter__()
        self._reads.__enter__()
        return self

    def __exit__(self, *rest: Any) -> None:
        self._reads.__exit__(*rest)
        super().__exit__(*rest)

    def __torch_dispatch__(
        self, function: Any, _: Any, arguments: Any = (), named: Any = None
    ) -> Any:
        if function.overloadpacket in {torch.ops.aten.index, torch.ops.aten.index_put_}:
            self.count += any(x is not None and x.dtype is torch.bool for x in arguments[1])
        else:
            self.count += not DEPENDS.isdisjoint(function.tags)
        return function(*arguments, **(named or {}))


class Reads(TorchFunctionMode):
    """Counts methods that bring numbers to the CPU."""

    def __init__(self, waits: Waits) -> None:
        super().__init__()
        self._waits = waits

    def __torch_function__(
        self, function: Any, _: Any, arguments: Any = (), named: Any = None
    ) -> Any:
        named = named or {}
        # A device that is computed may be any; a word is the CPU.
        brings = function is Tensor.to and "cpu" in [*arguments[1:2], named.get("device")]
        self._waits.count += function in READS or brings
        return function(*arguments, **named)


@pytest.mark.parametrize(
    "wait",
    [
        Tensor.tolist,
        Tensor.cpu,
        Tensor.numpy,
        Tensor.nonzero,
        Tensor.unique,
        lambda x: x.to("cpu"),
        lambda x: x.to(device="cpu"),
        lambda x: x.sum().item(),
        lambda x: float(x.sum()),
        lambda x: int(x.sum()),
        lambda x: bool(x.any()),
        lambda x: range(9)[x.max()],
        lambda x: 3 in x,
        lambda x: x[x > 1],
        lambda x: x.masked_select(x > 1),
        lambda x: x.index_put_((x > 1,), torch.tensor([7, 8])),
        lambda x: torch.equal(x, x + 1),
        lambda x: x.repeat_interleave(x),
    ],
)
def test_what_makes_a_device_wait_is_counted(wait: Callable[[Tensor], Any]) -> None:
    with Waits() as waits:
        wait(torch.arange(4))
    assert waits.count


@pytest.mark.parametrize(
    "work",
    [
        lambda x: x[1:],
        lambda x: x[None, :, None].sum(),
        lambda x: x[torch.tensor([2, 0])],
        lambda x: x.masked_fill(x > 1, 0),
        lambda x: torch.where(x > 1, x, 0).to(torch.float16),
        lambda x: x.split(3),
        len,
    ],
)
def test_what_keeps_a_device_busy_is_not(work: Callable[[Tensor], Any]) -> None:
    with Waits() as waits:
        work(torch.arange(4))
    assert waits.count == 0


def augmented(run: Run, link: int, **changes: Any) -> Run:
    """Return one phase of the run under a loss scale, with all augmentations and micro-batches."""
    steps: list[dict[str, Any]] = [  # magnitudes of 0 and 30, whatever was drawn before
        {"name": "randaugment", "operations": 1, "magnitude": 5, "deviation": 1e9},
        *({"name": "flip"}, {"name": "crop", "padding": 1}, {"name": "cutout", "side": 2}),
        *({"name": "resized_crop"}, {"name": "erasing"}),
    ]
    changes |= {"mix": {"mixup": 0.8, "cutmix": 1.0}, "label_smoothing": 0.1}
    alone = run.model_copy(update={"phases": run.phases[link : link + 1]})
    half: dict[str, Any] = {"autocast_cpu": "float16", "autocast_cuda": "float16"}
    return training(first(alone, augment=steps, **changes), **half, micro_batch=25)


def learner_on(device: torch.device, spec: Run, digits: Fetched) -> Learner:
    facts = Manifest.load(digits.manifest)
    setup, _ = prepare_training(spec, load(digits.images), facts, device)
    return Learner(network(spec, facts, None).to(device), setup)


def waits_of_an_epoch(run: Run, digits: Fetched, link: int, batch: int) -> int:
    """Return how often the steps of an epoch wait for what they computed."""
    learner = learner_on(torch.device("cpu"), augmented(run, link, batch=batch), digits)
    with Waits() as waits:
        learner._train_epoch(lambda: None)
    return waits.count


every_phase = pytest.mark.parametrize("link", [0, 1], ids=["AdamW", "SGD"])


@every_phase
def test_no_step_waits_for_the_device(
    run: Run, digits: Fetched, link: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loss scale, optimizer, sum of losses and augmentations stay where the images are.

    In two steps of 4 micro-batches, and in five of 2.
    """
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # its checks take seconds
    few, many = (waits_of_an_epoch(small(run), digits, link, batch) for batch in (100, 40))
    assert few == many


@pytest.mark.gpu
@every_phase
def test_no_step_waits_for_a_real_gpu(run: Run, digits: Fetched, link: int) -> None:
    """Between an epoch's first step, before which images and draws get there, and its last."""
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    learner = learner_on(torch.device("cuda"), augmented(run, link, batch=10), digits)
    learner.epoch()
    modes = iter([*["error"] * 19, "default"])  # after each of 20 steps: 200 images
    try:
        with warnings.catch_warnings(action="ignore"):  # that torch calls the mode a prototype
            learner._train_epoch(lambda: torch.cuda.set_sync_debug_mode(next(modes)))
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert next(modes, None) is None
