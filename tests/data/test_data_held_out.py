"""A validation split takes its share of every class, by the seed alone."""

import pytest
import torch
from numbered import numbered

from cxv.data.archives import DataError
from cxv.data.tensors import hold_out


def test_every_class_is_held_out_in_proportion_and_no_image_is_lost() -> None:
    split = numbered(110, [0] * 100 + [1] * 10)
    train, validation = hold_out(split, 0.1, seed=3)
    assert validation.labels.bincount().tolist() == [10, 1]
    numbers = [part.images[:, 0, 0, 0].tolist() for part in (train, validation)]
    assert sorted(numbers[0] + numbers[1]) == list(range(110))
    assert numbers[1] == sorted(numbers[1])  # the official order is kept


def test_what_is_held_out_depends_on_the_seed_alone() -> None:
    split = numbered(100, [0] * 100)
    held = [hold_out(split, 0.1, seed)[1].images for seed in (3, 3, 4)]
    assert torch.equal(held[0], held[1])
    assert not torch.equal(held[0], held[2])


def test_the_smallest_class_keeps_an_image_on_either_side() -> None:
    split = numbered(4, [0, 0, 1, 1])
    for fraction in (0.01, 0.99):
        for part in hold_out(split, fraction, seed=0):
            assert part.labels.tolist() == [0, 1]


def test_a_class_that_cannot_be_divided_is_named() -> None:
    with pytest.raises(DataError, match="class 1 has one image: none can be held out for training"):
        hold_out(numbered(3, [0, 0, 1]), 0.5, seed=0)
    for fraction in (0.0, 1.0):
        with pytest.raises(ValueError, match=rf"fraction {fraction} is not between 0 and 1"):
            hold_out(numbered(3, [0, 0, 1]), fraction, seed=0)
