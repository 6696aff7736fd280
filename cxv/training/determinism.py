"""The same specification, the same numbers: what is fixed for that, and what could not be."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

RandomState = dict[str, Tensor]


def make_deterministic(cpu_threads: int) -> None:
    """Fix what would let two runs of one seed differ.

    Sums depend on how many CPU threads share them. On CUDA a few kernels have no deterministic
    form: torch warns and continues, and ``undetermined`` notes it.
    """
    torch.set_num_threads(cpu_threads)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # before CUDA is first used
    torch.backends.cudnn.benchmark = False
    # As use_deterministic_algorithms, which would load torch's compiler to tell it too.
    torch.set_deterministic_debug_mode("warn" if torch.cuda.is_available() else "error")
    # A pass over every new tensor, for code that reads memory which it never wrote; ours does not.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


@contextmanager
def undetermined() -> Iterator[list[str]]:
    """Give a list that fills with the names of operations without a deterministic form."""
    found: list[str] = []
    show = warnings.showwarning

    def note(message: Warning | str, *rest: Any, **more: Any) -> None:
        name, separator, _ = str(message).partition(" does not have a deterministic implementation")
        if not separator:
            show(message, *rest, **more)
        elif name not in found:
            found.append(name)

    with warnings.catch_warnings():
        warnings.filterwarnings("always", message=".* does not have a deterministic implementation")
        warnings.showwarning = note
        yield found


def random_state(device: torch.device) -> RandomState:
    """Return the state of torch's own generators, which dropout draws from."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    return state


def set_random_state(state: RandomState, device: torch.device) -> None:
    """Go on from a ``random_state``."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
