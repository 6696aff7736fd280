"""The gradients of a batch, however it is cut into micro-batches, and memory that ends."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tiny import learner, net, prepare, split
from torch import Tensor, nn


def gradients(images: int = 64, **changes: Any) -> tuple[list[Tensor], float]:
    """Return what one step of SGD on a single batch had as gradients, and its mean loss."""
    trained = learner({"batch": images}, train=split(images), **changes)
    loss = trained.epoch().loss
    return [value.grad for value in trained.model.parameters() if value.grad is not None], loss


def expected_gradients(images: int = 64) -> tuple[list[Tensor], float]:
    model, data = net(), split(images)
    loss = F.cross_entropy(model(prepare(data.images)), data.labels)
    loss.backward()
    return [value.grad for value in model.parameters() if value.grad is not None], loss.item()


@pytest.mark.parametrize("micro_batch", [None, 1, 24, 64, 65])
def test_gradients_of_a_batch_are_those_of_its_mean_loss(micro_batch: int | None) -> None:
    """In micro-batches of 24 they are added up over 24, 24 and 16 images: unequal shares."""
    found, loss = gradients(micro_batch=micro_batch)
    expected, expected_loss = expected_gradients()
    assert len(found) == 4
    torch.testing.assert_close(found, expected)
    assert loss == pytest.approx(expected_loss)


@pytest.mark.parametrize("micro_batch", [None, 24])
def test_gradients_under_a_loss_scale_are_the_same(micro_batch: int | None) -> None:
    found, loss = gradients(micro_batch=micro_batch, dtype=torch.float16)
    expected, expected_loss = expected_gradients()
    torch.testing.assert_close(found, expected, rtol=0.01, atol=1e-4)
    assert loss == pytest.approx(expected_loss, rel=1e-3)


class Short(nn.Module):
    """A network that is out of memory where gradients of more than ``most`` images are wanted."""

    def __init__(self, most: int, after: int = 0) -> None:
        super().__init__()
        self.inner, self.most, self.left = net(), most, after
        self.sizes: list[int] = []  # of the batches that fitted
        self.refused = 0

    def forward(self, images: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            self.left -= 1
            if len(images) > self.most and self.left < 0:
                self.refused += 1
                raise torch.OutOfMemoryError("CUDA out of memory")
            self.sizes.append(len(images))
        logits: Tensor = self.inner(images)
        return logits


@pytest.mark.parametrize(
    ("most", "batch", "sizes"),
    [
        (2, 7, [2, 2, 2, 1, 2, 1]),  # 10 images in batches of 7 and 3; halved to 4, then 2
        (1, 5, [1] * 10),  # 5, 3, 2, 1
        (7, 10, [5, 5]),
        (10, 10, [10]),
    ],
)
def test_memory_that_ends_halves_the_micro_batch_rounded_up(
    most: int, batch: int, sizes: list[int]
) -> None:
    trained = learner({"batch": batch}, Short(most), halves=True)
    trained.epoch()
    assert trained.model.sizes == sizes
    assert trained.micro_batch == (sizes[0] if sizes[0] < batch else None)


@pytest.mark.parametrize(
    ("most", "changes"), [(0, {"halves": True}), (2, {}), (2, {"micro_batch": 3})]
)
def test_memory_that_ends_is_an_error_below_one_image_or_where_halves_are_not_asked_for(
    most: int, changes: dict[str, Any]
) -> None:
    with pytest.raises(torch.OutOfMemoryError):
        learner(model=Short(most), **changes).epoch()


def test_a_last_batch_below_the_micro_batch_is_halved_itself() -> None:
    model = Short(most=2, after=1)
    trained = learner({"batch": 7}, model, micro_batch=7, halves=True)
    trained.epoch()
    assert (model.sizes, model.refused, trained.micro_batch) == ([7, 2, 1], 1, 2)


def test_gradients_from_before_memory_ended_count_once() -> None:
    """The second micro-batch of 24 ends the memory: all 64 images again, in parts of 12."""
    model = Short(most=12, after=1)
    found, loss = gradients(model=model, micro_batch=24, halves=True)
    assert model.sizes == [24, 12, 12, 12, 12, 12, 4]
    expected, expected_loss = expected_gradients()
    torch.testing.assert_close(found, expected)
    assert loss == pytest.approx(expected_loss)
