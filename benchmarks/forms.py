"""What less memory costs in time: ``python -m benchmarks.forms``.

Training steps of the CXVs, fused and lean, in units of the form that keeps all of the paper's maps.
"""

from functools import partial

import torch
from torch import nn

import cxv
from benchmarks import naive
from benchmarks.pairs import Pair, compare
from benchmarks.steps import training_step
from cxv.networks import Memory
from cxv.networks.memory_modes import apply_memory_mode

SECONDS = 60  # a pair, at least
OURS: tuple[Memory, ...] = ("fused", "lean")


def built(name: str, memory: Memory) -> nn.Module:
    """Return a CXV in a form."""
    return apply_memory_mode(memory, cxv.create_model(name))


def main() -> None:
    """Print a row for each network in each form."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    pairs = (
        Pair(
            name=f"{name}, {memory}",
            reference="eager",
            ours=partial(built, name, memory),
            theirs=partial(built, name, "eager"),
        )
        for name in naive.ATTENTION
        for memory in OURS
    )
    for _ in compare(pairs, training_step, seconds=SECONDS):
        pass


if __name__ == "__main__":
    main()
