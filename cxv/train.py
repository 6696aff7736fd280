"""Train one link of a chain of phases. No file, no tracker, no setting is read here."""

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float, Float32, Int64, UInt8
from torch import Tensor, nn

from cxv.data.tensors import Split, batches
from cxv.dualopt import has_plateaued, optimizer
from cxv.records import Epoch
from cxv.spec import Phase

Prepare = Callable[[UInt8[Tensor, "b c h w"]], Float[Tensor, "b c h w"]]
Weights = dict[str, Tensor]

EVALUATION_BATCH = 512
"""Images a step without gradients; no result depends on it but for rounding."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How a model does on a split of n images."""

    predicted: Int64[Tensor, " n"]
    probability: Float32[Tensor, " n"]  # of the true class
    top1: float  # a fraction of 1
    loss: float  # nats per image


@dataclass(frozen=True, slots=True)
class Link:
    """A link as trained: the weights of its best epoch, or those it began with."""

    weights: Weights
    history: tuple[Epoch, ...]
    best: Epoch | None
    diverged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What does not change from epoch to epoch."""

    phase: Phase
    train: Split  # on the device of the model
    select: Split  # its top-1 ends the phase and picks the epoch
    prepare: Prepare  # uint8 -> float, for training: with augmentation
    prepare_clean: Prepare  # the same, for evaluation
    dtype: torch.dtype  # of autocast; float32 switches it off
    dropout_seed: int
    order: torch.Generator  # of the images, on the CPU


class Diverged(FloatingPointError):  # noqa: N818 - an outcome, not a fault
    """The mean training loss of an epoch is not finite."""


def train_link(
    model: nn.Module, course: Course, listeners: Sequence[Callable[[Epoch], None]] = ()
) -> Link:
    """Train ``model`` in place; return the weights of the epoch with the best top-1.

    A loss that is not finite ends the link as diverged, with the best weights until then. Ties go
    to the earlier epoch. D4 in data/paper/README.md.
    """
    torch.manual_seed(course.dropout_seed)
    history: list[Epoch] = []
    best, weights = None, _copied(model)
    try:
        for epoch in fit(model, course):
            history.append(epoch)
            if best is None or epoch.top1 > best.top1:
                best, weights = epoch, _copied(model)
            for listener in listeners:
                listener(epoch)
    except Diverged:
        return Link(weights, tuple(history), best, diverged=True)
    return Link(weights, tuple(history), best, diverged=False)


def fit(model: nn.Module, course: Course) -> Iterator[Epoch]:
    """Train in place until top-1 stops improving, yielding after every epoch.

    Raises:
        Diverged: the mean loss of an epoch is not finite.

    Source: paper sec. 3.6 and 4.1; D3 in data/paper/README.md.
    """
    phase, device = course.phase, course.train.images.device
    steps = optimizer(phase.optimizer, model.parameters())
    scaler = torch.amp.GradScaler(device.type, enabled=course.dtype is torch.float16)
    top1: list[float] = []
    while len(top1) < phase.max_epochs and not has_plateaued(top1, phase.patience):
        started = time.perf_counter()
        loss = _epoch(model, course, steps, scaler)
        seconds = time.perf_counter() - started
        if not math.isfinite(loss):
            raise Diverged(f"{phase.name}: epoch {len(top1) + 1}: loss {loss}")
        top1.append(evaluate(model, course.select, course.prepare_clean, course.dtype).top1)
        yield Epoch(
            epoch=len(top1),
            time=time.time(),
            loss=loss,
            top1=top1[-1],
            lr=float(steps.param_groups[0]["lr"]),
            images_per_second=len(course.train.labels) / seconds,
        )


def _epoch(
    model: nn.Module, course: Course, steps: torch.optim.Optimizer, scaler: torch.amp.GradScaler
) -> float:
    """Make one pass; return the mean loss in nats per image."""
    model.train()
    device = course.train.images.device
    total = torch.zeros((), device=device)  # stays there: reading it every step would stall a GPU
    for images, labels in batches(course.train, course.phase.batch, course.order):
        steps.zero_grad(set_to_none=True)
        with autocast(device, course.dtype):
            loss = F.cross_entropy(model(course.prepare(images)), labels)
        scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        scaler.step(steps)
        scaler.update()
        total += loss.detach() * len(labels)
    return total.item() / len(course.train.labels)


@torch.inference_mode()
def evaluate(model: nn.Module, split: Split, prepare: Prepare, dtype: torch.dtype) -> Scores:
    """Score ``model`` on every image of a split, in its order."""
    model.eval()
    device = split.images.device
    logits = []
    for images, _ in batches(split, EVALUATION_BATCH):
        with autocast(device, dtype):
            logits.append(model(prepare(images)).float())
    log_probability = torch.cat(logits).log_softmax(dim=1)
    truth = log_probability.gather(1, split.labels[:, None]).squeeze(1)
    predicted = log_probability.argmax(dim=1)
    return Scores(
        predicted=predicted.cpu(),
        probability=truth.exp().cpu(),
        top1=(predicted == split.labels).double().mean().item(),
        loss=-truth.double().mean().item(),
    )


def autocast(device: torch.device, dtype: torch.dtype) -> torch.autocast:
    """Return automatic mixed precision on any device; float32 switches it off."""
    mixed = dtype is not torch.float32
    return torch.autocast(device.type, dtype=dtype if mixed else torch.bfloat16, enabled=mixed)


def make_deterministic(cpu_threads: int) -> None:
    """Fix what would let two runs of one seed differ.

    Sums depend on how many CPU threads share them. On CUDA a few kernels have no deterministic
    form: torch warns and goes on, and the stamp says so.
    """
    torch.set_num_threads(cpu_threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before CUDA is first used
    torch.backends.cudnn.benchmark = False
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    # A pass over every new tensor, for code that reads memory which it never wrote; ours does not.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _copied(model: nn.Module) -> Weights:
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
