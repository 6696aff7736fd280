"""A GPU that need not exist: tensors with a device and a shape, and an account of their bytes.

``torch.distributed._tools.MemTracker`` keeps such an account too, but by hooks of torch's autograd
engine, which asks a GPU for its streams and so refuses fake CUDA tensors where there is none.
"""

import copy
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any, Literal
from unittest.mock import patch
from weakref import finalize

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.autograd.graph import Node
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.checkpoint import GraphExecGroup
from torch.utils.weak import WeakIdKeyDictionary

BLOCK_BYTES = 512
"""Torch's CUDA allocator rounds every tensor up to a multiple of it."""

Received = defaultdict[Node, dict[int, Tensor]]
"""Gradients by the node that waits for them, and the output of it that they belong to."""

Purpose = Literal["weights", "optimizer", "gradients", "activations", "temporaries"]


@dataclass(slots=True)
class _Block:
    size_bytes: int
    purpose: Purpose


class Ledger(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Account of the CUDA storages made under it, from birth until the last reference goes."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.purpose: Purpose = "weights"  # of what is made next
        self.live: Counter[Purpose] = Counter()  # bytes
        self.peak: Counter[Purpose] = Counter()  # bytes when ``live`` was largest
        self._blocks = WeakIdKeyDictionary()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run an operation and enter the storages that it made."""
        if func is torch.ops.prim.device.default:  # asked more often than all else, makes nothing
            return args[0].fake_device
        made = func(*args, **kwargs or {})
        for leaf in tree_leaves(made):
            if isinstance(leaf, FakeTensor) and leaf.fake_device.type == "cuda":
                self._enter(leaf.untyped_storage())
        if self.live.total() > self.peak.total():
            self.peak = self.live.copy()
        return made

    def book(self, tensor: Tensor, purpose: Purpose) -> None:
        """Move a tensor's storage to another purpose."""
        storage = tensor.untyped_storage()
        if storage in self._blocks:
            block = self._blocks[storage]
            self.live[block.purpose] -= block.size_bytes
            self.live[purpose] += block.size_bytes
            block.purpose = purpose

    def _enter(self, storage: torch.UntypedStorage) -> None:
        if storage not in self._blocks:
            blocks = -(-storage.nbytes() // BLOCK_BYTES)
            block = self._blocks[storage] = _Block(blocks * BLOCK_BYTES, self.purpose)
            self.live[block.purpose] += block.size_bytes
            finalize(storage, self._leave, block).atexit = False

    def _leave(self, block: _Block) -> None:
        self.live[block.purpose] -= block.size_bytes


def on_fake_gpu(model: nn.Module) -> nn.Module:
    """Return a copy whose parameters and buffers are fake CUDA tensors; needs a fake mode."""
    fakes: dict[int, Tensor] = {
        id(parameter): nn.Parameter(_empty(parameter)) for parameter in model.parameters()
    }
    fakes |= {id(buffer): _empty(buffer) for buffer in model.buffers()}
    return copy.deepcopy(model, fakes)


@contextmanager
def autocast_allowed() -> Iterator[None]:
    """Let ``torch.autocast("cuda")`` work where there is no GPU: it would switch itself off."""
    with patch.object(torch.cuda.amp.common, "amp_definitely_not_available", lambda: False):
        yield


@torch.no_grad()
def backward(nodes: list[Node | None], gradient: Tensor, keep: Callable[[Tensor], None]) -> None:
    """Do what ``loss.backward()`` does, node by node in the order of torch's engine.

    Args:
        nodes: the ``grad_fn`` of a loss; emptied, since what a node saved is freed with the node.
        gradient: of that loss.
        keep: called with every parameter's gradient when it is made.
    """
    root = nodes.pop()
    if root is None:
        return
    waits = _consumers(root)
    received: Received = defaultdict(dict, {root: {0: gradient}})
    ready = [(0, 0, root)]
    numbers = count(1)  # of equal ranks, the first to be ready goes first
    del root
    with GraphExecGroup():  # what ``checkpoint`` left out is computed again once, not node by node
        while ready:
            for child in _run(heappop(ready)[-1], received, keep):
                waits[child] -= 1
                if not waits[child]:
                    del waits[child]
                    heappush(ready, (-child._sequence_nr(), next(numbers), child))


def _consumers(root: Node) -> Counter[Node]:
    """Count the edges into every node that leads to a parameter."""
    edges: Counter[Node] = Counter()
    waiting = [root]
    while waiting:
        for child, _ in waiting.pop().next_functions:
            if child is not None:
                waiting += [] if child in edges else [child]
                edges[child] += 1
    return edges


def _run(node: Node, received: Received, keep: Callable[[Tensor], None]) -> list[Node]:
    """Take what a node received, pass on what it makes of it, and say to which nodes."""
    inputs = received.pop(node, {})
    gradients = [_fitted(inputs.get(slot), like) for slot, like in enumerate(node._input_metadata)]
    if hasattr(node, "variable"):  # a leaf of the graph
        if gradients[0] is not None:
            node.variable.grad = gradients[0]
            keep(gradients[0])
        return []
    formula: Any = node
    made = formula(*gradients)
    children = []
    for (child, slot), passed in zip(node.next_functions, _as_tuple(made), strict=True):
        if child is not None:
            children.append(child)
            if passed is not None:
                before = received[child].get(slot)
                received[child][slot] = passed if before is None else before + passed
    return children


def _as_tuple(made: Any) -> tuple[Tensor | None, ...]:
    return made if isinstance(made, tuple) else (made,)


def _fitted(gradient: Tensor | None, like: Any) -> Tensor | None:
    """Undo a broadcast or a cast of the forward pass."""
    if gradient is None or (gradient.shape, gradient.dtype) == (like.shape, like.dtype):
        return gradient
    return gradient.sum_to_size(like.shape).to(like.dtype)


def _empty(like: Tensor) -> Tensor:
    """Return a fake of the same form; ``empty_like`` would copy ``like`` to a fake first."""
    return torch.empty_strided(like.shape, like.stride(), dtype=like.dtype, device="cuda")
