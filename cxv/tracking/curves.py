"""The numbers of a chain as MLflow's metrics: curves over all its epochs, and its results."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from cxv.config.spec import Run
from cxv.config.strict_model import flat
from cxv.records.history import TimedEpoch
from cxv.tracking.chain import Chain

CURVES: Mapping[str, Callable[[TimedEpoch], float]] = MappingProxyType(
    {
        "loss": lambda epoch: epoch.loss,
        "top1": lambda epoch: epoch.top1,
        "lr_thousandths": lambda epoch: 1000 * epoch.lr,  # MLflow's axes have two decimals
        "images_per_second": lambda epoch: epoch.images_per_second,
    }
)
"""What is drawn of each epoch."""


class Point(NamedTuple):
    """A point of a curve."""

    name: str
    value: float
    time_ms: int  # since 1970
    step: int


def points(epochs: Sequence[TimedEpoch], phase: int, before: int) -> Iterator[Point]:
    """Yield the curves of some epochs of one phase, at the times when they ended.

    Args:
        epochs: of the phase, which count from 1.
        phase: its number in the chain, from 1: a curve that steps up where the phase changes.
        before: epochs of the phases before it.
    """
    for epoch in epochs:
        when, step = ms(epoch.time), before + epoch.epoch
        yield Point("phase", float(phase), when, step)
        for name, read in CURVES.items():
            yield Point(name, read(epoch), when, step)


def chain_points(chain: Chain) -> list[Point]:
    """Return the curves over all epochs of a chain."""
    return [
        point
        for phase, (start, link) in enumerate(zip(chain.starts, chain.links, strict=False), 1)
        for point in points(link.epochs, phase, start - 1)
    ]


def results(chain: Chain) -> dict[str, float]:
    """Return what a chain reached; epochs and seconds are those of all its phases."""
    reached = chain.record.outcome
    found = {
        "test_top1": reached.top1,
        "test_loss": reached.loss,
        "epochs": chain.starts[-1] - 1,
        "seconds": chain.seconds,
    }
    return {name: float(value) for name, value in found.items() if value is not None}


def parameters(run: Run, starts: Sequence[int]) -> dict[str, str]:
    """Return every setting of a chain under its dotted key, those of phase 1 as ``phase.1.*``.

    Args:
        run: its last link.
        starts: the epoch of the whole chain, from 1, at which each phase begins.
    """
    spec = run.model_dump(mode="json", exclude={"phases"})
    spec["phase"] = {n: x.model_dump(mode="json") for n, x in enumerate(run.phases, 1)}
    spec["chain"] = "/".join(run.links)
    named = zip(run.links, starts, strict=True)
    spec["phases_begin_at_epoch"] = ", ".join(f"{name}: {start}" for name, start in named)
    return {key: str(value) for key, value in flat(spec).items()}


def ms(seconds: float) -> int:
    """Return a time as MLflow counts it, in milliseconds since 1970."""
    return round(seconds * 1000)
