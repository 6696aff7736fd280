"""The loss that a training step lowers; evaluations have their own."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from cxv.augment.targets import Targets


def training_loss(
    logits: Float[Tensor, "b classes"], targets: Targets, smoothing: float
) -> Float[Tensor, ""]:
    """Return the mean cross-entropy of b images, in nats.

    That with a mixture of two labels is the same mixture of those with either.

    Args:
        logits: of the network.
        targets: which class each image is, and which the image mixed into it.
        smoothing: fraction of each target that is spread over all classes (arXiv:1512.00567).
    """
    loss = F.cross_entropy(logits, targets.labels, label_smoothing=smoothing)
    if targets.others is None:
        return loss
    other = F.cross_entropy(logits, targets.others, label_smoothing=smoothing)
    return targets.share * loss + (1 - targets.share) * other
