"""What learning curves tell of a claim, seed by seed."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pydantic import PositiveInt

from cxv.config.strict_model import Positive, StrictModel
from cxv.records.history import Epoch
from cxv.results.lookup import RunLookup, top1
from cxv.results.records import Records
from cxv.results.selection import Trained

Curve = Literal[
    "jump_first_epoch",  # top-1 one epoch after the switch of optimizers, minus that before it
    "jump_within_window",  # the best of the first ``window`` epochs, minus that before the switch
    "share_of_epochs",  # of the second phase, as a share of the first one's
    "epochs_to_final",  # until top-1 is ``close`` to where its phase ends; second phase / first
    "epochs_to_target",  # until the lower of both sides' final top-1 is reached
    "final_train_loss",
]
"""What is read from learning curves."""

Phase = Sequence[Epoch]


class CurveReading(StrictModel):
    """How curves are read."""

    window: PositiveInt  # epochs
    close: Positive  # percentage points


def readings(
    records: Records, curve: Curve, left: Trained, right: Trained | None, how: CurveReading
) -> dict[int, float]:
    """Return what is read of each seed, of left - right if there is a right.

    Seeds that diverged or lack a history are left out. Differences of top-1 are in
    percentage points, losses in nats per image, lengths in epochs.
    """
    mine = curves(records, left)
    if right is None:
        read_one = READERS[curve]
        return {seed: read_one(x[-2], x[-1], how) for seed, x in mine.items() if len(x) > 1}
    theirs = curves(records, right)
    read = COMPARED[curve]
    return {seed: read(mine[seed], theirs[seed]) for seed in sorted(mine.keys() & theirs)}


def curves(records: Records, one: Trained) -> dict[int, list[Phase]]:
    """Return the histories of all links, first to last, of each seed that has them all."""
    found: dict[int, list[Phase]] = {}
    for seed, run in records.seeds(one).items():
        links: list[Phase] = []
        link: RunLookup | None = run
        while link and top1(link) is not None and (epochs := records.history(link)):
            links.insert(0, epochs)
            link = records.before(link)
        if len(links) == len(run.spec.phases):
            found[seed] = links
    return found


def reached(phase: Phase) -> float:
    """Return the top-1 of the weights that a phase hands on: its best."""
    return max(epoch.top1 for epoch in phase)


def _jump(first: Phase, second: Phase, epochs: int) -> float:
    return 100 * (reached(second[:epochs]) - reached(first))


def _epochs_to(phase: Phase, wanted: float) -> int:
    return next((i for i, epoch in enumerate(phase, 1) if epoch.top1 >= wanted), len(phase))


def _to_final(first: Phase, second: Phase, how: CurveReading) -> float:
    took = [_epochs_to(phase, reached(phase) - how.close / 100) for phase in (first, second)]
    return took[1] / took[0]


def _to_target(left: Sequence[Phase], right: Sequence[Phase]) -> float:
    target = min(reached(left[-1]), reached(right[-1]))
    took = [_epochs_to([x for phase in side for x in phase], target) for side in (left, right)]
    return float(took[0] - took[1])


READERS: Mapping[Curve, Callable[[Phase, Phase, CurveReading], float]] = MappingProxyType(
    {
        "jump_first_epoch": lambda first, second, _: _jump(first, second, 1),
        "jump_within_window": lambda first, second, how: _jump(first, second, how.window),
        "share_of_epochs": lambda first, second, _: len(second) / len(first),
        "epochs_to_final": _to_final,
    }
)
"""Of the last two phases of a chain."""

COMPARED: Mapping[Curve, Callable[[Sequence[Phase], Sequence[Phase]], float]] = MappingProxyType(
    {
        "epochs_to_target": _to_target,
        "final_train_loss": lambda left, right: left[-1][-1].loss - right[-1][-1].loss,
    }
)
"""Of two chains, left - right."""

UNITS: Mapping[Curve, str] = MappingProxyType(
    {
        "jump_first_epoch": "points",
        "jump_within_window": "points",
        "share_of_epochs": "of the first phase's epochs",
        "epochs_to_final": "times the first phase's epochs",
        "epochs_to_target": "epochs",
        "final_train_loss": "nats",
    }
)
