"""The loss of a step: smoothed labels, mixed labels, and nothing of either in an evaluation."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tiny import BATCH, CLASSES, SEEDS, learner, net, prepare, same, setup, split, weights
from torch import Tensor

from cxv.augment.mix import draw
from cxv.augment.plan import Augment
from cxv.augment.targets import Targets
from cxv.config.augmentation import Flip
from cxv.config.mix import Mix
from cxv.training import loss as subject
from cxv.training.evaluation import evaluate
from cxv.training.loss import training_loss

pytestmark = pytest.mark.usefixtures("one_thread")

BOTH = Mix(mixup=0.8, cutmix=1.0)


@pytest.fixture
def logits() -> Tensor:
    return torch.randn(8, CLASSES, generator=torch.Generator().manual_seed(0))


LABELS = torch.tensor([0, 1, 2, 2, 1, 0, 2, 1])
OTHERS = torch.tensor([2, 1, 0, 2, 1, 1, 0, 0])


def by_hand(logits: Tensor, share: float, smoothing: float) -> Tensor:
    """Return the cross-entropy with whole rows of targets, as the papers write it."""
    one, other = F.one_hot(LABELS, CLASSES), F.one_hot(OTHERS, CLASSES)
    targets = share * one + (1 - share) * other
    targets = (1 - smoothing) * targets + smoothing / CLASSES
    return -(targets * logits.log_softmax(1)).sum(1).mean()


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_loss_is_the_cross_entropy_with_mixed_and_smoothed_labels(
    logits: Tensor, share: float, smoothing: float
) -> None:
    found = training_loss(logits, Targets(LABELS, OTHERS, share), smoothing)
    torch.testing.assert_close(found, by_hand(logits, share, smoothing))


def test_without_settings_the_loss_is_the_plain_one_to_the_last_bit(logits: Tensor) -> None:
    assert torch.equal(training_loss(logits, Targets(LABELS), 0.0), F.cross_entropy(logits, LABELS))


def test_targets_are_split_with_their_partners() -> None:
    parts = list(Targets(LABELS, OTHERS, 0.3).split(3))
    assert [len(part) for part in parts] == [3, 3, 2]
    assert torch.equal(torch.cat([part.labels for part in parts]), LABELS)
    others = [part.others for part in parts if part.others is not None]
    assert torch.equal(torch.cat(others), OTHERS)
    assert {part.share for part in parts} == {0.3}


def test_smoothing_raises_the_loss_of_training_and_leaves_the_evaluation_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rate of nearly nothing: the weights are those of the beginning, whatever the loss."""
    still = {"optimizer": {"lr": 1e-30}}
    losses = []
    for smoothing in (0.0, 0.5):
        trained = learner({"label_smoothing": smoothing, **still})
        epoch = trained.epoch()
        scores = evaluate(trained.model, trained.setup.select, prepare, torch.float32)
        losses.append((epoch.loss, epoch.top1, scores.loss))
    plain, smoothed = losses
    assert smoothed[1:] == plain[1:]
    data, logits = split(), net()(prepare(split().images))
    expected = F.cross_entropy(logits, data.labels, label_smoothing=0.5).item()
    assert smoothed[0] == pytest.approx(expected) != plain[0]
    expected = F.cross_entropy(
        net()(prepare(trained.setup.select.images)), trained.setup.select.labels
    )
    assert plain[2] == pytest.approx(expected.item())


def mixing_setup(mix: Mix | None = BOTH) -> Augment:
    generator = torch.Generator().manual_seed(SEEDS["augment"])
    return Augment((Flip(name="flip"),), generator, mix)


@pytest.mark.parametrize("changes", [{"label_smoothing": 0.1}, {"mix": {"mixup": 1.0}}])
def test_each_setting_changes_what_is_learned(changes: dict[str, Any]) -> None:
    plain = learner()
    trained = learner(changes, augment=mixing_setup(setup(changes).phase.mix))
    for one in (plain, trained):
        one.epoch()
    assert not same(weights(plain.model), weights(trained.model))


def gradients(micro_batch: int | None, mix: Mix, images: int = 9) -> tuple[list[Tensor], float]:
    """Return the gradients of one step on a batch of all images, and its mean loss."""
    trained = learner(
        {"batch": images, "label_smoothing": 0.1},
        train=split(images),
        augment=mixing_setup(mix),
        micro_batch=micro_batch,
    )
    loss = trained.epoch().loss
    return [value.grad for value in trained.model.parameters() if value.grad is not None], loss


@pytest.mark.parametrize("mix", [Mix(mixup=0.8), Mix(cutmix=1.0)], ids=str)
@pytest.mark.parametrize("micro_batch", [1, 2, 4, 9, 99])
def test_micro_batches_have_the_gradients_of_the_whole_mixed_batch(
    micro_batch: int, mix: Mix
) -> None:
    found, loss = gradients(micro_batch, mix)
    expected, expected_loss = gradients(None, mix)
    assert len(found) == 4
    torch.testing.assert_close(found, expected)
    assert loss == pytest.approx(expected_loss)


def test_a_step_learns_from_mixed_images_with_the_labels_of_their_partners() -> None:
    """By a loop that shares no code with the trainer but the draws of the epoch."""
    augment = Augment((), torch.Generator().manual_seed(SEEDS["augment"]), BOTH)
    trained = learner({"label_smoothing": 0.1}, augment=augment)
    found = trained.epoch().loss
    model, data = net(), split()
    generator = torch.Generator().manual_seed(SEEDS["augment"])
    drawn = draw(BOTH, len(data), BATCH, 4, generator, "cpu")
    order = torch.randperm(len(data), generator=torch.Generator().manual_seed(SEEDS["order"]))
    steps = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    total, first = 0.0, 0
    for index, mixture in zip(order.split(BATCH), drawn.mixtures, strict=True):
        images, labels = prepare(data.images[index]), data.labels[index]
        partners = drawn.partners[first : first + len(index)]
        share, first = mixture.share, first + len(index)
        if mixture.box:
            top, bottom, left, right = mixture.box
            mixed = images.clone()
            mixed[:, :, top:bottom, left:right] = images[partners][:, :, top:bottom, left:right]
        else:
            mixed = share * images + (1 - share) * images[partners]
        logits = model(mixed)
        loss = share * F.cross_entropy(logits, labels, label_smoothing=0.1)
        loss += (1 - share) * F.cross_entropy(logits, labels[partners], label_smoothing=0.1)
        steps.zero_grad()
        loss.backward()
        steps.step()
        total += loss.item() * len(index)
    assert found == pytest.approx(total / len(data))
    torch.testing.assert_close(weights(trained.model), weights(model))


@pytest.mark.parametrize("images", [1, 5, 9])
def test_single_images_and_odd_last_batches_are_mixed_too(images: int) -> None:
    trained = learner(
        {"batch": 4, "label_smoothing": 0.1}, train=split(images), augment=mixing_setup()
    )
    assert 0 < trained.epoch().loss < 10


def test_memory_that_ends_draws_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch that did not fit is the same when it comes back in parts."""
    seen: list[tuple[Tensor, float]] = []

    def refuse(logits: Tensor, targets: Targets, smoothing: float) -> Tensor:
        assert targets.others is not None
        if len(targets) > 5:
            seen.append((targets.others, targets.share))
            raise torch.OutOfMemoryError("CUDA out of memory")
        seen.append((targets.others, targets.share))
        return training_loss(logits, targets, smoothing)

    monkeypatch.setattr("cxv.training.trainer.training_loss", refuse)
    trained = learner({"batch": 10}, augment=mixing_setup(), halves=True)
    trained.epoch()
    whole, *parts = seen
    assert torch.equal(torch.cat([others for others, _ in parts]), whole[0])
    assert {share for _, share in parts} == {whole[1]}
    assert subject.training_loss is training_loss
