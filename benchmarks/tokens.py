"""How does the time of a mixer grow with the tokens? ``python -m benchmarks.tokens``: two minutes.

Forward and backward pass over one map of the paper's width, on one thread of the CPU. Sizes take
turns, so that a busy machine slows them all alike; of each the fastest turn counts. The exponent p
is of the fit ``seconds ~ tokens ** p``: 1 is linear, 2 quadratic; below 1 there is a part of the
time that does not grow.
"""

import time
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch import nn

from cxv.networks.mixers import Mixer
from cxv.networks.mixers.fourier import Fourier
from cxv.networks.mixers.linear import Linear
from cxv.networks.mixers.nystrom import Nystrom
from cxv.networks.mixers.performer import Performer
from cxv.networks.mixers.softmax import ConvSoftmax, Softmax
from cxv.networks.mixers.wavelet import Wavelet

DIM, HEADS, TURNS = 128, 4, 5
SIZES = (16, 24, 32, 48, 64)  # maps of 256 ... 4096 tokens
TOKENS = [size**2 for size in SIZES]
MIXERS: Mapping[str, Mixer] = MappingProxyType(
    {
        "Linear (CLTV)": Linear(heads=HEADS),
        "Performer (CPV)": Performer(heads=HEADS),
        "Nystrom (CNV)": Nystrom(heads=HEADS),
        "Fourier (FNet)": Fourier(),
        "Wavelet (WaveMix)": Wavelet(),
        "Softmax (ViT)": Softmax(heads=HEADS),
        "ConvSoftmax (CvT)": ConvSoftmax(heads=HEADS),
    }
)


def seconds(module: nn.Module, size: int) -> float:
    """Time a forward and a backward pass over noise."""
    x = torch.randn(1, DIM, size, size, requires_grad=True)
    began = time.perf_counter()
    module(x).sum().backward()
    return time.perf_counter() - began


def fastest(mixer: Mixer) -> list[float]:
    """Return the seconds at each size."""
    module = mixer.build(DIM).train()
    turns = [[seconds(module, size) for size in SIZES] for _ in range(1 + TURNS)]
    return [min(times) for times in zip(*turns[1:], strict=True)]  # the first warms up


def main() -> None:
    """Print the milliseconds of every mixer at every size, and the exponent."""
    torch.set_num_threads(1)
    print(f"{'milliseconds at tokens':22}", *(f"{tokens:7}" for tokens in TOKENS), "  exponent")
    for name, mixer in MIXERS.items():
        times = fastest(mixer)
        exponent, _ = np.polyfit(np.log(TOKENS), np.log(times), 1)
        print(f"{name:22}", *(f"{1e3 * x:7.1f}" for x in times), f"{exponent:10.2f}")


if __name__ == "__main__":
    main()
