"""Score a model on images, without gradients; and the precision in which it computes."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Float32, Int64, UInt8
from torch import Tensor, nn

from cxv.data.tensors import Split, batches
from cxv.training.precision import autocast

Prepare = Callable[[UInt8[Tensor, "b c h w"]], Float[Tensor, "b c h w"]]

EVALUATION_BATCH = 128
"""Images a step without gradients: with more, scoring would take more memory than training.

No result depends on it but for rounding.
"""


@dataclass(frozen=True, slots=True)
class Scores:
    """How a model does on a split of n images."""

    predicted: Int64[Tensor, " n"]
    log_probability: Float32[Tensor, " n"]  # of the true class
    top1: float  # a fraction of 1
    loss: float  # nats per image


def no_op() -> None:
    """Let a training go on."""


@torch.inference_mode()
def evaluate(
    model: nn.Module,
    split: Split,
    prepare: Prepare,
    dtype: torch.dtype,
    on_step: Callable[[], None] = no_op,
) -> Scores:
    """Score ``model`` on every image of a split, in its order."""
    model.eval()
    device = split.device
    logits = []
    for images, _ in batches(split, EVALUATION_BATCH):
        with autocast(device, dtype):
            logits.append(model(prepare(images)).float())
        on_step()
    log_probability = torch.cat(logits).log_softmax(dim=1)
    truth = log_probability.gather(1, split.labels[:, None]).squeeze(1)
    predicted = log_probability.argmax(dim=1)
    return Scores(
        predicted=predicted.cpu(),
        log_probability=truth.cpu(),
        top1=(predicted == split.labels).double().mean().item(),
        loss=-truth.double().mean().item(),
    )
