"""Mixers against the packages that published them: ``python -m benchmarks.mixers``.

Forward and backward of 16 x 1024 tokens of 128 channels, in float32, on one thread.
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from benchmarks import references
from benchmarks.pairs import Pair, Step, compare
from cxv.networks.layers import OnTokens
from cxv.networks.mixers import Mixer
from cxv.networks.mixers.linear import Linear
from cxv.networks.mixers.nystrom import Nystrom
from cxv.networks.mixers.performer import Performer

TOKENS, DIM = 1024, 128
SECONDS = 20  # a pair, at least


def pair(
    name: str, mixer: Mixer, reference: str, theirs: Callable[[], nn.Module], differs: str = ""
) -> Pair:
    """Return our mixer paired with a reference, both of tokens."""
    return Pair(
        name=name,
        reference=reference,
        ours=lambda: OnTokens(mixer.build(DIM)),
        theirs=theirs,
        differs=differs,
    )


PAIRS = (
    pair(
        "nystrom",
        Nystrom(heads=4),
        "nystrom-attention",
        references.nystrom_attention,
        "theirs: the inverse starts from the norms of the whole batch, ours from each matrix's",
    ),
    pair(
        "performer relu",
        Performer(heads=4),
        "performer-pytorch",
        partial(references.performer_attention, generalized_attention=True),
    ),
    pair(
        "performer softmax",
        Performer(heads=4, kernel="softmax"),
        "performer-pytorch",
        partial(references.performer_attention, generalized_attention=False),
    ),
    pair(
        "linear",
        Linear(heads=4),
        "linear-attention-transformer",
        references.linear_attention,
        "theirs: queries, keys and values without bias, scaled after the softmax",
    ),
)


def gradient_step(mixer: nn.Module, batch: int) -> Step:
    """Return the forward and backward pass of a layer within a network."""
    mixer.train()
    tokens = torch.randn(batch, TOKENS, DIM, requires_grad=True)
    gradient = torch.randn(batch, TOKENS, DIM)

    def step() -> None:
        mixer.zero_grad(set_to_none=True)
        tokens.grad = None
        mixer(tokens).backward(gradient)

    return step


def main() -> None:
    """Print a row for each mixer."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for _ in compare(PAIRS, gradient_step, seconds=SECONDS):
        pass


if __name__ == "__main__":
    main()
