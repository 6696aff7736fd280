"""How the memory of a mixer's training step grows with the tokens, on a GPU that need not exist."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode

from cxv.networks.mixers import Mixer
from cxv.networks.mixers.fourier import Fourier
from cxv.networks.mixers.linear import Linear
from cxv.networks.mixers.nystrom import Nystrom
from cxv.networks.mixers.performer import Performer
from cxv.networks.mixers.softmax import ConvSoftmax, Softmax
from cxv.profiling.fake_gpu import Ledger, backward, on_fake_gpu

pytestmark = pytest.mark.usefixtures("one_thread", "unchecked")

DIM, HEADS = 128, 4
SIZES = (16, 32, 64)
TOKENS = np.array([size**2 for size in SIZES])  # 256 ... 4096


def peak_bytes(module: nn.Module, size: int) -> int:
    """Return the peak of a forward and backward pass over one map, over its weights."""
    with FakeTensorMode(allow_non_fake_inputs=True), Ledger() as ledger:
        twin = on_fake_gpu(module).train()
        ledger.purpose = "activations"
        ledger.peak.clear()
        x = torch.empty(1, DIM, size, size, device="cuda")
        nodes = [twin(x).sum().grad_fn]
        ledger.purpose = "temporaries"
        backward(nodes, torch.ones((), device="cuda"), partial(ledger.book, purpose="gradients"))
    return ledger.peak.total() - ledger.peak["weights"]


def bytes_per_further_token(mixer: Mixer) -> np.ndarray:
    """Return the slope from each size to the next."""
    module = mixer.build(DIM)
    return np.diff([peak_bytes(module, size) for size in SIZES]) / np.diff(TOKENS)


@pytest.mark.parametrize(
    "mixer",
    [
        Nystrom(heads=HEADS),
        Performer(heads=HEADS),
        Performer(heads=HEADS, kernel="softmax"),
        Linear(heads=HEADS),
        Linear(heads=HEADS, kernel="elu"),
        Fourier(),
    ],
    ids=["nystrom", "performer", "favor", "linear", "elu", "fourier"],
)
def test_a_linear_mixer_takes_the_same_memory_for_every_further_token(mixer: Mixer) -> None:
    slopes = bytes_per_further_token(mixer)
    assert slopes == pytest.approx(slopes[-1], rel=0.01)
    assert slopes[-1] > 4 * DIM  # at least the output


@pytest.mark.parametrize(
    "mixer", [Softmax(heads=HEADS), ConvSoftmax(heads=HEADS)], ids=["vit", "cvt"]
)
def test_softmax_attention_takes_memory_for_every_pair_of_tokens(mixer: Mixer) -> None:
    slopes = bytes_per_further_token(mixer)
    bytes_a_pair = np.diff(slopes) / (TOKENS[2:] - TOKENS[:-2])
    weights, mask, dropped, gradient = 4, 1, 4, 4
    assert bytes_a_pair == pytest.approx(HEADS * (weights + mask + dropped + gradient), rel=0.01)
