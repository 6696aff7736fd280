"""Which images each epoch of a training answers rightly, a bit an image."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from tiny import learner, split

from cxv.training import trainer
from cxv.training.evaluation import Scores
from cxv.training.trainer import train_phase


def test_the_answers_of_each_epoch_are_those_of_its_own_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of seven images, the first the highest bit; the model answers 2, 1, 0, ... and then 0."""
    truth = torch.tensor([2, 1, 0, 0, 1, 2, 0])
    said = iter([torch.tensor([2, 1, 0, 1, 2, 0, 1]), torch.zeros(7, dtype=torch.int64)])

    def evaluate(*_: Any) -> Scores:
        return Scores(next(said), torch.ones(7), top1=3 / 7, loss=1.0)

    monkeypatch.setattr(trainer, "evaluate", evaluate)
    select = replace(split(7), labels=truth)
    link = train_phase(learner({"max_epochs": 2}, select=select))
    assert link.answers.tolist() == [[0b11100000], [0b00110010]]
