"""Which epoch's weights a training keeps, when it ends, what its clock counts; and its resume."""

import io
from typing import Any

import pytest
import torch
from tiny import (
    ADAMW,
    CLASSES,
    IMAGES,
    LOUD,
    PAUSES,
    SEEDS,
    STEPS,
    Clock,
    learner,
    net,
    same,
    weights,
)
from torch import Tensor, nn

from cxv.augment.plan import Augment
from cxv.config.augmentation import Flip
from cxv.config.mix import Mix
from cxv.config.strict_model import flat
from cxv.records.history import Epoch, TimedEpoch
from cxv.training import trainer
from cxv.training.evaluation import Scores
from cxv.training.trainer import Diverged, Learner, train_phase

LASTING = set(Epoch.model_fields)
"""What a second run repeats of an epoch."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(trainer, "time", clock)
    return clock


def scores(top1: float) -> Scores:
    return Scores(torch.zeros(1, dtype=torch.int64), torch.ones(1), top1=top1, loss=1.0)


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Tensor]]:
    """The weights of every epoch; its top-1 rises twice, ties, falls and ties again."""
    seen: list[dict[str, Tensor]] = []
    script = iter([0.2, 0.5, 0.5, 0.3, 0.5])

    def evaluate(model: nn.Module, *_: Any) -> Scores:
        seen.append(weights(model))
        return scores(next(script))

    monkeypatch.setattr(trainer, "evaluate", evaluate)
    return seen


def test_the_weights_of_the_best_epoch_are_kept_of_equal_ones_the_earliest(
    scored: list[dict[str, Tensor]],
) -> None:
    model = net()
    link = train_phase(learner({"max_epochs": 5}, model))
    assert [same(link.weights, epoch) for epoch in scored] == [False, True, False, False, False]
    assert link.best == link.history[1]
    assert (len(link.history), link.ended_by) == (5, "max_epochs")
    assert same(weights(model), scored[4])


def test_patience_counts_epochs_since_the_best(scored: list[dict[str, Tensor]]) -> None:
    link = train_phase(learner({"patience": 2, "max_epochs": 5}))
    assert (len(link.history), link.ended_by) == (4, "patience")


def test_every_listener_hears_every_epoch_in_order() -> None:
    heard: list[tuple[str, TimedEpoch]] = []
    listeners = [lambda epoch: heard.append(("a", epoch)), lambda epoch: heard.append(("b", epoch))]
    link = train_phase(learner(), listeners=listeners)
    assert heard == [(name, epoch) for epoch in link.history for name in "ab"]


def test_no_epoch_leaves_the_weights_it_began_with() -> None:
    model = net()
    before = weights(model)
    trained = learner({"max_seconds": 1e-9}, model)
    link = train_phase(trained)
    assert (link.history, link.best, link.ended_by) == ((), None, "max_seconds")
    assert link.answers.shape == (0, 1)
    trained.epoch()
    assert same(link.weights, before)  # a copy, which further training does not reach


def test_a_training_that_diverges_keeps_the_best_weights_until_then(
    scored: list[dict[str, Tensor]],
) -> None:
    """The rate of the fourth epoch is 1e30; the third ties with the second."""
    wild = {"schedule": {"name": "StepLR", "step_size": 3, "gamma": 1e31}, "max_epochs": 9}
    model = net()
    link = train_phase(learner(wild, model))
    assert link.ended_by == "diverged"
    assert [epoch.lr for epoch in link.history] == [0.1] * 3
    assert all(torch.isfinite(torch.tensor(epoch.loss)) for epoch in link.history)
    assert link.best == link.history[1]
    assert same(link.weights, scored[1])
    assert not all(value.isfinite().all() for value in model.state_dict().values())


class Certain(nn.Module):
    """Sure of the first class by more than float32 can say, so that other labels cost inf."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor) -> Tensor:
        return self.scale * torch.tensor([3e38, -3e38, -3e38]).expand(len(images), CLASSES)


def test_an_infinite_loss_in_the_first_epoch_leaves_the_weights_it_began_with() -> None:
    link = train_phase(learner({"batch": IMAGES}, Certain()))
    assert (link.ended_by, link.history, link.best) == ("diverged", (), None)
    assert same(link.weights, {"scale": torch.ones(())})


def test_what_diverges_says_in_which_phase_and_epoch_and_with_what_loss() -> None:
    trained = learner({"batch": IMAGES, "name": "adamw_ra"}, Certain())
    with pytest.raises(Diverged, match=r"^adamw_ra: epoch 1: loss inf$"):
        trained.epoch()


def test_a_speed_is_of_training_alone(clock: Clock) -> None:
    """A second a step, and one for the evaluation, which is left out."""
    trained = learner()
    epochs = [trained.epoch(clock.tick) for _ in range(2)]
    assert [epoch.images_per_second for epoch in epochs] == [IMAGES / STEPS] * 2
    assert [epoch.time for epoch in epochs] == [1e9 + PAUSES, 1e9 + 2 * PAUSES]
    assert trained.seconds == 2 * PAUSES


class Put(BaseException):
    """Ends a training between two steps."""


def interrupted(trained: Learner, clock: Clock, pauses: int) -> dict[str, Any]:
    """Train for some pauses of a second; return the state, as a file keeps it."""
    end = clock.now + pauses

    def on_step() -> None:
        clock.tick()
        if clock.now == end:
            raise Put

    with pytest.raises(Put):
        train_phase(trained, on_step)
    file = io.BytesIO()
    torch.save(trained.state(), file)
    file.seek(0)
    state: dict[str, Any] = torch.load(file, weights_only=True)
    return state


def test_a_budget_of_time_counts_what_was_trained_before_an_interruption(clock: Clock) -> None:
    """Epochs end after 4, 8 and 12 seconds of training: the third is the first beyond 9."""
    budget = {"max_seconds": 9.0, "max_epochs": 99}
    state = interrupted(learner(budget), clock, PAUSES + 2)
    clock.now += 1000  # nothing trains
    again = learner(budget)
    clock.now += 1000  # for example, its images are read
    again.restore(state)
    link = train_phase(again, clock.tick)
    assert (len(link.history), link.ended_by) == (3, "max_seconds")
    assert again.seconds == 3 * PAUSES
    assert [epoch.images_per_second for epoch in link.history] == [IMAGES / STEPS] * 3


def rich_learner() -> Learner:
    """Return a learner whose state changes in every part within an epoch."""

    class Net(nn.Module):
        """Out of memory at more than three images, as long as the micro-batch is that large."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Sequential(net(dropout=0.5), nn.BatchNorm1d(CLASSES))

        def forward(self, images: Tensor) -> Tensor:
            if self.training and len(images) > 3:
                raise torch.OutOfMemoryError("CUDA out of memory")
            logits: Tensor = self.inner(images)
            return logits

    return learner(
        model=Net(),
        phase=ADAMW,
        dtype=torch.float16,
        prepare=lambda images: images / LOUD,
        augment=Augment(
            (Flip(name="flip"),),
            torch.Generator().manual_seed(SEEDS["augment"]),
            Mix(mixup=0.8, cutmix=1.0),
        ),
        halves=True,
    )


def equal(left: Any, right: Any) -> bool:
    """Tell whether two states are equal to the last bit."""
    ours, theirs = flat(left), flat(right)
    return ours.keys() == theirs.keys() and all(
        torch.equal(value, theirs[key]) if isinstance(value, Tensor) else value == theirs[key]
        for key, value in ours.items()
    )


def test_every_part_of_a_state_changes_within_an_epoch_and_comes_back(clock: Clock) -> None:
    state = interrupted(rich_learner(), clock, PAUSES + 2)
    again = rich_learner()
    fresh = again.state()
    assert fresh.keys() == state.keys()
    assert [key for key in state if equal({"": fresh[key]}, {"": state[key]})] == []
    again.restore(state)
    assert equal(again.state(), state)


@pytest.mark.parametrize("pauses", [1, STEPS, PAUSES, PAUSES + 2, 3 * PAUSES + 1])
def test_a_resumed_training_ends_as_a_whole_one(clock: Clock, pauses: int) -> None:
    whole, again = rich_learner(), rich_learner()
    expected = train_phase(whole, clock.tick)
    again.restore(interrupted(rich_learner(), clock, pauses))
    found = train_phase(again, clock.tick)
    assert [Epoch(**x.model_dump(include=LASTING)) for x in found.history] == [
        Epoch(**x.model_dump(include=LASTING)) for x in expected.history
    ]
    assert same(found.weights, expected.weights)
    assert found.answers.shape == (4, 1)  # epochs; seven images in a byte
    assert torch.equal(found.answers, expected.answers)
    assert (found.micro_batch, found.ended_by) == (2, "max_epochs")
    times: dict[str, Any] = {"history": [], "seconds": 0, "epoch_from": 0}
    assert equal(again.state() | times, whole.state() | times)
