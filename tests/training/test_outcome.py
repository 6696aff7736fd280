"""What of a training becomes the outcome in its record."""

import pytest
import torch

from cxv.records.history import Epoch, TimedEpoch
from cxv.records.run import Ending, Outcome, Switch
from cxv.training.evaluation import Scores
from cxv.training.setup import outcome
from cxv.training.trainer import TrainResult


def epoch(number: int, top1: float) -> TimedEpoch:
    return TimedEpoch(
        epoch=number, loss=1.0, top1=top1, lr=0.1, time=1e9 + number, images_per_second=7.0
    )


def link(*top1: float, ended_by: Ending = "max_epochs") -> TrainResult:
    """Return a link with these top-1; the best is the first of the highest."""
    history = tuple(epoch(number, value) for number, value in enumerate(top1, start=1))
    best: Epoch | None = max(history, key=lambda epoch: epoch.top1, default=None)
    answers = torch.zeros((len(top1), 2), dtype=torch.uint8)
    return TrainResult({}, history, answers, best, ended_by)


SCORES = Scores(torch.zeros(11, dtype=torch.int64), torch.ones(11), top1=0.625, loss=0.75)
BEFORE = Outcome(
    top1=0.4375,
    loss=1.5,
    selected_top1=0.5,
    last_top1=0.25,
    best_epoch=2,
    epochs=5,
    ended_by="patience",
    switch=Switch(epoch=3, before=0.125, jump=-0.0625, gain=0.375),
    test_images=11,
)


def test_an_outcome_tells_the_kept_epoch_from_the_last_and_the_test_split_from_both() -> None:
    found = outcome(link(0.375, 0.875, 0.75, 0.875, 0.5, ended_by="patience"), SCORES, None)
    assert found == Outcome(
        top1=0.625,
        loss=0.75,
        selected_top1=0.875,
        last_top1=0.5,
        best_epoch=2,
        epochs=5,
        ended_by="patience",
        switch=None,
        test_images=11,
    )


def test_a_third_phase_began_after_all_epochs_of_the_first_and_the_second() -> None:
    switch = outcome(link(0.25, 0.875, 0.75), SCORES, BEFORE).switch
    assert switch == Switch(epoch=3 + 5, before=0.5, jump=0.25 - 0.5, gain=0.875 - 0.5)


def test_a_second_phase_began_after_the_epochs_of_the_first() -> None:
    switch = outcome(link(0.75), SCORES, BEFORE.model_copy(update={"switch": None})).switch
    assert switch == Switch(epoch=5, before=0.5, jump=0.25, gain=0.25)


@pytest.mark.parametrize("ended_by", ["diverged", "nothing to go on from"])
def test_what_diverged_has_no_result_but_its_epochs(ended_by: Ending) -> None:
    found = outcome(link(0.25, 0.125, ended_by=ended_by), SCORES, BEFORE)
    assert (found.top1, found.loss) == (None, None)
    assert (found.selected_top1, found.last_top1, found.best_epoch) == (0.25, 0.125, 1)
    assert (found.epochs, found.ended_by) == (2, ended_by)


def test_no_epoch_leaves_nothing_to_compare() -> None:
    found = outcome(link(ended_by="max_seconds"), SCORES, BEFORE)
    assert (found.top1, found.selected_top1, found.last_top1) == (0.625, None, None)
    assert (found.best_epoch, found.epochs) == (0, 0)
    assert found.switch == Switch(epoch=8, before=0.5, jump=None, gain=None)


def test_weights_of_no_epoch_leave_nothing_to_jump_from() -> None:
    before = BEFORE.model_copy(update={"selected_top1": None, "epochs": 0})
    found = outcome(link(0.25), SCORES, before).switch
    assert found == Switch(epoch=3, before=None, jump=None, gain=None)
