"""What settings tell of an epoch is what its training has."""

import pytest
import torch

from cxv.config.phases import Training
from cxv.config.spec import Dataset, PerClass
from cxv.data.readers import digits
from cxv.data.tensors import hold_out
from cxv.jobs.expected_images import counts_of, epoch_images

DIGITS = Dataset(name="digits", source="digits")
TEST = Training(
    select_on="test", autocast_cuda="auto", autocast_cpu="float32", cpu_threads=1, memory="fused"
)


def validated(fraction: float) -> Training:
    return TEST.model_copy(update={"select_on": "validation", "validation_fraction": fraction})


def test_the_counts_of_the_digits_are_those_of_their_file() -> None:
    images, found = digits().images, counts_of(DIGITS)
    assert found is not None
    assert torch.bincount(images.train.labels).tolist() == [*found.train]
    assert torch.bincount(images.test.labels).tolist() == [*found.test]


@pytest.mark.parametrize("fraction", [0.001, 0.1, 0.5, 0.999])
def test_an_epoch_has_what_is_not_held_out(fraction: float) -> None:
    train, _ = hold_out(digits().images.train, fraction, seed=0)
    assert epoch_images(DIGITS, counts_of(DIGITS), validated(fraction)) == len(train)


def test_images_of_each_class_are_counted_where_the_source_is_known() -> None:
    some = Dataset(name="some", source="cifar100", per_class=PerClass(train=7))
    assert epoch_images(some, counts_of(some), TEST) == 700
    assert epoch_images(some, counts_of(some), validated(0.3)) == 500  # 2.1 of 7 are two
