"""The harness: ours and a reference, timed in alternation in one process."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

Step = Callable[[], object]
MIN_ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one step took."""

    cpu: float  # of all threads
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One computation, as ours and as a reference has it."""

    name: str
    reference: str
    ours: Callable[[], nn.Module]
    theirs: Callable[[], nn.Module]  # imports the reference's package
    differs: str = ""  # what the reference still computes otherwise


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        """Return such as ``0.95 [0.93, 0.98]``."""
        return f"{self.median:.2f} [{self.low:.2f}, {self.high:.2f}]"


def alternated(steps: Sequence[Step], *, seconds: float) -> list[tuple[Seconds, ...]]:
    """Time every step in each round, twice: A B B A, so that no drift favours one of them.

    Rounds go on for ``seconds``, and until there are ``MIN_ROUNDS``.
    """
    for step in (*steps, *steps):
        step()  # warms up
    rounds: list[tuple[Seconds, ...]] = []
    end = time.perf_counter() + seconds
    while len(rounds) < MIN_ROUNDS or time.perf_counter() < end:
        there = [timed(step) for step in steps]
        back = [timed(step) for step in reversed(steps)]
        both = zip(there, reversed(back), strict=True)
        rounds.append(tuple(Seconds((a.cpu + b.cpu) / 2, (a.wall + b.wall) / 2) for a, b in both))
    return rounds


def timed(step: Step) -> Seconds:
    """Run ``step`` once."""
    cpu, wall = time.process_time(), time.perf_counter()
    step()
    return Seconds(time.process_time() - cpu, time.perf_counter() - wall)


def spread(values: Iterable[float]) -> Spread:
    """Return the quartiles of ``values``."""
    return Spread(*statistics.quantiles(values, n=4, method="inclusive"))


def parameters(module: nn.Module) -> int:
    """Return how many numbers ``module`` learns."""
    return sum(parameter.numel() for parameter in module.parameters())


def compare(
    pairs: Iterable[Pair], step_of: Callable[[nn.Module], Step], *, seconds: float
) -> dict[str, Spread]:
    """Print a row a pair; return the ratios of CPU time, ours to theirs, by the pair's name.

    A pair whose reference cannot be imported is reported and left out.

    Args:
        pairs: in the order of the rows.
        step_of: makes a module's step.
        seconds: for each pair.
    """
    torch.set_num_threads(1)
    print(f"{'':16}{'reference':30}{'parameters':>23}{'CPU s':>8}  {'ratio of CPU':20}wall")
    ratios = {}
    for pair in pairs:
        try:
            theirs = pair.theirs()
        except ImportError as error:
            print(f"{pair.name:16}{pair.reference:30}left out: {error}")
            continue
        ours = pair.ours()
        rounds = alternated([step_of(ours), step_of(theirs)], seconds=seconds)
        ratios[pair.name] = spread(a.cpu / b.cpu for a, b in rounds)
        wall = spread(a.wall / b.wall for a, b in rounds)
        counts = f"{parameters(ours):,} / {parameters(theirs):,}"
        cpu = spread(a.cpu for a, _ in rounds).median
        print(
            f"{pair.name:16}{pair.reference:30}{counts:>23}{cpu:8.3f}  "
            f"{ratios[pair.name]!s:20}{wall.median:.2f}",
            flush=True,
        )
        if pair.differs:
            print(f"{'':16}{pair.differs}")
    return ratios
