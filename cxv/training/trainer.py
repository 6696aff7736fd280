"""Train one link of a chain of phases. No file, no tracker, no setting is read here."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from cxv.augment.plan import Augment
from cxv.augment.targets import Targets
from cxv.config.phases import Phase
from cxv.data.tensors import Split, batches
from cxv.records.history import Epoch, TimedEpoch
from cxv.records.run import Ending
from cxv.training.determinism import random_state, set_random_state
from cxv.training.early_stopping import stop_reason
from cxv.training.evaluation import Prepare, evaluate, no_op
from cxv.training.loss import training_loss
from cxv.training.optimizers import optimizer
from cxv.training.precision import autocast
from cxv.training.schedules import schedule

Weights = dict[str, Tensor]
State = dict[str, Any]
"""Tensors, numbers and text, nested: what torch loads without running code from the file."""


@dataclass(frozen=True, slots=True)
class TrainResult:
    """A link as trained: the weights of its best epoch, or those it began with."""

    weights: Weights
    history: tuple[TimedEpoch, ...]
    answers: Tensor  # uint8, epochs x bytes: a bit an image of the selecting split, 1: right
    best: Epoch | None
    ended_by: Ending
    micro_batch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSetup:
    """What does not change from epoch to epoch."""

    phase: Phase
    train: Split  # batches come out on the device of the model
    select: Split  # its top-1 ends the phase and picks the epoch
    prepare: Prepare  # uint8 -> float
    dtype: torch.dtype  # of autocast; float32 switches it off
    dropout_seed: int
    order: torch.Generator  # of the images, on the CPU
    augment: Augment
    micro_batch: int | None = None  # images whose gradients are added up to a step's
    halves: bool = False  # the micro-batch, when memory ends


class Diverged(FloatingPointError):  # noqa: N818 - an outcome, not a fault
    """The mean training loss of an epoch is not finite."""


def train_phase(
    learner: "Learner",
    on_step: Callable[[], None] = no_op,
    listeners: Iterable[Callable[[TimedEpoch], None]] = (),
) -> TrainResult:
    """Train on; return the weights of the epoch with the best top-1, the earlier one on a tie.

    A loss that is not finite ends the link as diverged, with the best weights until then. D4 in
    data/paper/README.md.

    Args:
        learner: new, or resumed from a checkpoint.
        on_step: called between steps; to stop there it raises.
        listeners: called after every epoch.
    """
    ending: Ending | None
    try:
        while not (ending := learner.ending):
            epoch = learner.epoch(on_step)
            for listener in listeners:
                listener(epoch)
    except Diverged:
        ending = "diverged"
    made = (learner.weights, tuple(learner.history), learner.answers, learner.best)
    return TrainResult(*made, ending, learner.micro_batch)


class Learner:
    """A model under training until top-1 stops improving; it can stop and resume after any step.

    Source: paper sec. 3.6 and 4.1; D3 in data/paper/README.md.
    """

    def __init__(self, model: nn.Module, setup: TrainingSetup) -> None:
        torch.manual_seed(setup.dropout_seed)
        self.model, self.setup = model, setup
        self.device = setup.train.device
        self.history: list[TimedEpoch] = []
        self.answers = torch.zeros((0, -(-len(setup.select) // 8)), dtype=torch.uint8)
        self.weights = _copied(model)  # of the best epoch
        self.micro_batch = setup.micro_batch
        self._optimizer = optimizer(setup.phase.optimizer, model.parameters())
        self._schedule = schedule(setup.phase.schedule, self._optimizer)
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=setup.dtype is torch.float16)
        self._seconds, self._since = 0.0, time.perf_counter()
        self._begin()

    @property
    def best(self) -> Epoch | None:
        """The epoch with the best top-1, the earlier one on a tie."""
        return max(self.history, key=lambda epoch: epoch.top1, default=None)

    @property
    def seconds(self) -> float:
        """That the phase has trained, without its interruptions."""
        return self._seconds + time.perf_counter() - self._since

    @property
    def ending(self) -> Ending | None:
        """Which rule ends the phase here, if one does."""
        return stop_reason(self.setup.phase, [epoch.top1 for epoch in self.history], self.seconds)

    def epoch(self, on_step: Callable[[], None] = no_op) -> TimedEpoch:
        """Finish the epoch under way.

        Raises:
            Diverged: its mean loss is not finite.
        """
        setup, images = self.setup, len(self.setup.train)
        self._train_epoch(on_step)
        images_per_second = images / (self.seconds - self._epoch_from)
        loss = self._loss_sum.item() / images
        number = len(self.history) + 1
        if not math.isfinite(loss):
            raise Diverged(f"{setup.phase.name}: epoch {number}: loss {loss}")
        scores = evaluate(self.model, setup.select, setup.prepare, setup.dtype, on_step)
        epoch = TimedEpoch(
            epoch=number,
            time=time.time(),
            loss=loss,
            top1=scores.top1,
            lr=float(self._optimizer.param_groups[0]["lr"]),
            images_per_second=images_per_second,
        )
        if self.best is None or epoch.top1 > self.best.top1:
            self.weights = _copied(self.model)
        self.history.append(epoch)
        right = np.packbits((scores.predicted == setup.select.labels.cpu()).numpy())
        self.answers = torch.cat([self.answers, torch.from_numpy(right)[None]])
        if self._schedule:
            self._schedule.step(epoch.top1)
        self._begin()
        return epoch

    def state(self) -> State:
        """Return all that training changes, but for what an epoch begins with and draws again."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
            "schedule": self._schedule.state_dict() if self._schedule else {},
            "best": self.weights,
            "history": [epoch.model_dump() for epoch in self.history],
            "answers": self.answers,
            "random": random_state(self.device),
            **self._epoch_rng,
            "batch": self._batch,
            "total": self._loss_sum,
            "seconds": self.seconds,
            "epoch_from": self._epoch_from,
            "micro_batch": self.micro_batch,
        }

    def restore(self, state: State) -> None:
        """Go on from a ``state`` of the same course."""
        self.model.load_state_dict(state["model"])
        if self._schedule:
            self._schedule.load_state_dict(state["schedule"])
        self._optimizer.load_state_dict(state["optimizer"])  # a schedule may have set its rate
        self._scaler.load_state_dict(state["scaler"])
        self.weights = state["best"]
        self.history = [TimedEpoch.model_validate(epoch) for epoch in state["history"]]
        self.answers = state["answers"]
        self.setup.order.set_state(state["order"])
        self.setup.augment.generator.set_state(state["draws"])
        self._seconds, self._since = state["seconds"], time.perf_counter()
        self._begin()
        self._batch, self._epoch_from = state["batch"], state["epoch_from"]
        self._loss_sum = state["total"].to(self.device)
        self.micro_batch = state["micro_batch"]
        set_random_state(state["random"], self.device)

    def _begin(self) -> None:
        """Begin an epoch: its order and augmentation come from the generators as they are here."""
        setup = self.setup
        self._epoch_rng = {
            "order": setup.order.get_state(),
            "draws": setup.augment.generator.get_state(),
        }
        self._batch = 0  # steps made
        self._epoch_from = self.seconds
        self._loss_sum = torch.zeros((), device=self.device)  # reading it would stall a GPU

    def _train_epoch(self, on_step: Callable[[], None]) -> None:
        """Make the steps that the epoch lacks; all draws are those of the whole epoch."""
        setup, train = self.setup, self.setup.train
        self.model.train()
        batch, done = setup.phase.batch, self._batch
        mixing = setup.augment.mixing(len(train), batch, train.images.shape[-1], self.device)
        for images, labels in batches(train, batch, setup.order, setup.augment, done):
            mixed, targets = mixing(setup.prepare(images), labels, self._batch)
            self._loss_sum += self._step(mixed, targets) * len(targets)
            self._batch += 1
            on_step()

    def _step(self, images: Tensor, targets: Targets) -> Tensor:
        """Change the weights by the gradient of one batch; return its mean loss."""
        try:
            loss = self._gradients(images, targets)
        except torch.OutOfMemoryError:
            least = min(self.micro_batch or len(targets), len(targets))
            if not self.setup.halves or least == 1:
                raise
            self.micro_batch = -(-least // 2)
            return self._step(images, targets)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        return loss

    def _gradients(self, images: Tensor, targets: Targets) -> Tensor:
        """Leave the gradients of a batch, added up over its micro-batches; return its mean loss."""
        self._optimizer.zero_grad(set_to_none=True)
        size = self.micro_batch or len(targets)
        losses = []
        for part, truth in zip(torch.split(images, size), targets.split(size), strict=True):
            with autocast(self.device, self.setup.dtype):
                loss = training_loss(self.model(part), truth, self.setup.phase.label_smoothing)
            loss = loss * (len(truth) / len(targets))  # of the mean over the whole batch
            self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            losses.append(loss.detach())
        return torch.stack(losses).sum()


def _copied(model: nn.Module) -> Weights:
    return {name: value.detach().cpu().clone() for name, value in model.state_dict().items()}
