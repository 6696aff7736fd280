"""A network's scores on a split: in its order, whatever the batch, by formulas of their own."""

from math import ceil

import numpy as np
import pytest
import torch
from tiny import net, prepare, split
from torch import nn

from cxv.training.evaluation import EVALUATION_BATCH, evaluate

IMAGES = 2 * EVALUATION_BATCH + 44  # the last batch is smaller


def test_scores_are_those_of_softmax_and_cross_entropy_in_the_order_of_the_split() -> None:
    model, data = net(dropout=0.5), split(IMAGES)
    scores = evaluate(model, data, prepare, torch.float32)
    model.eval()
    logits = model(prepare(data.images)).detach().double().numpy()
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = data.labels.numpy()
    truth = shares[np.arange(IMAGES), labels]
    assert scores.predicted.tolist() == logits.argmax(axis=1).tolist()
    assert scores.log_probability.numpy() == pytest.approx(np.log(truth), abs=1e-5)
    assert scores.top1 == (logits.argmax(axis=1) == labels).mean()
    assert scores.loss == pytest.approx(-np.log(truth).mean(), rel=1e-6)
    assert 0 < scores.top1 < 1


def test_scoring_draws_nothing_keeps_no_gradients_and_pauses_after_every_batch() -> None:
    model, state = net(dropout=0.5), torch.get_rng_state()
    grades: list[tuple[bool, bool, int]] = []
    model.register_forward_hook(
        lambda module, given, out: grades.append(
            (module.training, out.requires_grad, len(given[0]))
        )
    )
    model.train()
    pauses: list[int] = []
    state = torch.get_rng_state()
    evaluate(model, split(IMAGES), prepare, torch.float32, lambda: pauses.append(len(grades)))
    assert torch.equal(torch.get_rng_state(), state)
    assert grades == [(False, False, size) for size in (EVALUATION_BATCH, EVALUATION_BATCH, 44)]
    assert pauses == [1, 2, 3]
    assert ceil(IMAGES / EVALUATION_BATCH) == 3


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_probabilities_are_computed_in_float32_from_logits_of_any_precision(
    dtype: torch.dtype,
) -> None:
    model: nn.Module = net()
    found: list[torch.Tensor] = []
    model.register_forward_hook(lambda _, __, out: found.append(out))
    data = split(5)
    scores = evaluate(model, data, prepare, dtype)
    (logits,) = found
    assert logits.dtype is dtype
    expected = logits.float().log_softmax(dim=1).gather(1, data.labels[:, None])[:, 0]
    torch.testing.assert_close(scores.log_probability, expected)
    exact = evaluate(model, data, prepare, torch.float32)
    assert not torch.equal(scores.log_probability, exact.log_probability)
