"""The harness: ours and a reference, timed in alternation in one process."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from torch import nn

Step = Callable[[], object]
MIN_ROUNDS = 6


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
    theirs: Callable[[], nn.Module]  # an ImportError: its package is not installed
    differs: str = ""  # what the reference computes otherwise
    batch: int = 16  # images; below, one thread takes torch's slow path through 1x1 convolutions


@dataclass(frozen=True, slots=True)
class Spread:
    """Quartiles."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        """Return such as ``0.95 [0.93, 0.98]``."""
        return f"{self.median:.2f} [{self.low:.2f}, {self.high:.2f}]"


@dataclass(frozen=True, slots=True)
class Comparison:
    """How long ours takes, in units of the reference's time."""

    pair: Pair
    parameters: tuple[int, int]  # of ours, of the reference
    rounds: int
    cpu_seconds: float  # of ours, the median
    cpu: Spread
    wall: Spread

    def __str__(self) -> str:
        """Return the row of a table, and under it what differs."""
        counts = "{:,} / {:,}".format(*self.parameters)
        row = (
            f"{self.pair.name:18}{self.pair.reference:28}{counts:>25}"
            f"{self.rounds:8}{self.cpu_seconds:8.3f}   {self.cpu!s:20}{self.wall}"
        )
        return f"{row}\n{'':18}{self.pair.differs}" if self.pair.differs else row


HEADER = (
    f"{'':18}{'reference':28}{'parameters':>25}{'rounds':>8}{'CPU s':>8}   "
    f"{'ratio of CPU time':20}of time"
)


def compare(
    pairs: Iterable[Pair], step_of: Callable[[nn.Module, int], Step], *, seconds: float
) -> Iterator[Comparison]:
    """Time each pair for about ``seconds``, and print its row.

    A pair whose reference cannot be imported is left out, which is said.
    """
    print(HEADER)
    for pair in pairs:
        try:
            theirs = pair.theirs()
        except ImportError as error:
            print(f"{pair.name:18}{pair.reference:28}left out: {error}")
            continue
        compared = _compared(pair, pair.ours(), theirs, step_of, seconds=seconds)
        print(compared, flush=True)
        yield compared


def _compared(
    pair: Pair,
    ours: nn.Module,
    theirs: nn.Module,
    step_of: Callable[[nn.Module, int], Step],
    *,
    seconds: float,
) -> Comparison:
    rounds = alternated([step_of(model, pair.batch) for model in (ours, theirs)], seconds=seconds)
    return Comparison(
        pair,
        parameters=(parameters(ours), parameters(theirs)),
        rounds=len(rounds),
        cpu_seconds=statistics.median(a.cpu for a, _ in rounds),
        cpu=spread(a.cpu / b.cpu for a, b in rounds),
        wall=spread(a.wall / b.wall for a, b in rounds),
    )


def alternated(steps: Sequence[Step], *, seconds: float) -> list[tuple[Seconds, ...]]:
    """Time every step once a round, in turn from either end: A B, B A; drift favours neither.

    Rounds go on for ``seconds``, and until there are ``MIN_ROUNDS``.
    """
    for step in (*steps, *steps):
        step()  # warms up
    rounds: list[tuple[Seconds, ...]] = []
    end = time.perf_counter() + seconds
    while len(rounds) < MIN_ROUNDS or time.perf_counter() < end:
        turn = slice(None, None, -1 if len(rounds) % 2 else 1)
        rounds.append(tuple([timed(step) for step in steps[turn]][turn]))
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
