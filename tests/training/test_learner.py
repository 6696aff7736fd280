"""The steps of a training: its gradients, precision, modes, loss scale and memory."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tiny import BATCH, LOUD, SEEDS, SGD, STEPS, learner, net, prepare, same, split, weights
from torch import nn
from torch.utils import deterministic

from cxv.config.phases import Optimizer
from cxv.training.evaluation import evaluate

DROPOUT, EPOCHS = 0.5, 3
Line = tuple[float, float, float]  # loss, top-1 and rate of an epoch


@pytest.fixture
def unwritten_memory_is_nan() -> Iterator[None]:
    """Fill new memory, so that to read it before it is written shows."""
    modes = torch.get_deterministic_debug_mode(), deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    deterministic.fill_uninitialized_memory = True
    yield
    torch.set_deterministic_debug_mode(modes[0])
    deterministic.fill_uninitialized_memory = modes[1]


def textbook_training() -> tuple[nn.Module, list[Line]]:
    """Return a network trained by a loop that shares no code with the package, and its epochs."""
    model, train, select = net(DROPOUT), split(), split(7, seed=5)
    torch.manual_seed(SEEDS["dropout"])
    order = torch.Generator().manual_seed(SEEDS["order"])
    steps = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    rates = torch.optim.lr_scheduler.StepLR(steps, step_size=1, gamma=0.5)
    lines = []
    for _ in range(EPOCHS):
        model.train()
        losses = []
        for index in torch.randperm(len(train), generator=order).split(BATCH):
            steps.zero_grad()
            logits = model(prepare(train.images[index]))
            each = F.cross_entropy(logits, train.labels[index], reduction="none")
            each.mean().backward()
            steps.step()
            losses += each.tolist()
        model.eval()
        with torch.no_grad():
            right = model(prepare(select.images)).argmax(dim=1) == select.labels
        lines.append(
            (sum(losses) / len(train), right.double().mean().item(), rates.get_last_lr()[0])
        )
        rates.step()
    return model, lines


def test_training_is_the_loop_of_a_textbook() -> None:
    """Order, mode, loss of a smaller last batch, gradients, momentum, rate and selection."""
    model, lines = textbook_training()
    trained = learner({"schedule": {"name": "StepLR", "step_size": 1, "gamma": 0.5}}, net(DROPOUT))
    epochs = [trained.epoch() for _ in range(EPOCHS)]
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3]
    assert [epoch.loss for epoch in epochs] == pytest.approx([line[0] for line in lines])
    assert [(epoch.top1, epoch.lr) for epoch in epochs] == [line[1:] for line in lines]
    for found, expected in zip(trained.model.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(found, expected)


def test_training_and_scoring_each_have_their_mode() -> None:
    modes: list[tuple[bool, bool]] = []
    model = net()
    model.register_forward_hook(
        lambda module, *_: modes.append((module.training, torch.is_grad_enabled()))
    )
    trained = learner(model=model)
    trained.epoch()
    trained.epoch()
    assert modes == 2 * [*[(True, True)] * STEPS, (False, False)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_layers_compute_in_the_precision_asked_for(dtype: torch.dtype) -> None:
    found: list[tuple[bool, torch.dtype]] = []
    model = net()
    for layer in model:
        if isinstance(layer, nn.Linear):
            layer.register_forward_hook(
                lambda module, _, out: found.append((module.training, out.dtype))
            )
    trained = learner(model=model, dtype=dtype)
    trained.epoch()
    assert found == [*[(True, dtype)] * 2 * STEPS, *[(False, dtype)] * 2]
    assert {value.dtype for value in model.parameters()} == {torch.float32}


def test_half_precision_leaves_other_weights_than_float32() -> None:
    kept = []
    for dtype in (torch.float32, torch.bfloat16, torch.float16):
        trained = learner(dtype=dtype)
        trained.epoch()
        kept.append(weights(trained.model))
    assert not any(same(left, right) for left, right in [kept[:2], kept[1:], kept[::2]])


def second_step(optimizer: Mapping[str, Any]) -> nn.Module:
    """Return a network after one step on the second batch of an epoch, under a scale that fits."""
    model, train = net(), split()
    index = torch.randperm(len(train), generator=torch.Generator().manual_seed(SEEDS["order"]))
    with torch.autocast("cpu", torch.float16):
        logits = model(train.images[index[BATCH : 2 * BATCH]] / LOUD)
        loss = F.cross_entropy(logits, train.labels[index[BATCH : 2 * BATCH]])
    (loss * 2**15).backward()
    for value in model.parameters():
        assert value.grad is not None
        value.grad /= 2**15
    arguments = {name: value for name, value in optimizer.items() if name != "name"}
    getattr(torch.optim, optimizer["name"])(model.parameters(), **arguments).step()
    return model


@pytest.mark.parametrize(
    "optimizer",
    [
        {"name": "SGD", "lr": 0.1},
        {"name": "SGD", "lr": 0.1, "momentum": 0.5},
        {"name": "SGD", "lr": 0.1, "momentum": 0.5, "nesterov": True},
        {"name": "SGD", "lr": 0.1, "momentum": 0.5, "dampening": 0.25},
        {"name": "AdamW", "lr": 0.01},
        {"name": "RMSprop", "lr": 0.01, "momentum": 0.5},
    ],
    ids=lambda optimizer: "-".join(map(str, optimizer.values())),
)
@pytest.mark.usefixtures("unwritten_memory_is_nan")
def test_a_step_whose_gradients_overflow_leaves_no_trace_but_half_the_loss_scale(
    optimizer: dict[str, Any],
) -> None:
    model = net()
    trained = learner(
        model=model,
        phase=SGD.model_copy(update={"optimizer": Optimizer(**optimizer)}),
        dtype=torch.float16,
        prepare=lambda images: images / LOUD,
    )
    seen = [(2.0**16, weights(model))]  # torch begins with this scale
    trained.epoch(lambda: seen.append((trained.state()["scaler"]["scale"], weights(model))))
    assert [scale for scale, _ in seen[:3]] == [2**16, 2**15, 2**15]
    assert same(seen[0][1], seen[1][1])
    torch.testing.assert_close(seen[2][1], weights(second_step(optimizer)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_where_gradients_cannot_underflow_there_is_no_loss_scale(dtype: torch.dtype) -> None:
    assert learner(dtype=dtype).state()["scaler"] == {}


def test_the_seed_of_dropout_decides_whatever_was_drawn_before() -> None:
    losses = []
    for drawn, seed in ((0, 4), (5, 4), (0, 9)):
        model = net(DROPOUT)
        torch.rand(drawn)
        losses.append(learner(model=model, dropout_seed=seed).epoch().loss)
    assert losses[0] == losses[1] != losses[2]


def test_an_epoch_is_scored_on_the_selecting_split() -> None:
    trained = learner()
    epoch = trained.epoch()
    scores = evaluate(trained.model, split(7, seed=5), prepare, torch.float32)
    assert epoch.top1 == scores.top1
